//! Two driven wheels on one axle, each behind an H-bridge, or both behind a motor controller.
//!
//! **Wiring.** An H-bridge with a PWM input and two direction inputs per motor (TB6612FNG, L298N, DRV8871 with
//! logic). Per motor: PWM to a hardware PWM channel (GPIO12 or GPIO13), the direction inputs to a GPIO each. Logic supply
//! 3.3 V for a TB6612; an L298N takes 5 V logic and reads 3.3 V as high. Motor supply from the battery, never from the
//! Pi; one common GND. **A switch that cuts the motor supply is required.** Pull the PWM lines to GND with 10 kOhm each,
//! because a Pi that boots does not drive its pins. For a controller on a serial port see
//! [`RoboclawConfig`](crate::RoboclawConfig), for a motor board on I2C [`MotorBoardConfig`](crate::MotorBoardConfig).
//!
//! **Messages.** Handles [`Leased`]`<`[`Twist`]`>`: newest wins, and moves the wheels until its lease ends. Emits
//! nothing. A twist is scaled as a whole to the limits, so that the body slows down on its curve; it grows
//! by the accelerations allowed, and **shrinks at once**: no limit lengthens a stop. What is no number stands still.
//!
//! **Fails** if a bridge is lost; the other is braked first. A refusal is no failure: disarmed, e-stopped and
//! expired commands are counted, and the wheels stay in the board's safe action.
//!
//! **Then the wheels** brake, unless `safety` says coast: at the end of a lease the board itself stops them, at exactly its
//! last moment and without this actor, which may hang; at failure and restart, disarm and e-stop likewise. A
//! restart disarms: nothing moves again before a person says so.
//!
//! **Parameters** that may be changed while it runs: `left.trim` and `right.trim`, and the limits `max_speed_m_s` and
//! `max_yaw_rad_s`, up to what the config says.
//!
//! Source: TB6612FNG data sheet, Toshiba 2014-10-01, "H-SW control function" (short brake and stop); the kinematics are
//! [`sinew_control::DifferentialKinematics`]. The duty is feed-forward: full speed and dead band are measured, not controlled.

mod config;

pub use config::{BridgeConfig, DifferentialDriveConfig};

use crate::ReadCounters;
use crate::feed_forward::FeedForward;
use sinew_board::{Applied, Board, BoardError, Bridge, ClaimError, Refused};
use sinew_control::{DifferentialKinematics, Ramp, TwistLimits};
use sinew_messages::{Duty, MetersPerSecond, RadiansPerSecond, Timestamp, Twist};
use sinew_runtime::{
    Actor, Context, Factory, Failure, Handler, Leased, Needs, Parameter, Reason, Time, TimerId,
};
use std::time::Duration;

/// How often a command that is still growing is written anew.
const STEP: Duration = Duration::from_millis(10);

/// How soon what found no room on its way to a controller is written again: a command of two motors takes 1 ms at 115,200 baud.
const SOON: Duration = Duration::from_millis(2);

/// What a [`DifferentialDrive`] counted since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DifferentialDriveCounters {
    /// Commands taken.
    pub commands: u64,
    /// Writes refused because the board is disarmed.
    pub refused_disarmed: u64,
    /// Writes refused because of an e-stop.
    pub refused_estop: u64,
    /// Writes refused because the lease had ended.
    pub refused_expired: u64,
    /// Writes refused because the command may be older than the last disarm or e-stop.
    pub refused_before_stop: u64,
    /// Writes left out because the command before was still on its way to a motor controller; that one stands.
    pub refused_busy: u64,
    /// Writes refused for a reason that the board learnt since.
    pub refused_otherwise: u64,
    /// Commands that were no numbers; the wheels were stopped.
    pub no_number: u64,
}

/// The actor of a differential drive.
#[derive(Debug)]
pub struct DifferentialDrive {
    left: Wheel,
    right: Wheel,
    kinematics: DifferentialKinematics,
    tuning: Tuning,
    feed: FeedForward,
    forward: Ramp<MetersPerSecond>,
    yaw: Ramp<RadiansPerSecond>,
    /// The command that stands, within the limits.
    standing: Option<Leased<Twist>>,
    written_at: Time,
    stepping: Option<TimerId>,
    counters: DifferentialDriveCounters,
}

/// One wheel's output.
#[derive(Debug)]
struct Wheel {
    bridge: Bridge,
    reversed: bool,
    trim: Parameter,
    /// Writes left out because the one before was still on its way, and whether the newest was.
    busy: u64,
    is_behind: bool,
}

/// What may be changed while it runs.
#[derive(Clone, Debug)]
struct Tuning {
    left_trim: Parameter,
    right_trim: Parameter,
    max_speed: Parameter,
    max_yaw: Parameter,
}

impl Tuning {
    fn new(config: &DifferentialDriveConfig) -> Self {
        let (speed, yaw) = (config.max_speed_m_s.0, config.max_yaw_rad_s.0);
        Self {
            left_trim: Parameter::new("left.trim", config.left.trim, 0.5..=1.0),
            right_trim: Parameter::new("right.trim", config.right.trim, 0.5..=1.0),
            max_speed: Parameter::new("max_speed_m_s", speed, 0.01..=speed),
            max_yaw: Parameter::new("max_yaw_rad_s", yaw, 0.05..=yaw),
        }
    }

    fn limits(&self) -> TwistLimits {
        TwistLimits {
            linear: MetersPerSecond(self.max_speed.get()),
            yaw: RadiansPerSecond(self.max_yaw.get()),
        }
    }

    fn all(&self) -> [&Parameter; 4] {
        [
            &self.left_trim,
            &self.right_trim,
            &self.max_speed,
            &self.max_yaw,
        ]
    }
}

/// Time to let a growing command grow.
#[derive(Clone, Copy, Debug)]
struct Step;

impl DifferentialDrive {
    /// Claims both bridges; the factory opens them, braked, at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if a pin or channel has an owner or does not exist.
    pub fn on(
        board: &Board,
        config: &DifferentialDriveConfig,
    ) -> Result<Factory<Self>, ClaimError> {
        let ([left, right], controller) = config.claim(board)?;
        let names = (left.clone(), right.clone());
        let config = config.clone();
        let tuning = Tuning::new(&config);
        let declared = tuning.clone();
        let factory = Factory::new(move || {
            let left = Wheel {
                bridge: left.open()?,
                reversed: config.left.reversed,
                trim: tuning.left_trim.clone(),
                busy: 0,
                is_behind: false,
            };
            let right = Wheel {
                bridge: right.open()?,
                reversed: config.right.reversed,
                trim: tuning.right_trim.clone(),
                busy: 0,
                is_behind: false,
            };
            Self::new(left, right, &config, tuning.clone())
        });
        let all = declared.all().into_iter();
        let factory = all.fold(factory, |factory, it| factory.parameter(it));
        Ok(factory.named(move |node| {
            names.0.owned_by(node);
            names.1.owned_by(node);
            if let Some(controller) = &controller {
                controller.owned_by(node);
            }
        }))
    }

    fn new(
        left: Wheel,
        right: Wheel,
        config: &DifferentialDriveConfig,
        tuning: Tuning,
    ) -> Result<Self, Failure> {
        Ok(Self {
            left,
            right,
            kinematics: DifferentialKinematics::new(config.wheel_radius_m, config.track_m)?,
            tuning,
            feed: FeedForward::new(config.full_speed_rad_s, config.dead_band),
            forward: Ramp::new(MetersPerSecond(config.max_acceleration_m_s2.0)),
            yaw: Ramp::new(RadiansPerSecond(config.max_yaw_acceleration_rad_s2)),
            standing: None,
            written_at: Time::ZERO,
            stepping: None,
            counters: DifferentialDriveCounters::default(),
        })
    }

    /// Moves the wheels toward the command that stands, as far as it may have grown by `now`.
    fn write(&mut self, now: Time) -> Result<(), Failure> {
        let Some(command) = self.standing else {
            return Ok(());
        };
        // After a pause the ramp begins anew: it grows by one step, not by the pause.
        let elapsed = now.since(self.written_at).min(STEP);
        self.written_at = now;
        let target = command.value();
        let twist = Twist::new(
            self.forward.toward(target.x, elapsed),
            self.yaw.toward(target.yaw, elapsed),
        );
        let speeds = self
            .kinematics
            .wheel_speeds(twist)
            .within(self.feed.full_speed());
        let (left, right) = (self.feed.duty(speeds.left), self.feed.duty(speeds.right));
        let valid_until = Timestamp::from_nanos(command.valid_until().nanos());
        self.apply(left, right, valid_until)
    }

    /// Writes both bridges, so that never one alone is driven.
    fn apply(&mut self, left: Duty, right: Duty, valid_until: Timestamp) -> Result<(), Failure> {
        let left = self.left.apply(left, valid_until);
        let right = self.right.apply(right, valid_until);
        match (left, right) {
            (Ok(None), Ok(None)) => Ok(()),
            (Ok(Some(why)), Ok(Some(_))) => {
                // The board's safe action for this cause stands on both.
                self.refused(why);
                Ok(())
            }
            (Ok(Some(why)), Ok(None)) | (Ok(None), Ok(Some(why))) => {
                self.refused(why);
                Ok(self.brake()?)
            }
            (Err(lost), _) | (_, Err(lost)) => {
                self.brake().ok();
                Err(lost.into())
            }
        }
    }

    fn refused(&mut self, why: Refused) {
        let counter = match why {
            Refused::Disarmed => &mut self.counters.refused_disarmed,
            Refused::EStop => &mut self.counters.refused_estop,
            Refused::Expired => &mut self.counters.refused_expired,
            Refused::BeforeTheStop => &mut self.counters.refused_before_stop,
            _ => &mut self.counters.refused_otherwise,
        };
        *counter += 1;
        self.forget();
    }

    /// Nothing is commanded any more, and the next command grows from zero.
    fn forget(&mut self) {
        self.standing = None;
        self.forward.stop();
        self.yaw.stop();
    }

    /// Brakes both wheels; one that is lost does not keep the other from it.
    fn brake(&mut self) -> Result<(), BoardError> {
        self.forget();
        let left = self.left.bridge.brake();
        let right = self.right.bridge.brake();
        left.and(right)
    }

    /// Whether the command that stands is still to grow.
    fn is_growing(&self) -> bool {
        self.standing.is_some_and(|command| {
            let target = command.value();
            target.x != self.forward.value() || target.yaw != self.yaw.value()
        })
    }

    fn step_again(&mut self, ctx: &mut Context<Self>) {
        let is_behind = self.left.is_behind || self.right.is_behind;
        if self.stepping.is_none() && (is_behind || self.is_growing()) {
            let time = if is_behind { SOON } else { STEP };
            self.stepping = Some(ctx.after(time, Step));
        }
    }
}

impl Wheel {
    /// Drives this wheel, or brakes it where no duty is asked for; `Some` says why the board refused.
    fn apply(&mut self, duty: Duty, valid_until: Timestamp) -> Result<Option<Refused>, BoardError> {
        self.is_behind = false;
        if duty == Duty::ZERO {
            return self.bridge.brake().map(|()| None);
        }
        let duty = Duty::nearest(duty.ratio() * self.trim.get());
        let duty = if self.reversed { -duty } else { duty };
        match self.bridge.drive(duty, valid_until)? {
            Applied::Driven(_) => Ok(None),
            // It is said as soon as there is room.
            Applied::Refused(Refused::Busy) => {
                self.busy += 1;
                self.is_behind = true;
                Ok(None)
            }
            Applied::Refused(why) => Ok(Some(why)),
        }
    }
}

impl Actor for DifferentialDrive {
    fn needs(needs: &mut Needs) {
        needs.command::<Twist>();
    }

    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(self.brake()?)
    }
}

impl Handler<Leased<Twist>> for DifferentialDrive {
    type Reply = ();
    async fn handle(
        &mut self,
        command: Leased<Twist>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let now = ctx.now();
        self.counters.commands += 1;
        let Twist { x, yaw, .. } = *command.value();
        if !(x.0.is_finite() && yaw.0.is_finite()) {
            self.counters.no_number += 1;
            return Ok(self.brake()?);
        }
        // The board has braked the wheels when the last lease ended: grow from zero again.
        if self.standing.is_none_or(|last| last.valid_until() <= now) {
            self.forget();
        }
        let limits = self.tuning.limits();
        self.standing = Some(command.map(|_| limits.limit(Twist::new(x, yaw))));
        self.write(now)?;
        self.step_again(ctx);
        Ok(())
    }
}

impl Handler<Step> for DifferentialDrive {
    type Reply = ();
    async fn handle(&mut self, _: Step, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.stepping = None;
        let now = ctx.now();
        if self
            .standing
            .is_some_and(|command| command.valid_until() <= now)
        {
            self.forget();
        }
        self.write(now)?;
        self.step_again(ctx);
        Ok(())
    }
}

impl Handler<ReadCounters> for DifferentialDrive {
    type Reply = DifferentialDriveCounters;
    async fn handle(
        &mut self,
        _: ReadCounters,
        _: &mut Context<Self>,
    ) -> Result<DifferentialDriveCounters, Failure> {
        Ok(DifferentialDriveCounters {
            refused_busy: self.left.busy + self.right.busy,
            ..self.counters
        })
    }
}
