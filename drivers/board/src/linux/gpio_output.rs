//! A GPIO line that is driven.

use super::gpio::{failed, value};
use crate::backend::{OpenDrainLine, OutputLine};
use crate::{BoardError, Level, Pin};
use gpiocdev::Request;
use gpiocdev::line::{Offset, Value};

/// An open output.
#[derive(Debug)]
pub(super) struct Output {
    pin: Pin,
    offset: Offset,
    request: Request,
}

impl Output {
    /// The line of a request.
    pub(super) fn new(pin: Pin, offset: Offset, request: Request) -> Self {
        Self {
            pin,
            offset,
            request,
        }
    }
}

impl OutputLine for Output {
    fn set(&mut self, level: Level) -> Result<(), BoardError> {
        self.request
            .set_value(self.offset, value(level))
            .map_err(|error| failed("drive", self.pin, None, error))
    }
}

/// An open-drain line: the kernel lets go of it where the chip cannot, by making it an input.
#[derive(Debug)]
pub(super) struct OpenDrain(pub(super) Output);

impl OpenDrainLine for OpenDrain {
    fn set(&mut self, level: Level) -> Result<(), BoardError> {
        self.0.set(level)
    }

    fn level(&mut self) -> Result<Level, BoardError> {
        let level = self.0.request.value(self.0.offset);
        level
            .map(|value| Level::from(value == Value::Active))
            .map_err(|error| failed("read", self.0.pin, None, error))
    }
}
