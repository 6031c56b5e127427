//! Where actors run: what makes a thread punctual.

mod alarm;
#[cfg(target_os = "linux")]
mod kernel;
mod realtime;

pub(crate) use alarm::Alarm;
pub use realtime::{Denied, Realtime, RealtimeDenied};
