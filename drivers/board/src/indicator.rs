//! A plain output: an LED, a buzzer, a trigger. It needs no arming and no lease.

use crate::backend::{Gpio, OutputLine};
use crate::claim::Claim;
use crate::{BoardError, Level, Pin};
use embedded_hal::digital::{ErrorType, OutputPin};
use std::sync::Arc;

/// The right to drive a pin as an indicator.
#[derive(Clone, Debug)]
pub struct IndicatorClaim {
    pub(crate) claim: Claim,
    pub(crate) gpio: Arc<dyn Gpio>,
    pub(crate) pin: Pin,
    pub(crate) safe: Level,
    pub(crate) collecting: bool,
}

impl IndicatorClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// Opens the pin at its safe level.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the backend cannot.
    pub fn open(&self) -> Result<Indicator, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        Ok(Indicator {
            line: self.gpio.output(self.pin, self.safe)?,
            safe: self.safe,
        })
    }
}

/// An open plain output. Dropping it writes its safe level.
#[derive(Debug)]
pub struct Indicator {
    line: Box<dyn OutputLine>,
    safe: Level,
}

impl Indicator {
    /// Drives the pin to `level`.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    pub fn set(&mut self, level: Level) -> Result<(), BoardError> {
        self.line.set(level)
    }
}

impl Drop for Indicator {
    fn drop(&mut self) {
        // A line that is lost cannot be made safe, and nobody is left here who could be told.
        let _ = self.line.set(self.safe);
    }
}

impl ErrorType for Indicator {
    type Error = BoardError;
}

impl OutputPin for Indicator {
    fn set_low(&mut self) -> Result<(), BoardError> {
        self.set(Level::Low)
    }

    fn set_high(&mut self) -> Result<(), BoardError> {
        self.set(Level::High)
    }
}
