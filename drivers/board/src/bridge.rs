//! One motor, driven both ways by an H-bridge: on lines of the board, or within a controller on a serial port.

use crate::claim::Claim;
use crate::motion::MotionOutput;
use crate::{
    Backends, BoardError, Duty, MotionSafety, MotorWiring, Pin, PwmChannel, SafeAction, Safety,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The lines of an H-bridge such as a TB6612FNG channel or one half of an L298N.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BridgePins {
    /// How hard: the PWM or enable input.
    pub pwm: PwmChannel,
    /// High while it drives forward.
    pub forward: Pin,
    /// High while it drives backward.
    pub backward: Pin,
}

/// A motion output as data: what its guardian holds, and what it does with it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BridgePlan {
    /// The part, such as `left H-bridge`.
    pub part: String,
    /// Where it is wired.
    pub wiring: MotorWiring,
    /// How long a command may stand, and the safe action for each cause.
    pub safety: MotionSafety,
    /// Whether it is not simulated, so that it moves something and has to be guarded.
    pub is_real: bool,
}

/// The right to drive an H-bridge.
#[derive(Clone, Debug)]
pub struct BridgeClaim {
    pub(crate) claim: Claim,
    pub(crate) output: Arc<MotionOutput>,
    pub(crate) safety: Safety,
    pub(crate) backends: Backends,
    pub(crate) collecting: bool,
}

impl BridgeClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// The part, such as `left H-bridge`.
    #[must_use]
    pub fn part(&self) -> String {
        self.claim.info().part
    }

    /// What a guardian has to know of it.
    #[must_use]
    pub fn plan(&self) -> BridgePlan {
        BridgePlan {
            part: self.part(),
            wiring: self.output.wired().plan(),
            safety: self.output.safety(),
            is_real: !self.backends.simulated,
        }
    }

    /// Opens a real bridge for a guardian, at rest as after a death; `None` of a simulated one.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if a line cannot be had, or cannot be handed to another process.
    #[cfg(target_os = "linux")]
    pub fn hold(&self) -> Result<Option<crate::MotionWires>, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        if self.backends.simulated {
            return Ok(None);
        }
        let wires = self.output.wired().hold(&self.backends)?;
        let action = self.output.safety().on(crate::Cause::Death);
        wires.rest(action).map_err(|source| BoardError::System {
            doing: "make safe",
            what: self.part(),
            remedy: "dmesg may say more".to_owned(),
            source,
        })?;
        Ok(Some(wires))
    }

    /// Opens the bridge, at rest. **Opening it again disarms the board**: an owner that failed may not resume on
    /// its own.
    ///
    /// # Errors
    ///
    /// [`BoardError::NoGuardian`] if it is real and no guardian gave its lines; any failure of the backend.
    pub fn open(&self) -> Result<Bridge, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        if self.output.was_opened() {
            self.safety.disarm();
        }
        Ok(Bridge {
            opening: self.output.open(&self.backends)?,
            output: Arc::clone(&self.output),
            safety: self.safety.clone(),
        })
    }
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub enum Applied {
    /// It is carried out, with this duty.
    Driven(Duty),
    /// It is not; the output rests, or an older command stands until its lease ends.
    Refused(Refused),
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The board is not armed.
    Disarmed,
    /// The e-stop is latched.
    EStop,
    /// The command came after its own end.
    Expired,
    /// The command ends so soon that it may be older than the last disarm or e-stop: arming obeys no old command.
    BeforeTheStop,
    /// The command before this one is still on its way to the motor's controller; it stands until its lease ends.
    Busy,
}

/// An open H-bridge. Dropping it takes the safe action for [`Cause::Death`](crate::Cause::Death).
#[derive(Debug)]
pub struct Bridge {
    output: Arc<MotionOutput>,
    safety: Safety,
    opening: u64,
}

impl Bridge {
    /// Drives the motor until `valid_until`, which comes from the source of the command, or until the longest lease
    /// from now, whichever is earlier. Zero lets the motor go.
    ///
    /// A command from before the last disarm or e-stop is refused for as long as it stands: one that ends later than
    /// [`LONGEST_LEASE`](crate::LONGEST_LEASE) after it was certainly issued since.
    ///
    /// Arm state and e-stop are read immediately before each line is written. A reversal passes through letting go.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if a line was lost (the board is disarmed, and the bridge rests, or is made to again and again, until it is opened
    /// again), or if the bridge was opened again since.
    pub fn drive(&mut self, duty: Duty, valid_until: Timestamp) -> Result<Applied, BoardError> {
        let driven = self.output.drive(self.opening, duty, valid_until);
        self.disarm_if_lost(driven)
    }

    /// An output that is lost may do anything: the others must not go on.
    fn disarm_if_lost<T>(&self, done: Result<T, BoardError>) -> Result<T, BoardError> {
        if done.is_err() && self.safety.is_armed() && self.output.is_lost_by(self.opening) {
            self.safety.disarm();
        }
        done
    }

    /// Short-circuits the motor and ends the lease. One that rests already because the robot is disarmed or stopped, or is on its way to, does
    /// so as its declared action has it.
    ///
    /// # Errors
    ///
    /// As for [`Bridge::drive`].
    pub fn brake(&mut self) -> Result<(), BoardError> {
        self.disarm_if_lost(self.output.rest_now(self.opening, SafeAction::Brake))
    }

    /// Lets the motor go, as [`Bridge::brake`] short-circuits it.
    ///
    /// # Errors
    ///
    /// As for [`Bridge::drive`].
    pub fn coast(&mut self) -> Result<(), BoardError> {
        self.disarm_if_lost(self.output.rest_now(self.opening, SafeAction::Coast))
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.output.close(self.opening);
    }
}
