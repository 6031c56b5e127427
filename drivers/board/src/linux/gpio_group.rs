//! Several GPIO lines that are read by one call.

use super::gpio::failed;
use crate::backend::InputLines;
use crate::{BoardError, Level, Pin};
use gpiocdev::Request;
use gpiocdev::line::{Offset, Value, Values};

/// Open inputs that are read by one call.
#[derive(Debug)]
pub(super) struct Group {
    pin: Pin,
    offsets: Vec<Offset>,
    values: Values,
    request: Request,
}

impl Group {
    /// The lines of a request, in the order of these offsets; errors name the first pin.
    pub(super) fn new(pin: Pin, offsets: Vec<Offset>, request: Request) -> Self {
        let values = Values::from_offsets(&offsets);
        Self {
            pin,
            offsets,
            values,
            request,
        }
    }
}

impl InputLines for Group {
    fn levels(&mut self, into: &mut [Level]) -> Result<(), BoardError> {
        let read = self.request.values(&mut self.values);
        read.map_err(|error| failed("read", self.pin, None, error))?;
        for (level, offset) in into.iter_mut().zip(&self.offsets) {
            *level = Level::from(self.values.get(*offset) == Some(Value::Active));
        }
        Ok(())
    }
}

/// No line at all.
#[derive(Debug)]
pub(super) struct Nothing;

impl InputLines for Nothing {
    fn levels(&mut self, _: &mut [Level]) -> Result<(), BoardError> {
        Ok(())
    }
}
