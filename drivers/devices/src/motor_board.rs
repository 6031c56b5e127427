//! Motors on a board with a PCA9685 and TB6612FNG bridges, on I2C.
//!
//! **Wiring.** A HAT, or SDA to GPIO2, SCL to GPIO3 (bus 1), VCC to 3.3 V, GND. Motor supply from the battery to the board's own
//! terminals. **A switch that cuts the motor supply is required.** Set the bus to 400 kHz (`dtparam=i2c_arm_baudrate=400000`): a stop
//! takes 0.4 ms then, and 1.6 ms at 100 kHz.
//!
//! **Safety.** What drives a motor is one message, which the chip carries out at its end; what stops it is one register that
//! needs no mode of the chip, and then such a message. One that breaks off leaves no motor driven harder. A change of direction lets the motor go in
//! between. Nothing else on the bus may take longer than 5 ms, and a bus that hangs is
//! given up after 20 ms. **The chip has no time-out of its own**: it runs on without us. **A bus that is stuck, or cut, cannot be
//! stopped by software**: only the board's output-enable line or a relay for the motor supply can (`[board.guardian] heartbeat`), and
//! arming asks for one. After a loss of its supply all outputs are off; that is noticed within 0.1 s while it is driven, the motor is
//! lost, and the chip is set up anew at the next arming.
//!
//! Source: NXP "PCA9685" rev. 4, as [`sinew_chips::pca9685`] names it; Toshiba "TB6612FNG" (2014-10-01), "H-SW control function"; Adafruit,
//! schematic of product 2348; Waveshare, schematic of "Motor Driver HAT".

use crate::i2c_address;
use serde::{Deserialize, Deserializer, Serialize};
use sinew_board::{
    Board, Burst, ClaimError, Duty, MotorChip, MotorController, ReadBack, SafeAction,
};
use sinew_chips::pca9685::{
    COUNTS_UP, Four, MODE1, MODE2, OFF, ON, PRE_SCALE, SLEEP, TOTEM_POLE, WAKES_WITHIN, first, off,
    part, prescale,
};
use std::sync::Arc;
use std::time::Duration;

/// The highest that the chip makes: motors hum, and run unevenly below.
const FREQUENCY: f64 = 1_526.0;

/// Which motor board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MotorBoardKind {
    /// Adafruit's DC and stepper motor HAT (2348) or bonnet (4280): four motors, M1 to M4 as 1 to 4, address 0x60.
    #[default]
    Adafruit,
    /// Waveshare's Motor Driver HAT: two motors, A and B as 1 and 2, address 0x40.
    Waveshare,
}

impl MotorBoardKind {
    /// The outputs of each motor: to PWM, IN1 and IN2. They are next to each other.
    const fn outputs(self) -> &'static [[u8; 3]] {
        match self {
            Self::Adafruit => &[[8, 10, 9], [13, 11, 12], [2, 4, 3], [7, 5, 6]],
            Self::Waveshare => &[[0, 1, 2], [5, 3, 4]],
        }
    }
}

/// Where a motor board is, and which of its motors are the wheels'.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MotorBoardConfig {
    /// Which one: `adafruit` or `waveshare`.
    pub kind: MotorBoardKind,
    /// The I2C bus; 1 is on the header.
    pub bus: u8,
    /// As its solder bridges say, 0x40 to 0x6f; without it the one with which it comes.
    #[serde(deserialize_with = "address", skip_serializing_if = "Option::is_none")]
    pub address: Option<u8>,
    /// The motor of the left wheel.
    pub left: usize,
    /// The motor of the right wheel.
    pub right: usize,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    i2c_address::within(deserializer, "PCA9685", &(0x40..=0x6f)).map(Some)
}

impl Default for MotorBoardConfig {
    fn default() -> Self {
        Self::of(MotorBoardKind::default())
    }
}

impl MotorBoardConfig {
    /// A board as it comes out of its box.
    #[must_use]
    pub fn of(kind: MotorBoardKind) -> Self {
        Self {
            kind,
            bus: 1,
            address: None,
            left: 1,
            right: 2,
        }
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> u8 {
        self.address.unwrap_or(match self.kind {
            MotorBoardKind::Adafruit => 0x60,
            MotorBoardKind::Waveshare => 0x40,
        })
    }

    /// Claims the board's address, of which motors are then claimed.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the address has an owner, or is none for a device.
    pub fn claim(&self, board: &Board, part: &str) -> Result<MotorController, ClaimError> {
        let chip = Arc::new(Chip::new(self.kind));
        board.motor_chip(part, (self.bus, self.address()), chip)
    }
}

/// The chip as the board speaks to it.
#[derive(Debug)]
struct Chip {
    kind: MotorBoardKind,
    shows: [ReadBack; 3],
}

impl Chip {
    fn new(kind: MotorBoardKind) -> Self {
        let whole = |register, value| ReadBack {
            register,
            mask: 0xFF,
            value,
        };
        let awake = ReadBack {
            register: MODE1,
            // The restart bit says nothing, and the other addresses are the business of others.
            mask: SLEEP | COUNTS_UP,
            value: COUNTS_UP,
        };
        Self {
            kind,
            shows: [
                awake,
                whole(MODE2, TOTEM_POLE),
                whole(PRE_SCALE, prescale(FREQUENCY)),
            ],
        }
    }

    /// All registers of a motor, by their order in the chip.
    fn all(&self, motor: usize, pwm: Four, forward: Four, backward: Four) -> Burst {
        let outputs = self.of(motor);
        let lowest = outputs.into_iter().min().unwrap_or_default();
        let mut values = [0; 12];
        for (output, four) in outputs.into_iter().zip([pwm, forward, backward]) {
            let at = 4 * usize::from(output - lowest);
            values[at..at + 4].copy_from_slice(&four);
        }
        burst(first(lowest), &values)
    }

    /// The outputs of a motor; of one that there is not, nothing is claimed.
    fn of(&self, motor: usize) -> [u8; 3] {
        let outputs = self.kind.outputs();
        outputs[motor.saturating_sub(1).min(outputs.len() - 1)]
    }
}

fn burst(register: u8, values: &[u8]) -> Burst {
    Burst::of(register, values)
        .unwrap_or_else(|| unreachable!("three outputs have twelve registers"))
}

impl MotorChip for Chip {
    fn motors(&self) -> usize {
        self.kind.outputs().len()
    }

    fn drive(&self, motor: usize, duty: Duty) -> Burst {
        let how_hard = part(duty.magnitude());
        if duty == Duty::ZERO {
            self.all(motor, OFF, OFF, OFF)
        } else if duty.ratio() > 0.0 {
            self.all(motor, how_hard, ON, OFF)
        } else {
            self.all(motor, how_hard, OFF, ON)
        }
    }

    /// A bridge whose PWM is low is short-circuited or open, whatever its directions: so the PWM goes first, and is low in the end as well.
    fn rest(&self, motor: usize, action: SafeAction) -> [Burst; 2] {
        let [register, value] = off(self.of(motor)[0]);
        let all = match action {
            SafeAction::Brake => self.all(motor, OFF, ON, ON),
            // What is left of a ramp is to let go.
            _ => self.all(motor, OFF, OFF, OFF),
        };
        [burst(register, &[value]), all]
    }

    fn setup(&self) -> Vec<Burst> {
        vec![
            burst(MODE1, &[SLEEP | COUNTS_UP]),
            burst(PRE_SCALE, &[prescale(FREQUENCY)]),
            burst(MODE2, &[TOTEM_POLE]),
            burst(MODE1, &[COUNTS_UP]),
        ]
    }

    fn settles(&self) -> Duration {
        WAKES_WITHIN
    }

    fn shows(&self) -> &[ReadBack] {
        &self.shows
    }
}
