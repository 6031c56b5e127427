//! A line of the GPIO controller, named as people name it.

use crate::Level;
use crate::header::{self, HeaderPin};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The lines of the header; GPIO0 and GPIO1 belong to a HAT's EEPROM.
const LINES: RangeInclusive<u8> = 2..=27;

/// A GPIO line on the 40-pin header.
///
/// Written `GPIO17` or `header:11`, never as a bare number: 17 is one pin on the header and another
/// line of the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin(u8);

/// Declares one constant for each line.
macro_rules! pins {
    ($($name:ident = $number:literal),* $(,)?) => {
        impl Pin {
            $(
                #[doc = concat!("The line GPIO", stringify!($number), ".")]
                pub const $name: Self = Self($number);
            )*
        }
    };
}

pins!(
    GPIO2 = 2,
    GPIO3 = 3,
    GPIO4 = 4,
    GPIO5 = 5,
    GPIO6 = 6,
    GPIO7 = 7,
    GPIO8 = 8,
    GPIO9 = 9,
    GPIO10 = 10,
    GPIO11 = 11,
    GPIO12 = 12,
    GPIO13 = 13,
    GPIO14 = 14,
    GPIO15 = 15,
    GPIO16 = 16,
    GPIO17 = 17,
    GPIO18 = 18,
    GPIO19 = 19,
    GPIO20 = 20,
    GPIO21 = 21,
    GPIO22 = 22,
    GPIO23 = 23,
    GPIO24 = 24,
    GPIO25 = 25,
    GPIO26 = 26,
    GPIO27 = 27,
);

impl Pin {
    /// The line with a Broadcom number, 2 to 27.
    ///
    /// # Errors
    ///
    /// [`PinError`] for any other: it is not on the header, or belongs to a HAT's EEPROM.
    pub fn gpio(number: u8) -> Result<Self, PinError> {
        if LINES.contains(&number) {
            Ok(Self(number))
        } else {
            Err(PinError::NotOnHeader {
                written: format!("GPIO{number}"),
            })
        }
    }

    /// The line on a pin of the header, 1 to 40.
    ///
    /// # Errors
    ///
    /// [`PinError`] if the header has no such pin, or if the pin is no line.
    pub fn header(number: u8) -> Result<Self, PinError> {
        let written = || format!("header:{number}");
        match header::at(number) {
            Some(HeaderPin::Gpio(gpio)) => Ok(Self(gpio)),
            Some(HeaderPin::Other(carries)) => Err(PinError::NoLine {
                written: written(),
                carries,
            }),
            None => Err(PinError::NotOnHeader { written: written() }),
        }
    }

    /// The Broadcom number, 2 to 27.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The level to which a resistor in the chip pulls the line from power-on until a program sets it up: high for GPIO2
    /// to 8, low for the others (BCM2835 ARM Peripherals, table 6-31; the same on all models).
    #[must_use]
    pub const fn power_on_level(self) -> Level {
        if self.0 <= 8 { Level::High } else { Level::Low }
    }

    /// The pin of the 40-pin header, 1 to 40.
    #[must_use]
    pub fn header_pin(self) -> u8 {
        header::of(self.0).expect("every line from 2 to 27 is on the header, see its test")
    }
}

/// `GPIO17`.
impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GPIO{}", self.0)
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(written: &str) -> Result<Self, PinError> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse().ok() } else { None }
        };
        if let Some(digits) = written.strip_prefix("GPIO") {
            if let Some(gpio) = number(digits) {
                return Self::gpio(gpio);
            }
        } else if let Some(digits) = written.strip_prefix("header:") {
            if let Some(pin) = number(digits) {
                return Self::header(pin);
            }
        } else if let Some(bare) = number(written) {
            return Err(PinError::Bare { number: bare });
        }
        Err(PinError::NoPin {
            written: written.to_owned(),
        })
    }
}

impl TryFrom<String> for Pin {
    type Error = PinError;
    fn try_from(written: String) -> Result<Self, PinError> {
        written.parse()
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> String {
        pin.to_string()
    }
}

/// Why a text names no pin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// It is neither of the two forms.
    #[error("{written:?} names no pin; write GPIO17 or header:11")]
    NoPin {
        /// What was written.
        written: String,
    },
    /// It is a number alone.
    #[error(
        "the bare number {number} can mean two pins; write GPIO{number} (the chip's line) or header:{number} (the pin on the header)"
    )]
    Bare {
        /// The number.
        number: u8,
    },
    /// There is no such line or pin.
    #[error(
        "{written} is not on the 40-pin header; lines are GPIO2 to GPIO27, pins header:1 to header:40"
    )]
    NotOnHeader {
        /// What was written.
        written: String,
    },
    /// The pin carries a supply or ground, or belongs to a HAT's EEPROM.
    #[error(
        "{written} is {carries}, no line for a robot; choose a pin that has a line, such as header:11 (GPIO17)"
    )]
    NoLine {
        /// What was written.
        written: String,
        /// What the pin is.
        carries: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_a_pin_name_the_same_line() {
        assert_eq!("GPIO17".parse(), Ok(Pin::GPIO17));
        assert_eq!("header:11".parse(), Ok(Pin::GPIO17));
        assert_eq!(Pin::GPIO17.to_string(), "GPIO17");
        assert_eq!(Pin::GPIO17.header_pin(), 11);
    }

    #[test]
    fn a_bare_number_is_refused_with_both_readings_of_it() {
        let text = "17".parse::<Pin>().unwrap_err().to_string();
        assert!(
            text.contains("GPIO17") && text.contains("header:17"),
            "{text}"
        );
    }

    #[test]
    fn a_pin_without_a_line_is_refused_by_what_it_is() {
        assert_eq!(
            "header:39".parse::<Pin>(),
            Err(PinError::NoLine {
                written: "header:39".to_owned(),
                carries: "ground"
            })
        );
    }

    #[test]
    fn what_is_no_pin_is_refused() {
        for written in [
            "",
            "GPIO",
            "GPIO28",
            "GPIO0",
            "header:27",
            "GPIO-1",
            "GPIO+4",
            "GPIO300",
            "gpio17",
            "header:0",
            "header:41",
            "header:",
            "D4",
            "300",
        ] {
            assert!(written.parse::<Pin>().is_err(), "{written}");
        }
    }

    #[test]
    fn every_line_survives_being_written_and_read() {
        for number in LINES {
            let pin = Pin::gpio(number).unwrap();
            assert_eq!(pin.to_string().parse(), Ok(pin));
            assert_eq!(Pin::header(pin.header_pin()), Ok(pin));
        }
    }
}
