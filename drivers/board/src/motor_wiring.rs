//! Where the motor of a motion output is wired: to the lines of an H-bridge, or to a controller on a serial port or an I2C bus.

use crate::controller_link::ControllerLink;
use crate::drive::Drive;
use crate::h_bridge::HBridge;
use crate::{Backends, BoardError, BridgePins, Level, SerialSettings};
use sinew_messages::Hertz;
use std::sync::Arc;

/// Above hearing and within what common bridges switch: TB6612FNG up to 100 kHz, L298 up to 40 kHz
/// (their datasheets, "PWM frequency" and "commutation frequency").
const PWM_FREQUENCY: Hertz = Hertz(20_000.0);

/// Where a motor is wired, as data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MotorWiring {
    /// To an H-bridge on these lines.
    Bridge(BridgePins),
    /// To a controller on a serial port.
    Controller {
        /// The port by the name of its backend, such as `/dev/ttyACM0`.
        device: String,
        /// How it is spoken to.
        settings: SerialSettings,
        /// Which controller, in its protocol's own words.
        protocol: String,
        /// Which of its motors, from 1.
        motor: usize,
    },
    /// To a chip on an I2C bus.
    Chip {
        /// The bus, 1 on the header.
        bus: u8,
        /// The chip's seven-bit address.
        address: u8,
        /// Which chip, and how its motors are connected.
        chip: String,
        /// Which of its motors, from 1.
        motor: usize,
    },
}

/// The same, with what opens it.
#[derive(Clone, Debug)]
pub(crate) enum Wired {
    Bridge(BridgePins),
    Controller(Arc<dyn ControllerLink>, usize),
}

impl Wired {
    /// Whether a write to it may wait for others, for as long as its bus is given.
    pub(crate) fn may_wait(&self) -> bool {
        match self {
            Self::Bridge(_) => false,
            Self::Controller(link, _) => link.may_wait(),
        }
    }

    pub(crate) fn plan(&self) -> MotorWiring {
        match self {
            Self::Bridge(pins) => MotorWiring::Bridge(*pins),
            Self::Controller(link, motor) => link.wiring(*motor),
        }
    }

    /// Opens it in this process. Of a bridge the direction lines first, low; the PWM last, at 0.
    pub(crate) fn open(
        &self,
        part: &str,
        backends: &Backends,
    ) -> Result<Box<dyn Drive>, BoardError> {
        match self {
            Self::Bridge(pins) => {
                let forward = backends.motion.output(pins.forward, Level::Low)?;
                let backward = backends.motion.output(pins.backward, Level::Low)?;
                let pwm = backends.pwm.channel(pins.pwm, PWM_FREQUENCY)?;
                Ok(Box::new(HBridge::new(pwm, forward, backward)))
            }
            Self::Controller(link, motor) => link.simulated(part, *motor),
        }
    }

    /// Drives it through what a guardian gave.
    #[cfg(target_os = "linux")]
    pub(crate) fn take(
        &self,
        part: &str,
        given: crate::GivenWires,
    ) -> Result<Box<dyn Drive>, BoardError> {
        match (self, given) {
            (Self::Bridge(_), crate::GivenWires::Bridge(wires)) => {
                Ok(Box::new(wires.into_bridge(part)))
            }
            (Self::Controller(link, motor), crate::GivenWires::Controller(file)) => {
                link.over(part, *motor, file)
            }
            _ => Err(BoardError::Lost {
                what: part.to_owned(),
                why: "its guardian gave the lines of another kind of output; start both with the same configuration".to_owned(),
            }),
        }
    }

    /// Opens it for a guardian.
    #[cfg(target_os = "linux")]
    pub(crate) fn hold(&self, backends: &Backends) -> Result<crate::MotionWires, BoardError> {
        match self {
            Self::Bridge(pins) => Ok(crate::MotionWires::Bridge(crate::BridgeWires {
                forward: backends.motion.wire(pins.forward, Level::Low)?,
                backward: backends.motion.wire(pins.backward, Level::Low)?,
                pwm: backends.pwm.wire(pins.pwm, PWM_FREQUENCY)?,
            })),
            Self::Controller(link, motor) => link.hold(*motor),
        }
    }
}
