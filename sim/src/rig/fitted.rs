//! The twins of a body's parts.

use crate::body::{Body, Kind, Part};
use crate::rig::truth::Truth;
use sinew_board::{Board, PwmChannel};
use sinew_messages::{Pose, Radians, RadiansPerSecond, Side};

use sinew_mock::{EncoderTwin, LedTwin, Mock, MotorModel, MotorTwin, SwitchTwin};
use std::time::Duration;

/// Contacts of cheap switches settle within this (Ganssle, "A guide to debouncing", 2008: most within 5 ms).
const BOUNCE: Duration = Duration::from_millis(5);

/// A motor and what the plant needs to know of it.
pub(super) struct Motor {
    pub(super) name: String,
    pub(super) side: Side,
    pub(super) pwm: PwmChannel,
    pub(super) twin: MotorTwin,
    pub(super) model: MotorModel,
    pub(super) speed: RadiansPerSecond,
}

/// A sonar's name and place.
pub(super) struct Sonar {
    pub(super) name: String,
    pub(super) mounted: Pose,
}

/// All parts of a body on a mock.
#[derive(Default)]
pub(super) struct Fitted {
    pub(super) motors: Vec<Motor>,
    pub(super) encoders: Vec<(Side, EncoderTwin)>,
    pub(super) sonars: Vec<Sonar>,
    /// With half the opening within which each is pressed.
    pub(super) bumpers: Vec<(Radians, SwitchTwin)>,
    pub(super) buttons: Vec<SwitchTwin>,
    pub(super) leds: Vec<LedTwin>,
}

impl Fitted {
    /// Fits everything but what the board has real parts for.
    pub(super) fn new(body: &Body, mock: &Mock, truth: &Truth, board: &Board) -> Self {
        let mut fitted = Self::default();
        for part in body.parts() {
            let resources = part.fit().resources;
            if !resources.iter().any(|what| board.is_real(what)) {
                fitted.fit(part, mock, truth);
            }
        }
        fitted
    }

    fn fit(&mut self, part: &Part, mock: &Mock, truth: &Truth) {
        let name = part.name.as_str();
        let truth = truth.clone();
        match &part.kind {
            Kind::Wheel(side, pins, wheel) => self.motors.push(Motor {
                name: name.to_owned(),
                side: *side,
                pwm: pins.pwm,
                twin: mock.bridge_motor(name, *pins, wheel.motor),
                model: wheel.motor,
                speed: RadiansPerSecond::ZERO,
            }),
            Kind::Encoder(side, pins, counts) => {
                let encoder = mock.encoder(name, *pins, *counts);
                self.encoders.push((*side, encoder));
            }
            Kind::Sonar(pins, mounted, beam) => {
                let (index, mounted, beam) = (self.sonars.len(), *mounted, *beam);
                mock.hc_sr04(name, *pins, move |at| truth.echo(index, mounted, beam, at));
                let name = name.to_owned();
                self.sonars.push(Sonar { name, mounted });
            }
            Kind::Bumper(pin, arc) => {
                let switch = mock.switch(name, *pin, BOUNCE);
                self.bumpers.push((*arc / 2.0, switch));
            }
            Kind::Button(pin) => self.buttons.push(mock.switch(name, *pin, BOUNCE)),
            Kind::Led(pin) => self.leds.push(mock.led(name, *pin)),
            Kind::Imu { bus, address } => {
                mock.mpu6050(name, *bus, *address, move |_| truth.inertia());
            }
            Kind::Battery {
                bus,
                address,
                shunt_ohms,
                ..
            } => {
                mock.ina219(name, *bus, *address, *shunt_ohms, move |_| truth.supply());
            }
            Kind::Own(_, _, own) => (own.0)(mock, name),
            Kind::Gnss { port, baud, rate } => {
                mock.gnss(name, port, *baud, *rate, move |_| truth.gnss());
            }
        }
    }

    /// How fast the wheel of a side turns.
    pub(super) fn speed(&self, side: Side) -> RadiansPerSecond {
        let motor = self.motors.iter().rev().find(|motor| motor.side == side);
        motor.map_or(RadiansPerSecond::ZERO, |motor| motor.speed)
    }
}
