//! A motor controller that is a chip on an I2C bus.

use crate::backend::{Clock, I2c, MotorBus};
use crate::chip_line::{ChipLine, OwnBus};
use crate::controller_link::{ControllerLink, Shared};
use crate::drive::Drive;
use crate::motor_chip::MotorChip;
use crate::motor_wiring::MotorWiring;
use crate::{BoardError, BusError, Duty, Resource, SafeAction};
use std::sync::Arc;
use std::time::Duration;

/// The chip of a controller.
#[derive(Debug)]
pub(crate) struct ControllerChip {
    pub(crate) bus: u8,
    pub(crate) address: u8,
    pub(crate) i2c: Arc<dyn I2c>,
    pub(crate) chip: Arc<dyn MotorChip>,
    /// The clock of its leases.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) line: Shared<ChipLine>,
    /// The bus as a guardian holds it.
    #[cfg(target_os = "linux")]
    pub(crate) file: Shared<std::os::fd::OwnedFd>,
}

impl ControllerChip {
    /// The line over this bus, with the chip set up.
    fn line(&self, open: impl FnOnce() -> Box<dyn MotorBus>) -> Result<Arc<ChipLine>, BoardError> {
        self.line.get(|| {
            let (chip, clock) = (Arc::clone(&self.chip), Arc::clone(&self.clock));
            let line = ChipLine::new(open(), chip, clock);
            line.prepare()?;
            Ok(line)
        })
    }
}

impl ControllerLink for ControllerChip {
    fn motors(&self) -> usize {
        self.chip.motors()
    }

    fn may_wait(&self) -> bool {
        true
    }

    fn resource(&self, motor: usize) -> Resource {
        Resource::ChipMotor {
            bus: self.bus,
            address: self.address,
            motor,
        }
    }

    fn wiring(&self, motor: usize) -> MotorWiring {
        MotorWiring::Chip {
            bus: self.bus,
            address: self.address,
            chip: format!("{:?}", self.chip),
            motor,
        }
    }

    fn simulated(&self, part: &str, motor: usize) -> Result<Box<dyn Drive>, BoardError> {
        let line = self.line(|| {
            Box::new(OwnBus {
                i2c: Arc::clone(&self.i2c),
                bus: self.bus,
                address: self.address,
            })
        })?;
        Ok(ChipMotor::boxed(part, line, motor))
    }

    #[cfg(target_os = "linux")]
    fn over(
        &self,
        part: &str,
        motor: usize,
        file: std::os::fd::OwnedFd,
    ) -> Result<Box<dyn Drive>, BoardError> {
        let (bus, address) = (self.bus, self.address);
        let line = self.line(|| Box::new(crate::linux::BusFile::new(file, bus, address)))?;
        Ok(ChipMotor::boxed(part, line, motor))
    }

    #[cfg(target_os = "linux")]
    fn hold(&self, motor: usize) -> Result<crate::MotionWires, BoardError> {
        let (bus, address) = (self.bus, self.address);
        let duplicate = |file: &std::os::fd::OwnedFd| {
            crate::controller_link::duplicate(file, || format!("I2C{bus}"))
        };
        let file = self.file.get(|| self.i2c.wire(bus))?;
        let own = duplicate(&file)?;
        let line = self.line(|| Box::new(crate::linux::BusFile::new(own, bus, address)))?;
        let held = HeldChipMotor { line, motor };
        Ok(crate::MotionWires::controller(held, duplicate(&file)?))
    }
}

/// A motor of a controller, driven.
#[derive(Debug)]
struct ChipMotor {
    /// For errors.
    what: String,
    line: Arc<ChipLine>,
    motor: usize,
}

impl ChipMotor {
    fn boxed(part: &str, line: Arc<ChipLine>, motor: usize) -> Box<dyn Drive> {
        let what = part.to_owned();
        Box::new(Self { what, line, motor })
    }

    fn lost<T>(&self, done: Result<T, BusError>) -> Result<T, BoardError> {
        done.map_err(|error| BoardError::Lost {
            what: self.what.clone(),
            why: error.to_string(),
        })
    }
}

impl Drive for ChipMotor {
    fn is_free(&self) -> bool {
        self.line.is_free()
    }

    fn drive(&mut self, duty: Duty, may_move: &dyn Fn() -> bool) -> Result<bool, BoardError> {
        self.lost(self.line.drive(self.motor, duty, may_move))
    }

    fn rest(&mut self, action: SafeAction) -> Result<(), BoardError> {
        self.lost(self.line.rest(self.motor, action))
    }

    /// The chip has no time-out of its own; but its supply may have broken down since.
    fn prepare(&mut self, _: Duration) -> Result<(), BoardError> {
        self.lost(self.line.prepare())
    }
}

/// The same in a guardian's hands.
#[cfg(target_os = "linux")]
#[derive(Debug)]
struct HeldChipMotor {
    line: Arc<ChipLine>,
    motor: usize,
}

/// Without a word: a text would have to be allocated.
#[cfg(target_os = "linux")]
fn plain(done: Result<(), BusError>) -> std::io::Result<()> {
    done.map_err(|error| match error {
        BusError::TimedOut { .. } => std::io::ErrorKind::TimedOut.into(),
        BusError::NoAcknowledge { .. } => std::io::ErrorKind::NotConnected.into(),
        _ => std::io::ErrorKind::Other.into(),
    })
}

#[cfg(target_os = "linux")]
impl crate::motion_wires::HeldMotor for HeldChipMotor {
    fn rest(&self, action: SafeAction) -> std::io::Result<()> {
        plain(self.line.rest(self.motor, action))
    }

    fn drive(&self, duty: Duty) -> std::io::Result<()> {
        plain(self.line.drive(self.motor, duty, &|| true).map(drop))
    }

    fn hold(&self, action: SafeAction) -> std::io::Result<()> {
        plain(self.line.hold(self.motor, action))
    }

    fn may_wait(&self) -> bool {
        true
    }
}
