//! A motion output in the hands of a guardian: open files, and how they are made safe.

use crate::{BridgeWires, Duty, SafeAction};
use std::fmt::Debug;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// An open motion output.
#[derive(Debug)]
#[non_exhaustive]
pub enum MotionWires {
    /// The lines of an H-bridge.
    Bridge(BridgeWires),
    /// A motor of a controller.
    Controller(ControllerWires),
}

/// A motor of a controller, by the port or bus that all its motors share.
#[derive(Debug)]
pub struct ControllerWires {
    motor: Box<dyn HeldMotor>,
    file: OwnedFd,
}

/// A motor of a controller as a guardian has it; nothing here allocates.
pub(crate) trait HeldMotor: Debug + Send + Sync {
    fn rest(&self, action: SafeAction) -> io::Result<()>;
    fn drive(&self, duty: Duty) -> io::Result<()>;
    fn hold(&self, action: SafeAction) -> io::Result<()>;
    fn may_wait(&self) -> bool;
}

/// What a robot gets of an output from its guardian.
#[derive(Debug)]
#[non_exhaustive]
pub enum GivenWires {
    /// The lines of an H-bridge.
    Bridge(BridgeWires),
    /// The port or bus of a controller.
    Controller(OwnedFd),
}

impl GivenWires {
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Bridge(wires) => Self::Bridge(wires.try_clone()?),
            Self::Controller(file) => Self::Controller(file.try_clone()?),
        })
    }
}

impl MotionWires {
    pub(crate) fn controller(motor: impl HeldMotor + 'static, file: OwnedFd) -> Self {
        let motor = Box::new(motor);
        Self::Controller(ControllerWires { motor, file })
    }

    /// Whether a write may wait, for the 20 ms after which a bus with motors gives up; none of the others waits for anybody.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        match self {
            Self::Bridge(_) => false,
            Self::Controller(wires) => wires.motor.may_wait(),
        }
    }

    /// Carries out a safe action, whatever the output is believed to do. Allocates nothing.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn rest(&self, action: SafeAction) -> io::Result<()> {
        match self {
            Self::Bridge(wires) => wires.rest(action),
            Self::Controller(wires) => wires.motor.rest(action),
        }
    }

    /// Goes on driving the motor in the direction in which it is driven already; a motor of a controller on a serial port, which
    /// never ramps, is stopped.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn drive(&self, duty: Duty) -> io::Result<()> {
        match self {
            Self::Bridge(wires) => wires.drive(duty),
            Self::Controller(wires) => wires.motor.drive(duty),
        }
    }

    /// Writes again what a safe action came to: overwrites whatever came since.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn hold(&self, action: SafeAction) -> io::Result<()> {
        match self {
            Self::Bridge(wires) => wires.hold(action),
            Self::Controller(wires) => wires.motor.hold(action),
        }
    }

    /// The files that another process needs: three of a bridge in the order of its fields, one of a controller's motor.
    pub fn files(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let (bridge, port) = match self {
            Self::Bridge(wires) => (Some(wires.files()), None),
            Self::Controller(wires) => (None, Some(wires.file.as_fd())),
        };
        bridge.into_iter().flatten().chain(port)
    }
}
