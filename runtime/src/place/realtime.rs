//! A thread that runs before all others: its settings, and why it may not become one.

use std::fmt;
use std::io;

/// What a thread needs in order to be punctual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Realtime {
    /// Its `SCHED_FIFO` priority, 1 to 99. The kernel's interrupt threads stand at 50: above them a thread that never
    /// sleeps keeps its CPU's devices waiting, below them they delay it.
    pub priority: u8,
    /// The one CPU that it runs on, counted from 0; `None`: any. Best one that `isolcpus=` keeps others from.
    pub cpu: Option<usize>,
}

impl Realtime {
    /// Makes the calling thread a real-time one: pinned to its CPU, under `SCHED_FIFO`, with the memory of the whole
    /// process locked, now and in future. What it starts (threads, processes) is ordinary again.
    ///
    /// Locked memory is resident memory: each thread then takes its whole stack at once, two megabytes if nothing is
    /// said.
    ///
    /// # Errors
    ///
    /// [`RealtimeDenied`] names each step that was denied, with its remedy; the others were carried out, and the
    /// thread is usable either way.
    pub fn enter(&self) -> Result<(), RealtimeDenied> {
        self.enter_besides(Ok(()))
    }

    /// As [`enter`](Self::enter), for a thread whose scheduler got a precise alarm, or was denied one.
    pub(crate) fn enter_besides(&self, alarm: io::Result<()>) -> Result<(), RealtimeDenied> {
        let alarm = alarm.map_err(|source| Denied::Alarm { source });
        let steps = [alarm].into_iter().chain(self.steps());
        let denied: Vec<_> = steps.filter_map(Result::err).collect();
        if denied.is_empty() {
            Ok(())
        } else {
            Err(RealtimeDenied(denied))
        }
    }

    /// All steps, each carried out whatever became of the others. The priority is the last: what goes before may
    /// take long.
    #[cfg(target_os = "linux")]
    fn steps(&self) -> [Result<(), Denied>; 3] {
        [self.pin(), lock_memory(), self.rise()]
    }

    /// Only Linux has these threads.
    #[cfg(not(target_os = "linux"))]
    fn steps(&self) -> [Result<(), Denied>; 1] {
        [Err(Denied::Unsupported)]
    }

    #[cfg(target_os = "linux")]
    fn pin(&self) -> Result<(), Denied> {
        let Some(cpu) = self.cpu else { return Ok(()) };
        super::kernel::pin_to(cpu).map_err(|source| Denied::Cpu {
            cpu,
            allowed: super::kernel::cpus(),
            source,
        })
    }

    #[cfg(target_os = "linux")]
    fn rise(&self) -> Result<(), Denied> {
        let priority = self.priority;
        if !(1..=99).contains(&priority) {
            return Err(Denied::NoPriority { priority });
        }
        super::kernel::run_first(priority).map_err(|source| Denied::Priority { priority, source })
    }
}

#[cfg(target_os = "linux")]
fn lock_memory() -> Result<(), Denied> {
    super::kernel::lock_memory().map_err(|source| Denied::Memory { source })
}

/// Why a thread is less punctual than was asked for: all that was denied, in one text.
#[derive(Debug)]
pub struct RealtimeDenied(Vec<Denied>);

impl RealtimeDenied {
    /// Each step that was denied.
    #[must_use]
    pub fn steps(&self) -> &[Denied] {
        &self.0
    }
}

impl fmt::Display for RealtimeDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this thread is less punctual than was asked for")?;
        for (place, step) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { ": " } else { "; " })?;
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl std::error::Error for RealtimeDenied {}

/// One step towards a real-time thread that was denied. Its text has the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// The thread runs on other CPUs as well.
    #[error(
        "it is not pinned to CPU {cpu} ({source}): it may run on {allowed}; name one of these, or widen \
         `AllowedCPUs=` of its systemd unit"
    )]
    Cpu {
        /// The CPU that was asked for.
        cpu: usize,
        /// The CPUs that it may run on, such as `0, 1`.
        allowed: String,
        /// What the kernel says.
        source: io::Error,
    },
    /// Memory may be paged out, and is first touched when it is used.
    #[error(
        "memory is not locked ({source}): set `LimitMEMLOCK=infinity` in its systemd unit, or `memlock unlimited` \
         for its user in /etc/security/limits.d; a finite limit is not enough, for an allocation that meets it fails"
    )]
    Memory {
        /// What the kernel says.
        source: io::Error,
    },
    /// The thread is scheduled as any other.
    #[error(
        "it is not scheduled first ({source}): set `LimitRTPRIO={priority}` in its systemd unit, or `rtprio \
         {priority}` for its user in /etc/security/limits.d, or give the program CAP_SYS_NICE; if it has that, its \
         control group has no real-time budget (`cpu.rt_runtime_us`)"
    )]
    Priority {
        /// The priority that was asked for.
        priority: u8,
        /// What the kernel says.
        source: io::Error,
    },
    /// Its timers are good to milliseconds only.
    #[error(
        "its timers round up to milliseconds ({source}): raise `LimitNOFILE=` of its systemd unit"
    )]
    Alarm {
        /// What the kernel says.
        source: io::Error,
    },
    /// There is no such priority.
    #[error("{priority} is no real-time priority: choose 1 to 99")]
    NoPriority {
        /// The priority that was asked for.
        priority: u8,
    },
    /// Not on this operating system.
    #[error(
        "real-time threads exist on Linux only: here it is scheduled as any other, fit for trying out and no more"
    )]
    Unsupported,
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_os = "linux")]
    use crate::place::kernel;
    #[cfg(target_os = "linux")]
    use std::thread;

    /// What the kernel says of memory that may never be paged out, in kilobytes.
    #[cfg(target_os = "linux")]
    fn locked_kilobytes() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmLck:"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.unwrap().parse().unwrap()
    }

    /// Lets only a thread with the right try, and says so where it has not.
    #[cfg(target_os = "linux")]
    fn on_a_thread(wanted: Realtime) -> Result<(String, i32, u8), RealtimeDenied> {
        let thread = thread::spawn(move || {
            wanted.enter()?;
            let (policy, priority) = kernel::policy().expect("a thread knows its policy");
            Ok((kernel::cpus(), policy, priority))
        });
        thread.join().unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_thread_that_is_permitted_is_first_pinned_and_locked() {
        let wanted = Realtime {
            priority: 7,
            cpu: Some(0),
        };
        match on_a_thread(wanted) {
            Ok((cpus, policy, priority)) => {
                assert_eq!((cpus.as_str(), priority), ("0", 7));
                assert_eq!(policy, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK);
                assert!(locked_kilobytes() > 1_000, "the program itself is larger");
            }
            Err(denied) => assert!(!rustix::process::geteuid().is_root(), "{denied}"),
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_real_time_thread_starts_is_ordinary() {
        let wanted = Realtime {
            priority: 7,
            cpu: None,
        };
        let policy = thread::spawn(move || {
            let entered = wanted.enter().is_ok();
            let child = thread::spawn(|| kernel::policy().unwrap());
            (entered, child.join().unwrap())
        });
        let (_, started) = policy.join().unwrap();
        assert_eq!(started, (libc::SCHED_OTHER, 0));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_pinned_thread_does_unpinned_may_run_where_it_could_before() {
        let cpus = thread::spawn(|| {
            let before = kernel::cpus();
            kernel::pin_to(0).expect("there is a first CPU");
            [before, kernel::unpinned(kernel::cpus), kernel::cpus()]
        });
        let [before, unpinned, after] = cpus.join().unwrap();
        assert_eq!((unpinned, after.as_str()), (before, "0"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn all_that_is_denied_is_told_at_once_and_the_rest_is_done() {
        let wanted = Realtime {
            priority: 100,
            cpu: Some(1_000_000),
        };
        let denied = on_a_thread(wanted).expect_err("neither exists");
        let text = denied.to_string();
        assert!(
            text.starts_with("this thread is less punctual than was asked for: it is not pinned"),
            "{text}"
        );
        assert!(
            text.contains("; 100 is no real-time priority: choose 1 to 99"),
            "{text}"
        );
        let root = rustix::process::geteuid().is_root();
        assert_eq!(denied.steps().len(), if root { 2 } else { 3 }, "{text}");
    }

    #[test]
    fn each_denial_says_its_remedy() {
        let source = || io::Error::from(io::ErrorKind::PermissionDenied);
        let denied = RealtimeDenied(vec![
            Denied::Cpu {
                cpu: 7,
                allowed: "0, 1".into(),
                source: source(),
            },
            Denied::Memory { source: source() },
            Denied::Priority {
                priority: 80,
                source: source(),
            },
            Denied::Alarm { source: source() },
            Denied::Unsupported,
        ]);
        let text = denied.to_string();
        for part in [
            "CPU 7 (permission denied): it may run on 0, 1",
            "`AllowedCPUs=`",
            "`LimitMEMLOCK=infinity`",
            "`memlock unlimited`",
            "`LimitRTPRIO=80`",
            "`rtprio 80`",
            "CAP_SYS_NICE",
            "`LimitNOFILE=`",
            "Linux only",
        ] {
            assert!(text.contains(part), "{part} is missing in: {text}");
        }
        assert_eq!(text.matches("less punctual").count(), 1, "{text}");
    }
}
