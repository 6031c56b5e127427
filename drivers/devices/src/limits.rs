//! Limits of a moving robot beyond its speed: battery, current, tilt, heat, wheels that do not follow.
//!
//! **Wiring.** None. It stands in series, right before the drive, and listens to the sensors whose limits are set.
//!
//! **Messages.** Handles [`Leased`]`<`[`Twist`]`>` and passes it on, as a command to stand still while any limit is tripped;
//! a lease is passed on as it is. No limit makes a command stronger, and none lengthens a stop. Listens to [`BatteryState`],
//! [`Imu`] and [`Odometry`]; connect them with `silence_after`, for what nobody measures any more counts as tripped.
//!
//! **Each limit has a time and a way back**: it trips when it was passed for as long as its section says, and ends when the value was
//! well within for as long. Battery and heat let the robot go on by itself then. **Current and tilt disarm**, also when nobody measures
//! them any more: what was crushed or fell over is for a person to look at.
//!
//! **Arming.** Each limit stands against it until it is known to be kept.
//!
//! **Fails** never. A restart knows nothing, and so lets nothing pass until everything was measured again.
//!
//! Source: [`sinew_control::Trip`] and [`sinew_control::WheelWatch`]. What the limits of a robot are says no data sheet: two lithium
//! cells are empty at 3.2 V each, and the rest of the defaults suits a robot of the size of a hand.

mod config;

pub use config::{BatteryLimit, CurrentLimit, HeatLimit, LimitsConfig, StallLimit, TiltLimit};

use sinew_board::{Board, Objection, Safety};
use sinew_control::{Trip, WheelWatch};
use sinew_messages::{Amperes, BatteryState, Imu, Odometry, Radians, Timestamp, Twist, Vector3};
use sinew_runtime::{Actor, Context, Emits, Factory, Failure, Handler, Leased, Needs, Silence};
use std::time::Duration;

/// Why arming waits after a start.
const UNKNOWN: &str = "nobody has measured it yet";

/// The actor.
#[derive(Clone, Debug)]
pub struct Limits {
    config: LimitsConfig,
    battery: Watched,
    current: Watched,
    tilt: Watched,
    heat: Watched,
    stall: Option<WheelWatch>,
    /// Whether anybody sees the wheels, without whom nobody would see them stall.
    wheels: Watched,
    safety: Safety,
    wanted: Option<Leased<Twist>>,
    /// What was passed on last.
    passed: Twist,
}

/// One limit.
#[derive(Clone, Debug)]
struct Watched {
    name: &'static str,
    /// What is wrong when it is tripped.
    tripped: &'static str,
    /// None of a limit that is not set.
    watch: Option<(Trip, Objection)>,
    disarms: bool,
}

impl Watched {
    fn new(
        board: &Board,
        for_ms: Option<u64>,
        name: &'static str,
        tripped: &'static str,
        disarms: bool,
    ) -> Self {
        let watch = for_ms.map(|ms| {
            let objection = board.safety().objection(name, UNKNOWN);
            (Trip::new(Duration::from_millis(ms)), objection)
        });
        Self {
            name,
            tripped,
            watch,
            disarms,
        }
    }

    /// Begins anew, as somebody who knows nothing.
    fn begin(&self, safety: &Safety) {
        if let Some((_, objection)) = &self.watch {
            objection.raise(UNKNOWN);
            self.disarm(safety);
        }
    }

    /// What a person has to look at must not drive off when it is well again.
    fn disarm(&self, safety: &Safety) {
        if self.disarms && safety.is_armed() {
            safety.disarm();
        }
    }

    /// Looks at a value; what is no number is beyond each limit.
    fn look(&mut self, at: Timestamp, is_beyond: bool, is_well: bool, safety: &Safety) {
        let Some((trip, objection)) = &mut self.watch else {
            return;
        };
        let before = trip.is_tripped();
        match (before, trip.look(at, is_beyond, is_well)) {
            (false, true) => {
                objection.raise(self.tripped);
                if self.disarms {
                    safety.disarm();
                }
            }
            (true, false) => objection.withdraw(),
            _ => {}
        }
    }

    fn lose(&mut self, safety: &Safety) {
        if let Some((trip, objection)) = &mut self.watch {
            trip.lose();
            objection.raise("nobody measures it any more");
            self.disarm(safety);
        }
    }

    fn is_tripped(&self) -> bool {
        self.watch
            .as_ref()
            .is_some_and(|(trip, _)| trip.is_tripped())
    }
}

impl Limits {
    /// The limits of a robot on this board.
    #[must_use]
    pub fn on(board: &Board, config: &LimitsConfig) -> Factory<Self> {
        let new = |for_ms: Option<u64>, name, tripped, disarms| {
            Watched::new(board, for_ms, name, tripped, disarms)
        };
        let it = Self {
            battery: new(
                config.battery.as_ref().map(|it| it.for_ms),
                "battery",
                "the battery is nearly empty: charge it",
                false,
            ),
            current: new(
                config.current.as_ref().map(|it| it.for_ms),
                "current",
                "more current flows than driving takes: see what the robot is stuck on, or what is short",
                true,
            ),
            tilt: new(
                config.tilt.as_ref().map(|it| it.for_ms),
                "tilt",
                "the robot leans too far: put it on its wheels",
                true,
            ),
            heat: new(
                config.heat.as_ref().map(|it| it.for_ms),
                "heat",
                "it is too hot: let it cool",
                false,
            ),
            stall: config.stall.as_ref().map(|it| WheelWatch::new(it.track_m)),
            wheels: new(
                config.stall.as_ref().map(|_| 0),
                "stall",
                "nobody sees whether the wheels turn",
                false,
            ),
            safety: board.safety().clone(),
            config: config.clone(),
            wanted: None,
            passed: Twist::ZERO,
        };
        Factory::new(move || {
            let watched = it.watched().into_iter();
            watched.for_each(|limit| limit.begin(&it.safety));
            Ok(it.clone())
        })
    }

    fn watched(&self) -> [&Watched; 5] {
        [
            &self.battery,
            &self.current,
            &self.tilt,
            &self.heat,
            &self.wheels,
        ]
    }

    /// Which limits are tripped now, by their names.
    fn tripped(&self) -> impl Iterator<Item = &'static str> {
        let stalls = self.stall.as_ref().is_some_and(WheelWatch::doubts);
        let limits = self.watched().into_iter().filter(|it| it.is_tripped());
        limits.map(|it| it.name).chain(stalls.then_some("stall"))
    }

    fn pass_on(&mut self, ctx: &mut Context<Self>) {
        let Some(wanted) = self.wanted else {
            return;
        };
        let stands = self.tripped().next().is_some();
        self.passed = if stands { Twist::ZERO } else { *wanted.value() };
        ctx.publish(wanted.map(|_| self.passed));
    }

    /// Looks, and passes the command on anew if a limit tripped or ended.
    fn after(&mut self, ctx: &mut Context<Self>, look: impl FnOnce(&mut Self)) {
        let before = self.tripped().count();
        look(self);
        if self.tripped().count() != before {
            self.pass_on(ctx);
        }
    }
}

impl Actor for Limits {
    fn needs(needs: &mut Needs) {
        needs.command::<Twist>();
    }
}

impl Emits<Twist> for Limits {}

impl Handler<Leased<Twist>> for Limits {
    type Reply = ();
    async fn handle(&mut self, it: Leased<Twist>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.wanted = Some(it);
        self.pass_on(ctx);
        Ok(())
    }
}

impl Handler<BatteryState> for Limits {
    type Reply = ();
    async fn handle(&mut self, it: BatteryState, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.after(ctx, |limits| {
            let (at, safety) = (it.measured_at, &limits.safety);
            if let Some(limit) = &limits.config.battery {
                let (keeps, well) = (it.voltage >= limit.empty_v, it.voltage >= limit.well_v);
                limits.battery.look(at, !keeps, well, safety);
            }
            if let Some(limit) = &limits.config.current {
                // Either way: a sensor may be connected the other way round.
                let keeps = Amperes(it.current.0.abs()) <= limit.most_a;
                limits.current.look(at, !keeps, keeps, safety);
            }
        });
        Ok(())
    }
}

impl Handler<Silence<BatteryState>> for Limits {
    type Reply = ();
    async fn handle(
        &mut self,
        _: Silence<BatteryState>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.after(ctx, |limits| {
            limits.battery.lose(&limits.safety);
            limits.current.lose(&limits.safety);
        });
        Ok(())
    }
}

impl Handler<Imu> for Limits {
    type Reply = ();
    async fn handle(&mut self, it: Imu, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.after(ctx, |limits| {
            let (at, safety) = (it.measured_at, &limits.safety);
            if let Some(limit) = &limits.config.tilt {
                let Vector3 { x, y, z } = it.linear_acceleration;
                let keeps = Radians(x.hypot(y).atan2(z)) <= limit.most_rad;
                limits.tilt.look(at, !keeps, keeps, safety);
            }
            if let (Some(limit), Some(heat)) = (&limits.config.heat, it.temperature) {
                let (keeps, well) = (heat <= limit.most_c, heat <= limit.well_c);
                limits.heat.look(at, !keeps, well, safety);
            }
        });
        Ok(())
    }
}

impl Handler<Silence<Imu>> for Limits {
    type Reply = ();
    async fn handle(&mut self, _: Silence<Imu>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.after(ctx, |limits| {
            limits.tilt.lose(&limits.safety);
            limits.heat.lose(&limits.safety);
        });
        Ok(())
    }
}

impl Handler<Odometry> for Limits {
    type Reply = ();
    async fn handle(&mut self, seen: Odometry, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let told = self.passed;
        self.after(ctx, |limits| {
            if let Some(watch) = &mut limits.stall {
                watch.look(told, &seen);
            }
            let safety = &limits.safety;
            limits.wheels.look(seen.measured_at, false, true, safety);
        });
        Ok(())
    }
}

impl Handler<Silence<Odometry>> for Limits {
    type Reply = ();
    async fn handle(
        &mut self,
        _: Silence<Odometry>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.after(ctx, |limits| limits.wheels.lose(&limits.safety));
        Ok(())
    }
}
