//! The process group of a program, which ends with its owner.

use rustix::process::{Pid, Signal, kill_process_group};

/// A process group. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group that this process leads.
    pub(super) fn led_by(leader: Option<u32>) -> Self {
        let leader = leader.and_then(|id| i32::try_from(id).ok());
        Self(leader.and_then(Pid::from_raw))
    }

    /// Asks all of it to end.
    pub(super) fn ask_to_end(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends all of it.
    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Ends what its leader, which has exited, left behind. From now on its number may become another's.
    pub(super) fn kill_the_rest(&mut self) {
        self.kill();
        self.0 = None;
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.0 {
            // A group without members is one that has ended.
            let _ = kill_process_group(leader, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
