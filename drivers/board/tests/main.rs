//! All tests that need no process of their own, in one program: each file is linked once, not each a program.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod bus_threads;
mod claims;
mod fake;
mod linux_devices;
mod linux_serial;
mod mixed;
mod signals;
