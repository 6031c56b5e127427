//! A motor controller on a serial port.

use crate::backend::{Clock, Serial};
use crate::controller_link::{ControllerLink, Shared};
use crate::drive::Drive;
use crate::motor_line::MotorLine;
use crate::motor_protocol::MotorProtocol;
use crate::motor_wiring::MotorWiring;
use crate::{BoardError, Duty, MotionSafety, Resource, SafeAction, SerialSettings};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The port of a controller.
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
    pub(crate) line: Shared<MotorLine>,
    /// The port as a guardian holds it.
    #[cfg(target_os = "linux")]
    pub(crate) file: Shared<std::os::fd::OwnedFd>,
}

impl ControllerPort {
    fn line(
        &self,
        open: impl FnOnce() -> Result<Box<dyn crate::backend::MotorPort>, BoardError>,
    ) -> Result<Arc<MotorLine>, BoardError> {
        self.line.get(|| {
            let (protocol, clock) = (Arc::clone(&self.protocol), Arc::clone(&self.clock));
            let byte = self.settings.byte_time();
            Ok(MotorLine::new(open()?, protocol, byte, clock))
        })
    }
}

impl ControllerLink for ControllerPort {
    fn motors(&self) -> usize {
        self.protocol.motors()
    }

    /// How it stops is its own setting.
    fn refuses(&self, safety: &MotionSafety) -> Option<String> {
        let mut other = [SafeAction::Coast, SafeAction::Ramp].into_iter();
        let action = other.find(|action| safety.ever(*action))?;
        Some(format!(
            "it stops a motor as it is set up to, and cannot be told to {action}: leave `{action}` away"
        ))
    }

    fn resource(&self, motor: usize) -> Resource {
        Resource::Motor {
            port: self.name.clone(),
            motor,
        }
    }

    fn wiring(&self, motor: usize) -> MotorWiring {
        MotorWiring::Controller {
            device: self.device.clone(),
            settings: self.settings,
            protocol: format!("{:?}", self.protocol),
            motor,
        }
    }

    fn simulated(&self, part: &str, motor: usize) -> Result<Box<dyn Drive>, BoardError> {
        let line = self.line(|| self.serial.motor_port(&self.device, self.settings))?;
        Ok(PortMotor::boxed(part, line, motor))
    }

    #[cfg(target_os = "linux")]
    fn over(
        &self,
        part: &str,
        motor: usize,
        file: std::os::fd::OwnedFd,
    ) -> Result<Box<dyn Drive>, BoardError> {
        let line = self.line(|| Ok(Box::new(crate::linux::PortFile::new(file))))?;
        Ok(PortMotor::boxed(part, line, motor))
    }

    #[cfg(target_os = "linux")]
    fn hold(&self, motor: usize) -> Result<crate::MotionWires, BoardError> {
        let duplicate = |file: &std::os::fd::OwnedFd| {
            crate::controller_link::duplicate(file, || format!("serial port {}", self.device))
        };
        let file = self
            .file
            .get(|| self.serial.wire(&self.device, self.settings))?;
        let own = duplicate(&file)?;
        let line = self.line(|| Ok(Box::new(crate::linux::PortFile::new(own))))?;
        let held = HeldPortMotor { line, motor };
        Ok(crate::MotionWires::controller(held, duplicate(&file)?))
    }
}

/// A motor of a controller, driven.
#[derive(Debug)]
struct PortMotor {
    /// For errors.
    what: String,
    line: Arc<MotorLine>,
    motor: usize,
}

impl PortMotor {
    fn boxed(part: &str, line: Arc<MotorLine>, motor: usize) -> Box<dyn Drive> {
        let what = part.to_owned();
        Box::new(Self { what, line, motor })
    }

    fn lost(&self, error: &io::Error) -> BoardError {
        BoardError::Lost {
            what: self.what.clone(),
            why: error.to_string(),
        }
    }
}

impl Drive for PortMotor {
    fn is_free(&self) -> bool {
        self.line.is_free()
    }

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

/// The same in a guardian's hands.
#[cfg(target_os = "linux")]
#[derive(Debug)]
struct HeldPortMotor {
    line: Arc<MotorLine>,
    motor: usize,
}

#[cfg(target_os = "linux")]
impl crate::motion_wires::HeldMotor for HeldPortMotor {
    fn rest(&self, _: SafeAction) -> io::Result<()> {
        self.line.rest(self.motor)
    }

    /// Never asked for: no such motor ramps.
    fn drive(&self, _: Duty) -> io::Result<()> {
        self.line.rest(self.motor)
    }

    fn hold(&self, _: SafeAction) -> io::Result<()> {
        self.line.hold()
    }

    fn may_wait(&self) -> bool {
        false
    }
}
