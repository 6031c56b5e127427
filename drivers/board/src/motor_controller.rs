//! A motor controller on a serial port, and its motors as motion outputs.

use crate::backend::{Clock, Serial};
use crate::claim::Claim;
use crate::drive::Drive;
use crate::motor_line::MotorLine;
use crate::motor_protocol::MotorProtocol;
use crate::sync::lock;
use crate::{
    Board, BoardError, BridgeClaim, ClaimError, Duty, MotionSafety, Resource, SafeAction,
    SerialSettings,
};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The right to a serial port with a motor controller on it, of which motors are claimed.
#[derive(Clone, Debug)]
pub struct MotorController {
    pub(crate) board: Board,
    pub(crate) claim: Claim,
    pub(crate) port: Arc<ControllerPort>,
}

impl MotorController {
    /// Claims a motor by the number that is printed on the controller, from 1; a motion output, as an H-bridge is one. How it stops
    /// is the controller's own setting: a safe action of `coast` cannot be promised, and is refused.
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
        let motors = self.port.protocol.motors();
        let refused = |why: String| {
            let part = part.to_owned();
            Err(ClaimError::NotOnController { part, why })
        };
        if !(1..=motors).contains(&motor) {
            return refused(format!("it has motors 1 to {motors}, not {motor}"));
        }
        let other = [SafeAction::Coast, SafeAction::Ramp];
        if let Some(action) = other.into_iter().find(|action| safety.ever(*action)) {
            return refused(format!(
                "it stops a motor as it is set up to, and cannot be told to {action}: leave `{action}` away"
            ));
        }
        self.board.controller_motor(part, &self.port, motor, safety)
    }

    /// Says which node the port belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }
}

/// The port of a controller; it outlives every opening of a motor.
#[derive(Debug)]
pub(crate) struct ControllerPort {
    /// What the robot calls it.
    pub(crate) name: String,
    pub(crate) device: String,
    pub(crate) settings: SerialSettings,
    pub(crate) serial: Arc<dyn Serial>,
    pub(crate) protocol: Arc<dyn MotorProtocol>,
    /// The clock of its leases.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) line: Mutex<Option<Arc<MotorLine>>>,
    /// The port as a guardian holds it.
    #[cfg(target_os = "linux")]
    pub(crate) file: Mutex<Option<std::os::fd::OwnedFd>>,
}

impl ControllerPort {
    pub(crate) fn resource(&self, motor: usize) -> Resource {
        Resource::Motor {
            port: self.name.clone(),
            motor,
        }
    }

    /// The simulated line, opened by the first of its motors.
    pub(crate) fn simulated(&self) -> Result<Arc<MotorLine>, BoardError> {
        self.shared(|| self.serial.motor_port(&self.device, self.settings))
    }

    /// A line over this open file, or over that of a motor before.
    #[cfg(target_os = "linux")]
    pub(crate) fn over(&self, file: std::os::fd::OwnedFd) -> Result<Arc<MotorLine>, BoardError> {
        self.shared(|| Ok(Box::new(crate::linux::PortFile::new(file))))
    }

    /// The line for a guardian, and its file.
    #[cfg(target_os = "linux")]
    pub(crate) fn hold(&self) -> Result<(Arc<MotorLine>, std::os::fd::OwnedFd), BoardError> {
        let system = |source| BoardError::System {
            doing: "hold",
            what: format!("serial port {}", self.device),
            remedy: "too many files may be open".to_owned(),
            source,
        };
        let mut held = lock(&self.file);
        let file = match held.take() {
            Some(file) => file,
            None => self.serial.wire(&self.device, self.settings)?,
        };
        let file = held.insert(file);
        let line = self.over(file.try_clone().map_err(system)?)?;
        Ok((line, file.try_clone().map_err(system)?))
    }

    fn shared(
        &self,
        open: impl FnOnce() -> Result<Box<dyn crate::backend::MotorPort>, BoardError>,
    ) -> Result<Arc<MotorLine>, BoardError> {
        let mut line = lock(&self.line);
        if let Some(line) = &*line {
            return Ok(Arc::clone(line));
        }
        let (protocol, clock) = (Arc::clone(&self.protocol), Arc::clone(&self.clock));
        let byte = self.settings.byte_time();
        let new = Arc::new(MotorLine::new(open()?, protocol, byte, clock));
        *line = Some(Arc::clone(&new));
        Ok(new)
    }
}

/// A motor of a controller, driven.
#[derive(Debug)]
pub(crate) struct ControllerMotor {
    /// For errors.
    pub(crate) what: String,
    pub(crate) line: Arc<MotorLine>,
    pub(crate) motor: usize,
}

impl ControllerMotor {
    fn lost(&self, error: &io::Error) -> BoardError {
        BoardError::Lost {
            what: self.what.clone(),
            why: error.to_string(),
        }
    }
}

impl Drive for ControllerMotor {
    fn is_busy(&mut self) -> bool {
        self.line.is_busy(self.motor)
    }

    fn drive(&mut self, duty: Duty, may_move: &dyn Fn() -> bool) -> Result<bool, BoardError> {
        let driven = self.line.drive(self.motor, duty, may_move);
        driven.map_err(|error| self.lost(&error))
    }

    fn stop(&mut self, _: SafeAction) -> Result<(), BoardError> {
        let stopped = self.line.stop(self.motor);
        stopped.map_err(|error| self.lost(&error))
    }

    fn rest(&mut self, _: SafeAction) -> Result<(), BoardError> {
        let rests = self.line.rest(self.motor);
        rests.map_err(|error| self.lost(&error))
    }

    fn prepare(&mut self, longest: Duration) -> Result<(), BoardError> {
        let what = self.what.clone();
        let prepared = self.line.prepare(longest);
        prepared.map_err(|why| BoardError::Lost { what, why })
    }
}
