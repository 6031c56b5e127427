//! Eight pins without a register.

use sinew_mock::{I2cChip, Moment, Unmodelled};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A PCF8574: what is written is driven, a one only weakly, and a read gives the levels (NXP PCF8574, section 8).
#[derive(Clone, Debug, Default)]
pub struct Port {
    driven: Arc<AtomicU8>,
    pulled_low: Arc<AtomicU8>,
}

impl Port {
    /// What the chip drives.
    #[must_use]
    pub fn driven(&self) -> u8 {
        self.driven.load(Ordering::Relaxed)
    }

    /// Something outside pulls these pins low.
    pub fn pull_low(&self, pins: u8) {
        self.pulled_low.store(pins, Ordering::Relaxed);
    }
}

impl I2cChip for Port {
    fn power_on(&mut self, _: Moment) {
        self.driven.store(u8::MAX, Ordering::Relaxed);
    }

    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        if let Some(last) = bytes.last() {
            self.driven.store(*last, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        into.fill(self.driven() & !self.pulled_low.load(Ordering::Relaxed));
        Ok(())
    }
}
