//! Where actors run: what makes a thread punctual.

mod alarm;
#[cfg(target_os = "linux")]
mod kernel;
mod realtime;
#[allow(
    dead_code,
    reason = "the scheduler says whose turn it is once it has named threads"
)]
mod watchdog;

pub(crate) use alarm::Alarm;
pub use realtime::{Denied, Realtime, RealtimeDenied};
