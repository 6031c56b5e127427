//! The thread on which a system lives: it made the system, and it alone can run it.

use super::CannotWait;
use std::sync::OnceLock;
use std::thread::{self, ThreadId};

/// The home of one system.
#[derive(Debug, Default)]
pub(crate) struct Home(OnceLock<Place>);

#[derive(Clone, Copy, Debug)]
struct Place {
    thread: ThreadId,
    simulated: bool,
}

impl Home {
    /// Says that the system lives on this thread.
    pub(crate) fn is_here(&self, simulated: bool) {
        let thread = thread::current().id();
        // A graph runs once, so this is the first time.
        let _ = self.0.set(Place { thread, simulated });
    }

    /// Refuses to wait for one of its actors on the only thread that could let it go on.
    pub(crate) fn may_be_waited_for(&self, node: &str) -> Result<(), CannotWait> {
        let here = thread::current().id();
        let node = || node.to_owned();
        match self.0.get() {
            Some(home) if home.thread != here => Ok(()),
            Some(home) if home.simulated => Err(CannotWait::SimulatedHere { node: node() }),
            Some(_) => Err(CannotWait::RunHere { node: node() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_thread_on_which_a_system_lives_may_not_wait_for_it() {
        let home = Home::default();
        assert_eq!(home.may_be_waited_for("node"), Ok(()), "it lives nowhere");
        home.is_here(false);
        let node = "node".to_owned();
        assert_eq!(
            home.may_be_waited_for("node"),
            Err(CannotWait::RunHere { node })
        );
        let elsewhere = thread::scope(|scope| {
            let asked = scope.spawn(|| home.may_be_waited_for("node"));
            asked.join().expect("it only reads")
        });
        assert_eq!(elsewhere, Ok(()));
    }
}
