//! The chip as the bus sees it.

use crate::driver::{AT_POWER_ON, CONFIGURATION, STEP, TEMPERATURE};
use sinew_board::Timestamp;
use sinew_mock::{I2cChip, Mock, Moment, Unmodelled};

/// A simulated TMP102: both registers of a temperature that the world decides. Frozen, it measures nothing new.
pub struct Tmp102Twin {
    world: Box<dyn FnMut(Timestamp) -> f64 + Send>,
    pointer: u8,
    steps: i16,
}

impl Tmp102Twin {
    /// Fits one under this name; `world` says how warm it is, in degrees Celsius.
    pub fn fit(
        mock: &Mock,
        name: &str,
        (bus, address): (u8, u8),
        world: impl FnMut(Timestamp) -> f64 + Send + 'static,
    ) {
        let twin = Self {
            world: Box::new(world),
            pointer: TEMPERATURE,
            steps: 0,
        };
        mock.i2c_chip(name, "TMP102", bus, address, Box::new(twin));
    }
}

impl I2cChip for Tmp102Twin {
    fn power_on(&mut self, _: Moment) {
        // Section 7.3.1: it reads 0 degrees until its first conversion, which this twin does not wait for.
        (self.pointer, self.steps) = (TEMPERATURE, 0);
    }

    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        match bytes {
            [] => Ok(()),
            [pointer] if *pointer <= CONFIGURATION => {
                self.pointer = *pointer;
                Ok(())
            }
            [pointer, ..] => Err(Unmodelled {
                access: "writing to".to_owned(),
                register: *pointer,
                name: "unknown",
                why: "it has a temperature to read and a configuration to read",
            }),
        }
    }

    fn read(&mut self, at: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        let word = if self.pointer == TEMPERATURE {
            if !at.frozen {
                // Twelve bits, -55 to 128 degrees.
                let degrees = (self.world)(at.now).clamp(-55.0, 127.9375);
                self.steps = (degrees / STEP).round() as i16;
            }
            (self.steps << 4).to_be_bytes()
        } else {
            AT_POWER_ON.to_be_bytes()
        };
        for (to, from) in into.iter_mut().zip(word.into_iter().cycle()) {
            *to = from;
        }
        Ok(())
    }
}
