//! The twins of a body's parts.

use crate::body::{Body, Kind, Part, Wheel, WheelMotor};
use crate::rig::ills::Lies;
use crate::rig::truth::Truth;
use sinew_board::{Board, Resource};
use sinew_messages::{MetersPerSecond, Pose, Radians, RadiansPerSecond, Side, Volts};

use sinew_mock::{
    EncoderTwin, LedTwin, Mock, MotorModel, MotorTwin, Pca9685Twin, RoboclawTwin, SwitchTwin,
};
use std::time::Duration;

/// Contacts of cheap switches settle within this (Ganssle, "A guide to debouncing", 2008: most within 5 ms).
const BOUNCE: Duration = Duration::from_millis(5);

/// A motor and what the plant needs to know of it.
pub(super) struct Motor {
    pub(super) name: String,
    pub(super) side: Side,
    /// What the board's output of it has claimed.
    pub(super) output: Resource,
    pub(super) twin: MotorTwin,
    pub(super) model: MotorModel,
    pub(super) speed: RadiansPerSecond,
    /// Something blocks its wheel.
    pub(super) stalled: bool,
    /// It turns the other way.
    pub(super) reversed: bool,
}

/// An encoder, and which part of its wheel's turning it sees; all of it unless something is wrong.
pub(super) struct Encoder {
    pub(super) name: String,
    pub(super) side: Side,
    pub(super) twin: EncoderTwin,
    pub(super) sees: f64,
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
    /// By their ports.
    controllers: Vec<(String, RoboclawTwin)>,
    /// By bus and address.
    chips: Vec<((u8, u8), Pca9685Twin)>,
    pub(super) encoders: Vec<Encoder>,
    pub(super) sonars: Vec<Sonar>,
    /// With half the opening within which each is pressed.
    pub(super) bumpers: Vec<(Radians, SwitchTwin)>,
    pub(super) buttons: Vec<SwitchTwin>,
    pub(super) leds: Vec<LedTwin>,
}

impl Fitted {
    /// Fits everything but what the board has real parts for.
    pub(super) fn new(body: &Body, mock: &Mock, told: (&Truth, &Lies), board: &Board) -> Self {
        let mut fitted = Self::default();
        for part in body.parts() {
            let resources = part.fit().resources;
            if !resources.iter().any(|what| board.is_real(what)) {
                fitted.fit(part, mock, told);
            }
        }
        fitted
    }

    fn fit(&mut self, part: &Part, mock: &Mock, (truth, lies): (&Truth, &Lies)) {
        let name = part.name.as_str();
        let (truth, lies, who) = (truth.clone(), lies.clone(), name.to_owned());
        match &part.kind {
            Kind::Wheel(side, motor, wheel) => self.fit_wheel(mock, name, *side, motor, wheel),
            Kind::Roboclaw { .. } | Kind::Pca9685 { .. } => self.fit_controller(mock, part),
            Kind::Encoder(side, pins, counts) => {
                self.encoders.push(Encoder {
                    name: who,
                    side: *side,
                    twin: mock.encoder(name, *pins, *counts),
                    sees: 1.0,
                });
            }
            Kind::Sonar(pins, mounted, beam) => {
                let (index, mounted, beam) = (self.sonars.len(), *mounted, *beam);
                mock.hc_sr04(name, *pins, move |at| {
                    let heard = truth.echo(index, mounted, beam, at);
                    lies.heard(&who, at, heard)
                });
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
                mock.mpu6050(name, *bus, *address, move |at| {
                    let mut felt = truth.inertia();
                    // About the axis to the left, about which a body leans, and about the one up.
                    let turns = &mut felt.angular_velocity;
                    for turn in [&mut turns.y, &mut turns.z] {
                        *turn = lies.told(&who, at, *turn);
                    }
                    felt
                });
            }
            Kind::Battery {
                bus,
                address,
                shunt_ohms,
                ..
            } => {
                mock.ina219(name, *bus, *address, *shunt_ohms, move |at| {
                    let (voltage, current) = truth.supply();
                    (Volts(lies.told(&who, at, voltage.0)), current)
                });
            }
            Kind::Own(_, _, own) => (own.0)(mock, name),
            Kind::Gnss { port, baud, rate } => {
                mock.gnss(name, port, *baud, *rate, move |at| {
                    let mut state = truth.gnss();
                    state.speed = MetersPerSecond(lies.told(&who, at, state.speed.0).abs());
                    state
                });
            }
        }
    }

    /// Fits what drives motors that are fitted after it.
    fn fit_controller(&mut self, mock: &Mock, part: &Part) {
        match &part.kind {
            Kind::Roboclaw {
                port,
                baud,
                address,
            } => {
                let twin = mock.roboclaw(&part.name, port, *baud, *address);
                self.controllers.push((port.clone(), twin));
            }
            Kind::Pca9685 { bus, address } => {
                let twin = mock.pca9685(&part.name, *bus, *address);
                self.chips.push(((*bus, *address), twin));
            }
            _ => {}
        }
    }

    /// Fits a motor. One whose controller is not there is not either: the robot does not find it when it opens its port.
    fn fit_wheel(
        &mut self,
        mock: &Mock,
        name: &str,
        side: Side,
        motor: &WheelMotor,
        wheel: &Wheel,
    ) {
        let twin = match motor {
            WheelMotor::Bridge(pins) => mock.bridge_motor(name, *pins, wheel.motor),
            WheelMotor::Controller { port, motor } => {
                let mut all = self.controllers.iter();
                let Some((_, controller)) = all.find(|(on, _)| on == port) else {
                    return;
                };
                mock.controller_motor(name, controller, *motor, wheel.motor)
            }
            WheelMotor::Chip {
                bus,
                address,
                motor: (_, at),
            } => {
                let mut all = self.chips.iter();
                let Some((_, chip)) = all.find(|(on, _)| *on == (*bus, *address)) else {
                    return;
                };
                mock.chip_motor(name, chip, *at, wheel.motor)
            }
        };
        self.motors.push(Motor {
            name: name.to_owned(),
            side,
            output: motor.resource(),
            twin,
            model: wheel.motor,
            speed: RadiansPerSecond::ZERO,
            stalled: false,
            reversed: false,
        });
    }

    /// Reverses a motor or an encoder, or makes it right; `false` for any other part.
    pub(super) fn reverse(&mut self, part: &str, reversed: bool) -> bool {
        if let Some(motor) = self.motor(part) {
            motor.reversed = reversed;
            return true;
        }
        self.slip(part, if reversed { -1.0 } else { 1.0 })
    }

    /// Lets an encoder see so much of its wheel's turning; `false` for any other part.
    pub(super) fn slip(&mut self, part: &str, sees: f64) -> bool {
        let encoder = self.encoders.iter_mut().find(|it| it.name == part);
        encoder.map(|encoder| encoder.sees = sees).is_some()
    }

    /// Blocks the wheel of a motor, or frees it; `false` for any other part.
    pub(super) fn stall(&mut self, part: &str, stalled: bool) -> bool {
        self.motor(part)
            .map(|motor| motor.stalled = stalled)
            .is_some()
    }

    /// Lets the contact of a switch open and close; `false` for any other part.
    pub(super) fn chatter(&self, part: &str, lasts: Duration) -> bool {
        let bumpers = self.bumpers.iter().map(|(_, switch)| switch);
        let mut switches = bumpers.chain(&self.buttons);
        let found = switches.find(|switch| switch.name() == part);
        found.map(|switch| switch.chatter(lasts)).is_some()
    }

    fn motor(&mut self, part: &str) -> Option<&mut Motor> {
        self.motors.iter_mut().find(|motor| motor.name == part)
    }

    /// How fast the wheel of a side turns.
    pub(super) fn speed(&self, side: Side) -> RadiansPerSecond {
        let motor = self.motors.iter().rev().find(|motor| motor.side == side);
        motor.map_or(RadiansPerSecond::ZERO, |motor| motor.speed)
    }
}
