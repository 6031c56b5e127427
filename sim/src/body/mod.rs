//! What is fitted to a body, and where.

mod fit;
mod part;

pub use fit::Fit;
pub(crate) use part::{Kind, Own, Part};
pub use part::{Wheel, WheelMotor};

use crate::plant::{BatteryModel, Frame, Pendulum};
use sinew_board::{Pin, Resource};
use sinew_messages::{Hertz, Meters, Pose, Radians, Side};
use sinew_mock::{EncoderPins, HcSr04Pins, Mock};
use std::panic::Location;
use std::sync::Arc;

/// A round hull, seen from above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    /// From its middle, which is the middle of the wheels' axle, to its rim.
    pub radius: Meters,
}

/// A robot's body: its hull, and which part is wired to what and where it is mounted.
///
/// Each part has a name, by which faults, pictures and findings speak of it. Poses are in the body's frame: x
/// forward, y left.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    hull: Circle,
    pendulum: Option<Pendulum>,
    parts: Vec<Part>,
}

impl Body {
    /// A body without parts. One without two wheels stays where it is.
    #[must_use]
    pub fn new(hull: Circle) -> Self {
        Self {
            hull,
            pendulum: None,
            parts: Vec::new(),
        }
    }

    /// Parts on a bench: a body the size of a hand that stays where it is.
    #[must_use]
    pub fn bench() -> Self {
        Self::new(Circle {
            radius: Meters(0.1),
        })
    }

    /// A body that stands on its axle and falls unless its wheels keep under it. It is held until the robot is armed.
    #[must_use]
    pub fn balancing(mut self, pendulum: Pendulum) -> Self {
        self.pendulum = Some(pendulum);
        self
    }

    /// A wheel on a motor behind an H-bridge, or on one of a controller. The last one of a side counts.
    #[must_use]
    #[track_caller]
    pub fn wheel(self, name: &str, side: Side, motor: impl Into<WheelMotor>, wheel: Wheel) -> Self {
        self.with(name, Kind::Wheel(side, motor.into(), wheel))
    }

    /// A RoboClaw on a serial port, for the wheels that are fitted after it.
    #[must_use]
    #[track_caller]
    pub fn roboclaw(self, name: &str, port: &str, baud: u32, address: u8) -> Self {
        let controller = Kind::Roboclaw {
            port: port.to_owned(),
            baud,
            address,
        };
        self.with(name, controller)
    }

    /// A PCA9685 on I2C, for the wheels that are fitted after it.
    #[must_use]
    #[track_caller]
    pub fn pca9685(self, name: &str, bus: u8, address: u8) -> Self {
        self.with(name, Kind::Pca9685 { bus, address })
    }

    /// A quadrature encoder on the wheel of a side; `counts_per_turn` counts the edges of both its lines.
    #[must_use]
    #[track_caller]
    pub fn encoder(self, name: &str, side: Side, pins: EncoderPins, counts_per_turn: u32) -> Self {
        self.with(name, Kind::Encoder(side, pins, counts_per_turn))
    }

    /// An HC-SR04 that looks along the heading of its mount; `beam` is the whole opening of its beam (about 30
    /// degrees: Elecfreaks HC-SR04 datasheet, "measuring angle 15 degree" to either side).
    #[must_use]
    #[track_caller]
    pub fn sonar(self, name: &str, pins: HcSr04Pins, mounted: Pose, beam: Radians) -> Self {
        self.with(name, Kind::Sonar(pins, mounted, beam))
    }

    /// A bumper: a switch that closes while something is touched within the whole opening `arc`, centered on the
    /// front.
    #[must_use]
    #[track_caller]
    pub fn bumper(self, name: &str, pin: Pin, arc: Radians) -> Self {
        self.with(name, Kind::Bumper(pin, arc))
    }

    /// A button, pressed by nobody but [`crate::Simulation::press`] and [`crate::Stage::press`].
    #[must_use]
    #[track_caller]
    pub fn button(self, name: &str, pin: Pin) -> Self {
        self.with(name, Kind::Button(pin))
    }

    /// A light-emitting diode.
    #[must_use]
    #[track_caller]
    pub fn led(self, name: &str, pin: Pin) -> Self {
        self.with(name, Kind::Led(pin))
    }

    /// An MPU6050 in the body's middle, its axes those of the body.
    #[must_use]
    #[track_caller]
    pub fn imu(self, name: &str, bus: u8, address: u8) -> Self {
        self.with(name, Kind::Imu { bus, address })
    }

    /// A battery behind an INA219 with this shunt.
    #[must_use]
    #[track_caller]
    pub fn battery(
        self,
        name: &str,
        bus: u8,
        address: u8,
        shunt_ohms: f64,
        model: BatteryModel,
    ) -> Self {
        let monitor = Kind::Battery {
            bus,
            address,
            shunt_ohms,
            model,
        };
        self.with(name, monitor)
    }

    /// A satellite receiver on a serial port.
    #[must_use]
    #[track_caller]
    pub fn gnss(self, name: &str, port: &str, baud: u32, rate: Hertz) -> Self {
        let receiver = Kind::Gnss {
            port: port.to_owned(),
            baud,
            rate,
        };
        self.with(name, receiver)
    }

    /// A part of your own: `part` is its type, as in `TMP102`, `resources` what of the board it is wired to, and `fit` puts its
    /// twin on the mock under the name that it is given. Faults reach the twin by that name.
    ///
    /// ```
    /// # use sinew_mock::{I2cChip, Moment, Unmodelled};
    /// # struct Tmp102;
    /// # impl I2cChip for Tmp102 {
    /// #     fn power_on(&mut self, _: Moment) {}
    /// #     fn write(&mut self, _: Moment, _: &[u8]) -> Result<(), Unmodelled> { Ok(()) }
    /// #     fn read(&mut self, _: Moment, _: &mut [u8]) -> Result<(), Unmodelled> { Ok(()) }
    /// # }
    /// use sinew_board::Resource;
    /// use sinew_sim::Body;
    ///
    /// let resource = Resource::I2c { bus: 1, address: 0x48 };
    /// let body = Body::bench().part("thermometer", "TMP102", vec![resource], |mock, name| {
    ///     mock.i2c_chip(name, "TMP102", 1, 0x48, Box::new(Tmp102));
    /// });
    /// assert_eq!(body.fits()[0].to_string(), "thermometer (TMP102): I2C1 address 0x48");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn part(
        self,
        name: &str,
        part: &'static str,
        resources: Vec<Resource>,
        fit: impl Fn(&Mock, &str) + Send + Sync + 'static,
    ) -> Self {
        self.with(name, Kind::Own(part, resources, Own(Arc::new(fit))))
    }

    /// The parts and what they use, in the order in which they were fitted.
    #[must_use]
    pub fn fits(&self) -> Vec<Fit> {
        self.parts.iter().map(Part::fit).collect()
    }

    /// The hull.
    #[must_use]
    pub fn hull(&self) -> Circle {
        self.hull
    }

    /// Whether it moves: it has a wheel on each side. Other bodies stay where they are and touch nothing.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.frame().is_some()
    }

    pub(crate) fn pendulum(&self) -> Option<Pendulum> {
        self.pendulum
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The names of its buttons.
    pub(crate) fn buttons(&self) -> Vec<String> {
        let buttons = self
            .parts
            .iter()
            .filter(|part| matches!(part.kind, Kind::Button(_)));
        buttons.map(|part| part.name.clone()).collect()
    }

    /// Where the first sonar sits, and half the opening of its beam.
    pub(crate) fn first_sonar(&self) -> Option<(Pose, Radians)> {
        self.parts.iter().find_map(|part| match &part.kind {
            Kind::Sonar(_, mounted, beam) => Some((*mounted, *beam / 2.0)),
            _ => None,
        })
    }

    /// The measures of its drive, if it has a wheel on each side.
    pub(crate) fn frame(&self) -> Option<Frame> {
        let (left, right) = (self.wheel_of(Side::Left)?, self.wheel_of(Side::Right)?);
        Some(Frame {
            hull: self.hull.radius,
            wheel_radius: (left.radius + right.radius) / 2.0,
            track: left.offset + right.offset,
        })
    }

    fn wheel_of(&self, side: Side) -> Option<&Wheel> {
        self.parts.iter().rev().find_map(|part| match &part.kind {
            Kind::Wheel(of, _, wheel) if *of == side => Some(wheel),
            _ => None,
        })
    }

    #[track_caller]
    fn with(mut self, name: &str, kind: Kind) -> Self {
        self.parts.push(Part {
            name: name.to_owned(),
            kind,
            at: Location::caller(),
        });
        self
    }
}
