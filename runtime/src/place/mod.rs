//! Where actors run: what makes a thread punctual.

#[cfg(target_os = "linux")]
mod kernel;
mod realtime;

pub use realtime::{Denied, Realtime, RealtimeDenied};
