//! A motion output in the hands of a guardian: open files, and how they are made safe.

use crate::motor_line::MotorLine;
use crate::{BridgeWires, Duty, SafeAction};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// An open motion output.
#[derive(Debug)]
#[non_exhaustive]
pub enum MotionWires {
    /// The lines of an H-bridge.
    Bridge(BridgeWires),
    /// A motor of a controller on a serial port.
    Controller(ControllerWires),
}

/// A motor of a controller, by the port that all its motors share.
#[derive(Debug)]
pub struct ControllerWires {
    line: Arc<MotorLine>,
    file: OwnedFd,
    motor: usize,
}

/// What a robot gets of an output from its guardian.
#[derive(Debug)]
#[non_exhaustive]
pub enum GivenWires {
    /// The lines of an H-bridge.
    Bridge(BridgeWires),
    /// The port of a controller.
    Port(OwnedFd),
}

impl MotionWires {
    pub(crate) fn controller(line: Arc<MotorLine>, file: OwnedFd, motor: usize) -> Self {
        Self::Controller(ControllerWires { line, file, motor })
    }

    /// Carries out a safe action, whatever the output is believed to do. Allocates nothing and waits for nobody.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn rest(&self, action: SafeAction) -> io::Result<()> {
        match self {
            Self::Bridge(wires) => wires.rest(action),
            Self::Controller(wires) => wires.line.rest(wires.motor),
        }
    }

    /// Goes on driving the motor in the direction in which it is driven already; a motor of a controller, which ramps by itself,
    /// is stopped.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn drive(&self, duty: Duty) -> io::Result<()> {
        match self {
            Self::Bridge(wires) => wires.drive(duty),
            Self::Controller(wires) => wires.line.rest(wires.motor),
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
            Self::Controller(wires) => wires.line.hold(),
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
