//! A DC motor behind one half of a TB6612FNG H-bridge, or at the terminals of a motor controller.
//!
//! Source of the bridge: Toshiba TB6612FNG (2014-10-01), "H-SW Control Function": IN1 and IN2 high brake whatever PWM
//! is; one of them high drives while PWM is high and brakes while it is low; both low stop with open outputs. Its
//! inputs have 200 kOhm to ground, so an unconnected bridge stops. The motor is a first-order lag (the mechanical
//! time constant that motor makers state) with a dead band for static friction.

use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::twin::handle;
use crate::twins::pca9685::{BridgeOutputs, Outputs, Pca9685Twin};
use crate::twins::roboclaw::RoboclawTwin;
use crate::wires::Wires;
use sinew_board::{Pin, PwmChannel};
use sinew_messages::{Duty, RadiansPerSecond};
use std::time::Duration;

/// Below this speed, in rad/s, a motor that is not driven stands: friction holds it.
const STANDS: f64 = 1e-3;

/// Where one half of an H-bridge is wired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BridgeMotorPins {
    /// PWM: how hard.
    pub pwm: PwmChannel,
    /// IN1: alone high is forward.
    pub forward: Pin,
    /// IN2: alone high is backward.
    pub backward: Pin,
}

/// How a motor with its wheel behaves. The default resembles a yellow TT gear motor (1:48) at 6 V under a small robot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotorModel {
    /// At full duty, under the usual load.
    pub top_speed: RadiansPerSecond,
    /// Until 63 % of a change of speed while driven.
    pub time_constant: Duration,
    /// Until 63 % of the speed is gone while braked.
    pub braking_time_constant: Duration,
    /// Until 63 % of the speed is gone while nothing is connected.
    pub coasting_time_constant: Duration,
    /// The duty up to which it does not turn, 0 to 1.
    pub dead_band: f64,
}

impl Default for MotorModel {
    fn default() -> Self {
        Self {
            top_speed: RadiansPerSecond(20.0),
            time_constant: Duration::from_millis(80),
            braking_time_constant: Duration::from_millis(30),
            coasting_time_constant: Duration::from_millis(250),
            dead_band: 0.12,
        }
    }
}

/// What a bridge, or a controller, does with its motor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BridgeState {
    /// Open outputs: the motor runs out.
    Coast,
    /// Both ends connected: the motor brakes itself.
    Brake,
    /// Driven; a duty within the dead band is as good as a brake.
    Drive(Duty),
}

handle! {
    /// A fitted motor. Unplugged nothing is connected; frozen the bridge keeps doing what it did.
    MotorTwin
}

impl MotorTwin {
    /// What the bridge does now.
    #[must_use]
    pub fn state(&self) -> BridgeState {
        self.with(|motor, wires, follows| motor.state(wires, follows))
    }

    /// Lets `dt` pass and gives the speed after it. A motor that is `held` (the wheel is blocked) stands at once.
    /// The bridge's state counts as constant during `dt`; choose steps of a few milliseconds.
    pub fn step(&self, dt: Duration, held: bool) -> RadiansPerSecond {
        self.with(|motor, wires, follows| {
            let state = motor.state(wires, follows);
            motor.step(state, dt, held);
            motor.speed
        })
    }

    /// The speed after the last step; forward is positive.
    #[must_use]
    pub fn speed(&self) -> RadiansPerSecond {
        self.with(|motor, _, _| motor.speed)
    }

    /// Whether it was driven beyond its dead band and held in the last step.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.with(|motor, _, _| motor.stalled)
    }

    fn with<R>(&self, act: impl FnOnce(&mut Motor, &mut Wires, Follows) -> R) -> R {
        self.0.mock.with(|state| {
            let (socket, part, wires) = state.twin(self.0.id);
            let follows = match (socket.plugged, socket.frozen) {
                (false, _) => Follows::Nothing,
                (true, true) => Follows::Itself,
                (true, false) => Follows::Pins,
            };
            match part {
                Part::Motor(motor) => act(motor, wires, follows),
                _ => unreachable!("this handle is made for a motor only"),
            }
        })
    }
}

impl Mock {
    /// Fits an H-bridge with a motor. [`MotorTwin::step`] moves it.
    pub fn bridge_motor(&self, name: &str, pins: BridgeMotorPins, model: MotorModel) -> MotorTwin {
        let resources = vec![
            pins.pwm.to_string(),
            pins.forward.to_string(),
            pins.backward.to_string(),
        ];
        let motor = Motor::new(Source::Bridge(pins), model);
        MotorTwin(self.fit(name, "H-bridge motor", resources, Part::Motor(motor)))
    }

    /// Fits a motor to the terminals of a controller, by their number (1 or 2). [`MotorTwin::step`] moves it.
    pub fn controller_motor(
        &self,
        name: &str,
        controller: &RoboclawTwin,
        motor: usize,
        model: MotorModel,
    ) -> MotorTwin {
        let (terminal, resource) = controller.terminal(motor);
        let motor = Motor::new(Source::Terminal(terminal), model);
        MotorTwin(self.fit(name, "motor", vec![resource], Part::Motor(motor)))
    }

    /// Fits a motor behind a TB6612FNG on outputs of a PCA9685. [`MotorTwin::step`] moves it.
    pub fn chip_motor(
        &self,
        name: &str,
        chip: &Pca9685Twin,
        at: BridgeOutputs,
        model: MotorModel,
    ) -> MotorTwin {
        let resource = format!("output {} of {}", at.pwm, chip.name());
        let motor = Motor::new(Source::Outputs(chip.outputs(), at), model);
        MotorTwin(self.fit(name, "motor", vec![resource], Part::Motor(motor)))
    }
}

/// What a motor is connected to.
#[derive(Clone, Debug)]
enum Source {
    Bridge(BridgeMotorPins),
    /// One of a motor controller's.
    Terminal(usize),
    /// A bridge on outputs of a chip.
    Outputs(Outputs, BridgeOutputs),
}

/// What the bridge listens to.
#[derive(Clone, Copy)]
enum Follows {
    Pins,
    Itself,
    Nothing,
}

/// The bridge and its motor.
#[derive(Debug)]
pub(crate) struct Motor {
    source: Source,
    model: MotorModel,
    /// What the bridge did when it was last looked at.
    last: BridgeState,
    speed: RadiansPerSecond,
    stalled: bool,
}

impl Source {
    fn state(&self, wires: &mut Wires) -> BridgeState {
        let pins = match self {
            Self::Bridge(pins) => pins,
            Self::Outputs(outputs, at) => return outputs.bridge(*at),
            Self::Terminal(terminal) => {
                let state = wires.terminals.get(*terminal);
                return state.copied().unwrap_or(BridgeState::Coast);
            }
        };
        let duty = wires.pwm(pins.pwm).duty;
        let forward = wires.level(pins.forward).is_high();
        let backward = wires.level(pins.backward).is_high();
        match (forward, backward) {
            (false, false) => BridgeState::Coast,
            (true, true) => BridgeState::Brake,
            (true, false) => BridgeState::Drive(Duty::nearest(duty)),
            (false, true) => BridgeState::Drive(Duty::nearest(-duty)),
        }
    }
}

impl Behaviour for Motor {
    fn freeze(&mut self, wires: &mut Wires) {
        self.state(wires, Follows::Pins);
    }
}

impl Motor {
    fn new(source: Source, model: MotorModel) -> Self {
        Self {
            source,
            model,
            last: BridgeState::Coast,
            speed: RadiansPerSecond::ZERO,
            stalled: false,
        }
    }

    fn state(&mut self, wires: &mut Wires, follows: Follows) -> BridgeState {
        self.last = match follows {
            Follows::Itself => self.last,
            Follows::Nothing => BridgeState::Coast,
            Follows::Pins => self.source.state(wires),
        };
        self.last
    }

    fn step(&mut self, state: BridgeState, dt: Duration, held: bool) {
        let model = &self.model;
        let (target, time_constant) = match state {
            BridgeState::Coast => (0.0, model.coasting_time_constant),
            BridgeState::Brake => (0.0, model.braking_time_constant),
            BridgeState::Drive(duty) if duty.magnitude() <= model.dead_band => {
                (0.0, model.braking_time_constant)
            }
            BridgeState::Drive(duty) => {
                let pull = (duty.magnitude() - model.dead_band) / (1.0 - model.dead_band);
                let speed = pull * model.top_speed.0;
                (speed.copysign(duty.ratio()), model.time_constant)
            }
        };
        self.stalled = held && target != 0.0;
        if held {
            self.speed = RadiansPerSecond::ZERO;
            return;
        }
        // The exact answer of a first-order lag, so that the size of the steps does not matter.
        let kept = (-dt.as_secs_f64() / time_constant.as_secs_f64().max(1e-9)).exp();
        let speed = target + (self.speed.0 - target) * kept;
        let stands = target == 0.0 && speed.abs() < STANDS;
        self.speed = RadiansPerSecond(if stands { 0.0 } else { speed });
    }
}
