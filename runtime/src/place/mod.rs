//! Where actors run: on a thread of their own, punctual or not, under a watchdog's eyes, or in a process of their own.

mod alarm;
mod crew;
#[cfg(target_os = "linux")]
mod kernel;
pub(crate) mod process;
mod realtime;
mod thread;
mod watchdog;

pub(crate) use alarm::Alarm;
pub(crate) use crew::{Common, Crew, Recruit};
pub use process::OwnProcess;
pub use realtime::{Denied, Realtime, RealtimeDenied};
pub use thread::Thread;
pub(crate) use watchdog::{HOLD_LIMIT, Holder, Watchdog};
