//! What a motion output drives: the lines of a bridge, or a motor of a controller.

use crate::{BoardError, Duty, SafeAction};
use std::fmt::Debug;
use std::time::Duration;

/// One motor as it is wired.
pub(crate) trait Drive: Debug + Send {
    /// Whether a command before this one is still on its way, so that none may follow it yet.
    fn is_busy(&mut self) -> bool {
        false
    }

    /// Whether nobody is writing what it shares with other motors now.
    fn is_free(&self) -> bool {
        true
    }

    /// Drives the motor; zero lets it go. Asks `may_move` immediately before each write and stops in between with `false` when it
    /// may not: the caller must then make the motor safe.
    fn drive(&mut self, duty: Duty, may_move: &dyn Fn() -> bool) -> Result<bool, BoardError>;

    /// Carries out an action that its owner asks for.
    fn stop(&mut self, action: SafeAction) -> Result<(), BoardError> {
        self.rest(action)
    }

    /// Carries out a safe action, whatever the motor is believed to do and whatever is on its way.
    fn rest(&mut self, action: SafeAction) -> Result<(), BoardError>;

    /// What has to be done before each arming: `longest` is the longest lease.
    fn prepare(&mut self, longest: Duration) -> Result<(), BoardError> {
        let _ = longest;
        Ok(())
    }
}
