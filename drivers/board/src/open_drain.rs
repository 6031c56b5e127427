//! A line that several may pull low and nobody drives high: one-wire sensors, a shared interrupt, a bus made of two pins.

use crate::backend::{Gpio, OpenDrainLine};
use crate::claim::Claim;
use crate::{Bias, BoardError, Level, Pin};
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use std::sync::Arc;

/// The right to use a pin as an open-drain line.
#[derive(Clone, Debug)]
pub struct OpenDrainClaim {
    pub(crate) claim: Claim,
    pub(crate) gpio: Arc<dyn Gpio>,
    pub(crate) pin: Pin,
    pub(crate) bias: Bias,
    pub(crate) collecting: bool,
}

impl OpenDrainClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// Opens the pin, released.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the backend cannot.
    pub fn open(&self) -> Result<OpenDrain, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        Ok(OpenDrain(self.gpio.open_drain(self.pin, self.bias)?))
    }
}

/// An open open-drain line: "low" pulls the wire down, "high" lets go of it, and reading shows what the wire came to. As an
/// embedded-hal pin it is output and input in one, which is what drivers of one-wire sensors ask for. Dropping it lets go.
#[derive(Debug)]
pub struct OpenDrain(Box<dyn OpenDrainLine>);

impl OpenDrain {
    /// Pulls the wire low, or lets go of it.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    pub fn set(&mut self, level: Level) -> Result<(), BoardError> {
        self.0.set(level)
    }

    /// The level of the wire: low while anybody pulls it.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    pub fn level(&mut self) -> Result<Level, BoardError> {
        self.0.level()
    }
}

impl Drop for OpenDrain {
    fn drop(&mut self) {
        // A line that is lost pulls nothing any more.
        let _ = self.0.set(Level::High);
    }
}

impl ErrorType for OpenDrain {
    type Error = BoardError;
}

impl OutputPin for OpenDrain {
    fn set_low(&mut self) -> Result<(), BoardError> {
        self.set(Level::Low)
    }

    fn set_high(&mut self) -> Result<(), BoardError> {
        self.set(Level::High)
    }
}

impl InputPin for OpenDrain {
    fn is_high(&mut self) -> Result<bool, BoardError> {
        self.level().map(Level::is_high)
    }

    fn is_low(&mut self) -> Result<bool, BoardError> {
        self.level().map(|level| !level.is_high())
    }
}
