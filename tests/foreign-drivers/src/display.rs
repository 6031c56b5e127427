//! A display.

use sinew_mock::{I2cChip, Moment, Unmodelled};
use std::sync::{Arc, Mutex, PoisonError};

/// An SSD1306: a write begins with a control byte that says whether commands follow or pixels (datasheet, section 8.1.5.2).
#[derive(Clone, Debug, Default)]
pub struct Display(Arc<Mutex<Written>>);

/// What was written to it.
#[derive(Clone, Debug, Default)]
struct Written {
    commands: Vec<u8>,
    pixels: Vec<u8>,
}

impl Display {
    fn with<T>(&self, work: impl FnOnce(&mut Written) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All commands, with their parameters.
    #[must_use]
    pub fn commands(&self) -> Vec<u8> {
        self.with(|written| written.commands.clone())
    }

    /// All pixels, eight of a column in a byte.
    #[must_use]
    pub fn pixels(&self) -> Vec<u8> {
        self.with(|written| written.pixels.clone())
    }
}

impl I2cChip for Display {
    fn power_on(&mut self, _: Moment) {}

    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        let unknown = |register, why| Unmodelled {
            access: "writing".to_owned(),
            register,
            name: "control byte",
            why,
        };
        match bytes.split_first() {
            Some((0x00, commands)) => self.with(|written| written.commands.extend(commands)),
            Some((0x40, pixels)) => self.with(|written| written.pixels.extend(pixels)),
            Some((other, _)) => return Err(unknown(*other, "neither commands nor pixels follow")),
            None => {}
        }
        Ok(())
    }

    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        into.fill(0);
        Ok(())
    }
}
