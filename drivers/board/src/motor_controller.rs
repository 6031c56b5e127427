//! A motor controller, whose motors are motion outputs.

use crate::claim::Claim;
use crate::controller_link::ControllerLink;
use crate::{Board, BridgeClaim, ClaimError, MotionSafety};
use std::sync::Arc;

/// The right to a motor controller on a serial port or an I2C bus, of which motors are claimed.
#[derive(Clone, Debug)]
pub struct MotorController {
    pub(crate) board: Board,
    pub(crate) claim: Claim,
    pub(crate) link: Arc<dyn ControllerLink>,
}

impl MotorController {
    /// Claims a motor by the number that is printed on the controller, from 1; a motion output, as an H-bridge is one. Of a
    /// controller on a serial port it is its own setting how it stops: a safe action of `coast` or `ramp` cannot be promised, and is
    /// refused.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if the motor has one, or saying what the controller has not.
    pub fn motor(
        &self,
        part: &str,
        motor: usize,
        safety: MotionSafety,
    ) -> Result<BridgeClaim, ClaimError> {
        let motors = self.link.motors();
        let refused = |why: String| {
            let part = part.to_owned();
            Err(ClaimError::NotOnController { part, why })
        };
        if !(1..=motors).contains(&motor) {
            return refused(format!("it has motors 1 to {motors}, not {motor}"));
        }
        if let Some(why) = self.link.refuses(&safety) {
            return refused(why);
        }
        self.board.controller_motor(part, &self.link, motor, safety)
    }

    /// Says which node it belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }
}
