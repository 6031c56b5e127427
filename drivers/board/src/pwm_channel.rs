//! A channel of the hardware PWM.

use crate::Pin;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One of the two channels of the hardware PWM, and with it the pin that it drives.
///
/// Written `PWM0` (GPIO12, header pin 32) or `PWM1` (GPIO13, header pin 33). Source: BCM2835 ARM Peripherals,
/// section 6.2, alternate function 0 of these lines (`dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PwmChannel(u8);

impl PwmChannel {
    /// The first channel, on GPIO12.
    pub const PWM0: Self = Self(0);
    /// The second channel, on GPIO13.
    pub const PWM1: Self = Self(1);

    /// The channel's number, 0 or 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The pin that the channel drives.
    #[must_use]
    pub const fn pin(self) -> Pin {
        if self.0 == 0 {
            Pin::GPIO12
        } else {
            Pin::GPIO13
        }
    }
}

/// `PWM0`.
impl fmt::Display for PwmChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PWM{}", self.0)
    }
}

impl FromStr for PwmChannel {
    type Err = PwmChannelError;

    fn from_str(written: &str) -> Result<Self, PwmChannelError> {
        match written {
            "PWM0" => Ok(Self::PWM0),
            "PWM1" => Ok(Self::PWM1),
            _ => Err(PwmChannelError {
                written: written.to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for PwmChannel {
    type Error = PwmChannelError;
    fn try_from(written: String) -> Result<Self, PwmChannelError> {
        written.parse()
    }
}

impl From<PwmChannel> for String {
    fn from(channel: PwmChannel) -> String {
        channel.to_string()
    }
}

/// A text that names no PWM channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{written:?} names no PWM channel; write PWM0 (GPIO12, header pin 32) or PWM1 (GPIO13, header pin 33)"
)]
pub struct PwmChannelError {
    written: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_written_by_name_and_drives_its_pin() {
        assert_eq!("PWM0".parse(), Ok(PwmChannel::PWM0));
        assert_eq!("PWM1".parse(), Ok(PwmChannel::PWM1));
        assert_eq!(PwmChannel::PWM0.pin(), Pin::GPIO12);
        assert_eq!(PwmChannel::PWM1.pin().header_pin(), 33);
        let text = "PWM2".parse::<PwmChannel>().unwrap_err().to_string();
        assert!(text.contains("PWM0 (GPIO12, header pin 32)"), "{text}");
    }
}
