//! The control socket: a running robot answers `status`, `arm`, `disarm`, `estop`, `reset`, `explain`,
//! `last-stop`, `parameters` and `set`.
//!
//! It is a Unix socket that only its owner can open; a request and its answer are one line of JSON each, see
//! [`protocol`]. The server has a thread of its own and the e-stop touches only atomics and outputs, so that
//! a robot whose runtime hangs can still be stopped.

#[cfg(unix)]
pub mod client;
#[cfg(unix)]
mod commander;
#[cfg(unix)]
mod connections;
#[cfg(unix)]
pub mod path;
pub mod protocol;
mod reports;
#[cfg(unix)]
pub mod server;

use protocol::{ExplainReport, LastStopReport, ParameterReport, StatusReport};

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
    ///
    /// # Errors
    ///
    /// Why it stays latched, and what to do about it.
    fn reset(&self) -> Result<(), String>;
    /// Drives by hand until the lease of the command ends, in place of the pilot.
    ///
    /// # Errors
    ///
    /// Why the robot does not take it, and what to do about it.
    fn drive(&self, x: f64, yaw: f64) -> Result<(), String>;
    /// Gives the robot back to its pilot.
    ///
    /// # Errors
    ///
    /// Why the robot does not take it, and what to do about it.
    fn hand_back(&self) -> Result<(), String>;
    /// Why a motion output has its value.
    ///
    /// # Errors
    ///
    /// That none is called so, and which there are.
    fn explain(&self, output: Option<&str>) -> Result<ExplainReport, String>;
    /// What the guardian did last, if it ever acted.
    ///
    /// # Errors
    ///
    /// Why that cannot be read.
    fn last_stop(&self) -> Result<Option<LastStopReport>, String>;
    /// What may be changed while the robot runs.
    fn parameters(&self) -> Vec<ParameterReport>;
    /// Changes a parameter; with `save` it is kept for the next start as well, and the file named.
    ///
    /// # Errors
    ///
    /// Why it was not changed, or changed and not kept, and what to do about it.
    fn set_parameter(&self, name: &str, value: f64, save: bool) -> Result<Option<String>, String>;
}
