//! One part of a body.

use crate::body::Fit;
use crate::plant::BatteryModel;
use sinew_board::{Pin, Resource};
use sinew_messages::{Hertz, Meters, Pose, Radians, Side};
use sinew_mock::{BridgeMotorPins, BridgeOutputs, EncoderPins, HcSr04Pins, Mock, MotorModel};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// A driven wheel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wheel {
    /// Of the tire.
    pub radius: Meters,
    /// From the body's middle to the tire's middle; both offsets together are the track.
    pub offset: Meters,
    /// What turns it.
    pub motor: MotorModel,
}

/// What drives a wheel's motor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WheelMotor {
    /// An H-bridge on these pins.
    Bridge(BridgeMotorPins),
    /// A controller that was fitted before, by its serial port, and the number of its motor.
    Controller {
        /// As it was given to [`Body::roboclaw`](crate::Body::roboclaw).
        port: String,
        /// 1 or 2.
        motor: usize,
    },
    /// A bridge on outputs of a PCA9685 that was fitted before, by its bus and address.
    Chip {
        /// As it was given to [`Body::pca9685`](crate::Body::pca9685).
        bus: u8,
        /// The same.
        address: u8,
        /// The motor's number, and where its bridge is connected.
        motor: (usize, BridgeOutputs),
    },
}

impl From<BridgeMotorPins> for WheelMotor {
    fn from(pins: BridgeMotorPins) -> Self {
        Self::Bridge(pins)
    }
}

impl WheelMotor {
    fn resources(&self) -> Vec<Resource> {
        match self {
            Self::Bridge(pins) => vec![
                Resource::Pwm(pins.pwm),
                Resource::Pin(pins.forward),
                Resource::Pin(pins.backward),
            ],
            Self::Controller { .. } | Self::Chip { .. } => vec![self.resource()],
        }
    }

    /// That by which the board's output of this motor is found.
    pub(crate) fn resource(&self) -> Resource {
        match self {
            Self::Bridge(pins) => Resource::Pwm(pins.pwm),
            Self::Controller { port, motor } => Resource::Motor {
                port: port.clone(),
                motor: *motor,
            },
            Self::Chip {
                bus,
                address,
                motor: (motor, _),
            } => Resource::ChipMotor {
                bus: *bus,
                address: *address,
                motor: *motor,
            },
        }
    }
}

/// One part and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Where the code fits it.
    pub(crate) at: &'static Location<'static>,
}

/// What a part is, and what that kind needs to know.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Wheel(Side, WheelMotor, Wheel),
    Roboclaw {
        port: String,
        baud: u32,
        address: u8,
    },
    Pca9685 {
        bus: u8,
        address: u8,
    },
    Encoder(Side, EncoderPins, u32),
    /// Mounted where, and the whole opening of the beam.
    Sonar(HcSr04Pins, Pose, Radians),
    /// The whole opening within which it is pressed.
    Bumper(Pin, Radians),
    Button(Pin),
    Led(Pin),
    Imu {
        bus: u8,
        address: u8,
    },
    Battery {
        bus: u8,
        address: u8,
        shunt_ohms: f64,
        model: BatteryModel,
    },
    Gnss {
        port: String,
        baud: u32,
        rate: Hertz,
    },
    /// A part that is none of ours: what it is, what it uses, and how it is put on the mock.
    Own(&'static str, Vec<Resource>, Own),
}

/// Puts a part on the mock, under this name.
type Fitter = dyn Fn(&Mock, &str) + Send + Sync;

/// How a part of somebody else's is put on the mock.
#[derive(Clone)]
pub(crate) struct Own(pub(crate) Arc<Fitter>);

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Own")
    }
}

/// Two are alike if they are one.
impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Part {
    pub(crate) fn fit(&self) -> Fit {
        let (part, resources) = match &self.kind {
            Kind::Wheel(_, motor, _) => ("wheel motor", motor.resources()),
            Kind::Roboclaw { port, .. } => ("RoboClaw", vec![serial(port)]),
            Kind::Pca9685 { bus, address } => ("PCA9685", vec![i2c(*bus, *address)]),
            Kind::Encoder(_, pins, _) => (
                "wheel encoder",
                vec![Resource::Pin(pins.a), Resource::Pin(pins.b)],
            ),
            Kind::Sonar(pins, ..) => (
                "HC-SR04",
                vec![Resource::Pin(pins.trigger), Resource::Pin(pins.echo)],
            ),
            Kind::Bumper(pin, _) => ("bumper", vec![Resource::Pin(*pin)]),
            Kind::Button(pin) => ("button", vec![Resource::Pin(*pin)]),
            Kind::Led(pin) => ("LED", vec![Resource::Pin(*pin)]),
            Kind::Imu { bus, address } => ("MPU6050", vec![i2c(*bus, *address)]),
            Kind::Battery { bus, address, .. } => ("INA219", vec![i2c(*bus, *address)]),
            Kind::Gnss { port, .. } => ("GNSS receiver", vec![serial(port)]),
            Kind::Own(part, resources, _) => (*part, resources.clone()),
        };
        Fit {
            name: self.name.clone(),
            part,
            resources,
            at: self.at,
        }
    }
}

fn serial(port: &str) -> Resource {
    Resource::Serial {
        port: port.to_owned(),
        device: None,
    }
}

fn i2c(bus: u8, address: u8) -> Resource {
    Resource::I2c { bus, address }
}

#[cfg(test)]
mod tests {
    use crate::{BatteryModel, Body};
    use sinew_board::Pin;
    use sinew_messages::{Hertz, Pose, Radians};
    use sinew_mock::HcSr04Pins;

    #[test]
    fn fits_are_written_as_claims_are() {
        let pins = HcSr04Pins {
            trigger: Pin::GPIO23,
            echo: Pin::GPIO24,
        };
        let body = Body::bench()
            .sonar("sonar", pins, Pose::default(), Radians(0.5))
            .battery("battery", 1, 0x40, 0.1, BatteryModel::default())
            .gnss("gnss", "gnss", 9600, Hertz(1.0));
        let written: Vec<String> = body.fits().iter().map(ToString::to_string).collect();
        assert_eq!(
            written,
            [
                "sonar (HC-SR04): GPIO23 (header pin 16), GPIO24 (header pin 18)",
                "battery (INA219): I2C1 address 0x40",
                "gnss (GNSS receiver): serial port gnss",
            ]
        );
    }

    #[test]
    fn a_body_with_one_wheel_stays_where_it_is() {
        assert_eq!(Body::bench().frame(), None);
    }
}
