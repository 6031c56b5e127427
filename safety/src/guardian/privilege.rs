//! What the guardian asks of the system before it watches: that nothing keeps it from its turn.

use super::PRIORITY;
use rustix::mm::{MlockAllFlags, mlockall};
use sinew_board::GuardianState;
use std::io;

/// Asks for everything, and says what was given. What is denied is no error here: arming says so.
pub(super) fn ask(before: GuardianState) -> GuardianState {
    GuardianState {
        is_spared: std::fs::write("/proc/self/oom_score_adj", "-1000").is_ok(),
        is_locked: mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE).is_ok(),
        runs_first: run_first(PRIORITY).is_ok(),
        ..before
    }
}

/// Has the calling thread scheduled first in, first out, before all of lower priority.
#[allow(unsafe_code, reason = "rustix has no sched_setscheduler")]
pub(super) fn run_first(priority: u8) -> io::Result<()> {
    let policy = libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK;
    // SAFETY: the structure is made of numbers; zeros are valid (musl's has more fields than glibc's).
    let mut wanted: libc::sched_param = unsafe { std::mem::zeroed() };
    wanted.sched_priority = priority.into();
    // SAFETY: the kernel reads one `sched_param` behind the pointer, which outlives the call, and keeps nothing. Through
    // `syscall`, because musl's function of this name only says that it has none.
    let done = unsafe { libc::syscall(libc::SYS_sched_setscheduler, 0, policy, &raw const wanted) };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
