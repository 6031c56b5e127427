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
    /// Two wires for both directions, and a transmitter that is switched on to send; `None` is a line for each direction.
    #[serde(default)]
    pub rs485: Option<Rs485>,
}

/// How the transmitter of an RS-485 line is switched: by RTS, which the kernel's driver of the port raises while it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Rs485 {
    /// Whether RTS is high while sending; most transceivers want that.
    pub rts_high_on_send: bool,
    /// Milliseconds from switching to the first bit.
    pub before_send_ms: u8,
    /// Milliseconds from the last bit to switching back.
    pub after_send_ms: u8,
    /// Whether what is sent is received as well.
    pub hears_itself: bool,
}

impl Default for Rs485 {
    fn default() -> Self {
        Self {
            rts_high_on_send: true,
            before_send_ms: 0,
            after_send_ms: 0,
            hears_itself: false,
        }
    }
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
            rs485: None,
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

    /// On an RS-485 line.
    #[must_use]
    pub const fn rs485(mut self, rs485: Rs485) -> Self {
        self.rs485 = Some(rs485);
        self
    }

    /// Whether both understand each other's bytes: speed and framing are the same.
    #[must_use]
    pub fn frames_as(self, other: Self) -> bool {
        let framing = |it: Self| (it.baud, it.parity, it.stop_bits);
        framing(self) == framing(other)
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
