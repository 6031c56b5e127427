//! The chip's registers.
//!
//! Source: Texas Instruments SBOS397H, TMP102, sections 7.5.2 (pointer), 7.5.3 (temperature), 7.5.4 (configuration).

use embedded_hal::i2c::I2c;

/// The temperature, in the upper twelve bits.
pub(crate) const TEMPERATURE: u8 = 0;
/// Sixteen bits of configuration.
pub(crate) const CONFIGURATION: u8 = 1;
/// What the configuration is after power-on: four conversions a second, twelve bits.
pub(crate) const AT_POWER_ON: u16 = 0x60A0;
/// Degrees a step.
pub(crate) const STEP: f64 = 0.0625;

/// A TMP102 on any embedded-hal bus.
#[derive(Debug)]
pub struct Tmp102<B> {
    bus: B,
    address: u8,
}

impl<B: I2c> Tmp102<B> {
    /// The chip at this address; nothing is sent yet.
    pub fn new(bus: B, address: u8) -> Self {
        Self { bus, address }
    }

    /// The temperature in degrees Celsius.
    ///
    /// # Errors
    ///
    /// The bus's.
    pub fn temperature(&mut self) -> Result<f64, B::Error> {
        let steps = i16::from_be_bytes(self.read(TEMPERATURE)?) >> 4;
        Ok(f64::from(steps) * STEP)
    }

    /// The configuration, by which one knows that it is a TMP102 that answers.
    ///
    /// # Errors
    ///
    /// The bus's.
    pub fn configuration(&mut self) -> Result<u16, B::Error> {
        Ok(u16::from_be_bytes(self.read(CONFIGURATION)?))
    }

    fn read(&mut self, register: u8) -> Result<[u8; 2], B::Error> {
        let mut bytes = [0; 2];
        self.bus.write_read(self.address, &[register], &mut bytes)?;
        Ok(bytes)
    }
}
