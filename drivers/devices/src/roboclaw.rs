//! A RoboClaw: two motors behind a serial port.
//!
//! **Wiring.** USB, or the terminals S1 (to the Pi's TXD) and S2 (to its RXD) with a common GND. Set the controller to packet serial
//! (modes 7 to 14: the address) and to the baud rate of the configuration. **A switch that cuts the motor supply is required.**
//!
//! **Safety.** Of each motor one command at most is on its way. A stop throws away what waits in the port, ends whatever packet was
//! cut off, and is sent three times. Before each arming the controller's own time-out is set to the longest lease, rounded up to
//! tenths of a second, and read back: it stops the motors when the cable is cut or the computer is gone. A controller that does
//! not answer cannot be armed, and one that answers no more is lost. How it stops, short-circuited or not, is its own setting, so
//! `coast` as a safe action is refused.
//!
//! Source: Basicmicro, "RoboClaw Series User Manual" (rev. 5.7), as far as [`sinew_chips::roboclaw`] names it. The manual states no
//! time from a command to its effect.

use crate::ranges::range;
use serde::{Deserialize, Serialize};
use sinew_board::{
    Board, ClaimError, Duty, Exchange, Frame, MotorController, MotorProtocol, SerialSettings,
};
use sinew_chips::roboclaw::{ACKNOWLEDGE, ADDRESSES, Motor, Roboclaw};
use std::sync::Arc;
use std::time::Duration;

/// Where a controller is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RoboclawConfig {
    /// The serial port, by the robot's name for it.
    pub port: String,
    /// Bits per second, as set on the controller: 38,400 to 460,800. Slower ones it knows as well, but a stop would take longer than
    /// 10 ms to get there.
    #[serde(deserialize_with = "baud")]
    pub baud: u32,
    /// As set on the controller: 0x80 to 0x87.
    #[serde(deserialize_with = "address")]
    pub address: u8,
}

range!(baud: u32, 38_400..=460_800);
range!(address: u8, 0x80..=0x87);

impl Default for RoboclawConfig {
    fn default() -> Self {
        Self {
            port: "motors".to_owned(),
            baud: 115_200,
            address: *ADDRESSES.start(),
        }
    }
}

impl RoboclawConfig {
    /// Claims the port, of which motors 1 and 2 are then claimed.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the port has an owner, or the address is none of a controller.
    pub fn claim(&self, board: &Board, part: &str) -> Result<MotorController, ClaimError> {
        let chip = Roboclaw::at(self.address).ok_or_else(|| ClaimError::NotOnController {
            part: part.to_owned(),
            why: format!(
                "{:#04x} is no address of a RoboClaw; they have 0x80 to 0x87",
                self.address
            ),
        })?;
        let settings = SerialSettings::new(self.baud);
        let protocol = Arc::new(Packets(chip));
        board.motor_controller(part, &self.port, settings, protocol)
    }
}

/// Packet serial as the board speaks it.
#[derive(Debug)]
struct Packets(Roboclaw);

impl Packets {
    fn frame(parts: &[&[u8]]) -> Frame {
        Frame::of(parts).unwrap_or_else(|| unreachable!("a packet is shorter than a frame"))
    }
}

impl MotorProtocol for Packets {
    fn motors(&self) -> usize {
        2
    }

    fn drive(&self, motor: usize, duty: Duty) -> Frame {
        let motor = if motor == 1 { Motor::M1 } else { Motor::M2 };
        Self::frame(&[self.0.drive(motor, duty).as_bytes()])
    }

    fn resynchronize(&self) -> Frame {
        Self::frame(&[self.0.resynchronize().as_bytes()])
    }

    fn answers(&self) -> bool {
        true
    }

    fn time_out(&self, longest: Duration) -> Option<Exchange> {
        let tenths = longest.as_millis().div_ceil(100).max(1);
        let tenths = u8::try_from(tenths).ok()?;
        let (set, read) = (
            self.0.set_serial_timeout(tenths),
            self.0.read_serial_timeout(),
        );
        let answer = self.0.serial_timeout(tenths);
        Some(Exchange {
            asks: Self::frame(&[set.as_bytes(), read.as_bytes()]),
            answers: Self::frame(&[&[ACKNOWLEDGE], answer.as_bytes()]),
        })
    }
}
