//! How a serial port talks.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Speed and framing of a serial port: eight data bits, no flow control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SerialSettings {
    /// Bits per second.
    pub baud: u32,
    /// The bit after the data bits.
    pub parity: Parity,
    /// The pause after each byte.
    pub stop_bits: StopBits,
}

/// The bit after the data bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// None.
    #[default]
    None,
    /// The number of ones is even.
    Even,
    /// The number of ones is odd.
    Odd,
}

/// The pause after each byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StopBits {
    /// One bit long.
    #[default]
    One,
    /// Two bits long.
    Two,
}

impl SerialSettings {
    /// `baud` bits per second, 8 data bits, no parity, 1 stop bit.
    #[must_use]
    pub const fn new(baud: u32) -> Self {
        Self {
            baud,
            parity: Parity::None,
            stop_bits: StopBits::One,
        }
    }

    /// With this parity.
    #[must_use]
    pub const fn parity(mut self, parity: Parity) -> Self {
        self.parity = parity;
        self
    }

    /// With these stop bits.
    #[must_use]
    pub const fn stop_bits(mut self, stop_bits: StopBits) -> Self {
        self.stop_bits = stop_bits;
        self
    }

    /// The time that one byte takes on the line, start and stop bits included.
    #[must_use]
    pub fn byte_time(self) -> Duration {
        let parity = u64::from(self.parity != Parity::None);
        let stop = if self.stop_bits == StopBits::One {
            1
        } else {
            2
        };
        let bits = 1 + 8 + parity + stop;
        Duration::from_nanos(bits * 1_000_000_000 / u64::from(self.baud.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_takes_its_start_data_parity_and_stop_bits() {
        let plain = SerialSettings::new(10_000);
        assert_eq!(plain.byte_time(), Duration::from_millis(1));
        let long = plain.parity(Parity::Even).stop_bits(StopBits::Two);
        assert_eq!(long.byte_time(), Duration::from_micros(1200));
    }
}
