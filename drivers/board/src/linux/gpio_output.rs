//! A GPIO line that is driven.

use super::gpio::{failed, value};
use crate::backend::OutputLine;
use crate::{BoardError, Level, Pin};
use gpiocdev::Request;
use gpiocdev::line::Offset;

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
