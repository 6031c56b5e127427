//! The control socket: a running robot answers `status`, `arm`, `disarm`, `estop` and `reset`.
//!
//! It is a Unix socket that only its owner can open; a request and its answer are one line of JSON each, see
//! [`protocol`]. The server has a thread of its own and the e-stop touches only atomics and outputs, so that
//! a robot whose runtime hangs can still be stopped.

#[cfg(unix)]
pub mod client;
#[cfg(unix)]
mod connections;
#[cfg(unix)]
pub mod path;
pub mod protocol;
#[cfg(unix)]
pub mod server;

use protocol::StatusReport;

/// What the control socket may do with a running robot. Called from threads of the server.
pub trait Controls: Send + Sync + 'static {
    /// How the robot is.
    fn status(&self) -> StatusReport;
    /// Arms, or says everything that speaks against it.
    ///
    /// # Errors
    ///
    /// The reasons for the refusal, each with what to do about it.
    fn arm(&self) -> Result<(), Vec<String>>;
    /// Disarms: all motion outputs take their safe action before this returns.
    fn disarm(&self);
    /// Latches the e-stop: all motion outputs take their safe action before this returns. Must not wait for
    /// the runtime.
    fn estop(&self);
    /// Releases the e-stop; the robot stays disarmed.
    fn reset(&self);
}
