//! Where actors run: what makes a thread punctual.

mod alarm;
mod crew;
#[cfg(target_os = "linux")]
mod kernel;
mod realtime;
mod thread;
mod watchdog;

pub(crate) use alarm::Alarm;
pub(crate) use crew::{Common, Crew, Recruit};
pub use realtime::{Denied, Realtime, RealtimeDenied};
pub use thread::Thread;
pub(crate) use watchdog::{HOLD_LIMIT, Holder, Watchdog};
