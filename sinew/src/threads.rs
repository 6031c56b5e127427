//! The threads of a robot's program beside the one that runs it: the control socket's and the signal watcher's.
//!
//! They are no actors on purpose: they must work while the runtime hangs.

use std::io;
use std::thread::JoinHandle;

/// Starts a named thread.
///
/// # Errors
///
/// If the operating system denies it.
pub(crate) fn start(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
}
