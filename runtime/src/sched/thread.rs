//! Whether this thread runs a system just now: whoever blocks it then blocks all actors of that system.

use std::cell::Cell;

thread_local! {
    static RUNS: Cell<bool> = const { Cell::new(false) };
}

/// Whether a system runs on this thread just now, real or simulated.
pub(crate) fn on_runtime_thread() -> bool {
    // While a thread ends, its systems are gone.
    RUNS.try_with(Cell::get).unwrap_or(false)
}

/// As long as it lives, this thread runs a system.
#[derive(Debug)]
pub(crate) struct Running {
    before: bool,
}

impl Running {
    /// From here on this thread runs a system.
    pub(crate) fn begin() -> Self {
        Self {
            before: RUNS.replace(true),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNS.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_runs_a_system_until_the_outermost_run_ends_and_no_other_thread_does() {
        assert!(!on_runtime_thread());
        let outer = Running::begin();
        drop(Running::begin());
        assert!(on_runtime_thread());
        let elsewhere = std::thread::spawn(on_runtime_thread);
        assert!(!elsewhere.join().expect("it only reads"));
        drop(outer);
        assert!(!on_runtime_thread());
    }

    #[test]
    fn a_run_that_panics_is_over_as_well() {
        let run = crate::contain::contain(|| {
            let _running = Running::begin();
            panic!("in the middle");
        });
        assert_eq!(run, Err::<(), _>("in the middle".to_owned()));
        assert!(!on_runtime_thread());
    }
}
