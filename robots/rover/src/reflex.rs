//! The reflex: stands between pilot and wheels and keeps the rover off walls.
//!
//! It takes the pilot's command and clamps it, so that the rover can stop within what is known to be free. It
//! never makes a command stronger, and never lets one stand longer. Silence of the sonar or the inertial sensor
//! and a tilt stop it altogether, and so does a wheel that is not seen to do what it is told, for two seconds before it
//! is tried again. A touched bumper stops the way forward.

use serde::{Deserialize, Serialize};
use sinew::prelude::*;

/// Standing upright is within this angle of the vertical: beyond it a rover is falling or lifted.
const UPRIGHT: Radians = Radians(0.6);

/// How the rover stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReflexConfig {
    /// What stays free between the sonar and what it sees.
    pub stop_distance_m: Meters,
    /// How hard it brakes.
    pub deceleration_m_s2: MetersPerSecondSquared,
    /// From an obstacle's appearance to the first braking: a sonar period, the command's way, the motors' lag.
    pub latency_ms: u64,
    /// How fast it may go while no echo comes: unknown is not clear.
    pub unknown_m_s: MetersPerSecond,
}

impl Default for ReflexConfig {
    fn default() -> Self {
        Self {
            stop_distance_m: Meters(0.2),
            deceleration_m_s2: MetersPerSecondSquared(0.8),
            latency_ms: 150,
            unknown_m_s: MetersPerSecond(0.15),
        }
    }
}

/// The actor.
#[derive(Clone, Debug)]
pub struct Reflex {
    config: ReflexConfig,
    ahead: Ahead,
    touching: bool,
    stance: Stance,
    wanted: Option<Leased<Twist>>,
    /// What was passed on last.
    passed: Twist,
    watch: WheelWatch,
}

/// What is known of the way ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ahead {
    /// Nothing is heard at all: the sonar is silent.
    Silent,
    /// The sonar hears no echo.
    Unknown,
    /// So much is free.
    Free(Meters),
}

/// How the rover stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stance {
    /// The inertial sensor is silent.
    Unknown,
    /// On its wheels.
    Upright,
    /// Falling, lifted, or on its side.
    Tilted,
}

impl Reflex {
    /// A reflex that has heard nothing yet, and so lets nothing pass. `track` is from wheel to wheel.
    #[must_use]
    pub fn new(config: &ReflexConfig, track: Meters) -> Self {
        let config = config.clone();
        Self {
            config,
            ahead: Ahead::Silent,
            touching: false,
            stance: Stance::Unknown,
            wanted: None,
            passed: Twist::ZERO,
            watch: WheelWatch::new(track),
        }
    }

    /// The fastest way forward that still ends before what is ahead.
    fn fastest(&self) -> MetersPerSecond {
        let config = &self.config;
        match self.ahead {
            Ahead::Silent => MetersPerSecond::ZERO,
            Ahead::Unknown => config.unknown_m_s,
            Ahead::Free(distance) => safe_speed(
                distance - config.stop_distance_m,
                Duration::from_millis(config.latency_ms),
                config.deceleration_m_s2,
            ),
        }
    }

    /// A twist, made harmless.
    fn clamped(&self, wanted: Twist) -> Twist {
        if self.ahead == Ahead::Silent || self.stance != Stance::Upright || self.watch.doubts() {
            return Twist::ZERO;
        }
        // The smaller of no number and a speed is the speed: what was never asked for.
        if !(wanted.x.0.is_finite() && wanted.yaw.0.is_finite()) {
            return Twist::ZERO;
        }
        let fastest = if self.touching {
            MetersPerSecond::ZERO
        } else {
            self.fastest()
        };
        Twist {
            x: wanted.x.min(fastest),
            ..wanted
        }
    }

    /// Passes on what is wanted, as it may be now.
    fn pass_on(&mut self, ctx: &mut Context<Self>) {
        if let Some(wanted) = self.wanted {
            self.passed = self.clamped(*wanted.value());
            ctx.publish(wanted.map(|_| self.passed));
        }
    }
}

impl Actor for Reflex {
    fn needs(needs: &mut Needs) {
        needs
            .value::<Range>()
            .value::<Imu>()
            .value::<Odometry>()
            .command::<Twist>();
    }
}

impl Emits<Twist> for Reflex {}

impl Handler<Leased<Twist>> for Reflex {
    type Reply = ();
    async fn handle(
        &mut self,
        wanted: Leased<Twist>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.wanted = Some(wanted);
        self.pass_on(ctx);
        Ok(())
    }
}

impl Handler<Range> for Reflex {
    type Reply = ();
    async fn handle(&mut self, range: Range, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.ahead = range.distance.map_or(Ahead::Unknown, Ahead::Free);
        self.pass_on(ctx);
        Ok(())
    }
}

/// Silence is a message too.
impl Handler<Silence<Range>> for Reflex {
    type Reply = ();
    async fn handle(&mut self, _: Silence<Range>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.ahead = Ahead::Silent;
        self.pass_on(ctx);
        Ok(())
    }
}

impl Handler<Contact> for Reflex {
    type Reply = ();
    async fn handle(&mut self, contact: Contact, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.touching = contact.touching;
        self.pass_on(ctx);
        Ok(())
    }
}

impl Handler<Imu> for Reflex {
    type Reply = ();
    async fn handle(&mut self, imu: Imu, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let Vector3 { x, y, z } = imu.linear_acceleration;
        let tilt = Radians(x.hypot(y).atan2(z));
        let stance = if tilt < UPRIGHT {
            Stance::Upright
        } else {
            Stance::Tilted
        };
        if std::mem::replace(&mut self.stance, stance) != stance {
            self.pass_on(ctx);
        }
        Ok(())
    }
}

/// Wheels that are not seen to do what they are told rest for a while.
impl Handler<Odometry> for Reflex {
    type Reply = ();
    async fn handle(&mut self, seen: Odometry, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let before = self.watch.doubts();
        self.watch.look(self.passed, &seen);
        if self.watch.doubts() != before {
            self.pass_on(ctx);
        }
        Ok(())
    }
}

/// Without the inertial sensor it cannot say that the rover stands on its wheels.
impl Handler<Silence<Imu>> for Reflex {
    type Reply = ();
    async fn handle(&mut self, _: Silence<Imu>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.stance = Stance::Unknown;
        self.pass_on(ctx);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reflex(ahead: Ahead) -> Reflex {
        Reflex {
            ahead,
            stance: Stance::Upright,
            ..Reflex::new(&ReflexConfig::default(), Meters(0.15))
        }
    }

    fn forward(speed: f64) -> Twist {
        Twist::new(MetersPerSecond(speed), RadiansPerSecond(0.5))
    }

    #[test]
    fn it_lets_nothing_pass_before_it_heard_anything() {
        let fresh = Reflex::new(&ReflexConfig::default(), Meters(0.15));
        assert_eq!(fresh.clamped(forward(0.4)), Twist::ZERO);
    }

    #[test]
    fn the_clamped_speed_stops_before_the_stop_distance() {
        let config = ReflexConfig::default();
        for centimetres in 0..300 {
            let distance = Meters(f64::from(centimetres) / 100.0);
            let speed = reflex(Ahead::Free(distance)).clamped(forward(9.0)).x;
            let latency = Duration::from_millis(config.latency_ms);
            let way = stopping_distance(speed, latency, config.deceleration_m_s2);
            let left = distance - way;
            assert!(
                speed == MetersPerSecond::ZERO || left >= config.stop_distance_m - Meters(1e-9)
            );
        }
    }

    #[test]
    fn what_is_no_number_stands_still() {
        let none = f64::NAN;
        let free = reflex(Ahead::Free(Meters(3.0)));
        let yaw = Twist::new(MetersPerSecond(0.4), RadiansPerSecond(none));
        for strange in [forward(none), forward(f64::INFINITY), yaw] {
            assert_eq!(free.clamped(strange), Twist::ZERO);
        }
        let unread = reflex(Ahead::Free(Meters(none)));
        assert_eq!(unread.clamped(forward(0.4)).x, MetersPerSecond::ZERO);
    }

    #[test]
    fn a_wall_forbids_forward_and_allows_backward_and_turning() {
        let near = reflex(Ahead::Free(Meters(0.2)));
        assert_eq!(near.clamped(forward(0.4)).x, MetersPerSecond::ZERO);
        assert_eq!(near.clamped(forward(0.4)).yaw, RadiansPerSecond(0.5));
        assert_eq!(near.clamped(forward(-0.4)).x, MetersPerSecond(-0.4));
    }

    #[test]
    fn no_echo_is_unknown_and_unknown_is_slow() {
        let unsure = reflex(Ahead::Unknown);
        assert_eq!(
            unsure.clamped(forward(0.4)).x,
            ReflexConfig::default().unknown_m_s
        );
    }

    #[test]
    fn a_touched_bumper_forbids_forward_whatever_the_sonar_says() {
        for ahead in [Ahead::Free(Meters(3.0)), Ahead::Unknown] {
            let touching = Reflex {
                touching: true,
                ..reflex(ahead)
            };
            assert_eq!(touching.clamped(forward(0.4)).x, MetersPerSecond::ZERO);
            assert_eq!(touching.clamped(forward(-0.1)).x, MetersPerSecond(-0.1));
        }
    }

    #[test]
    fn a_rover_that_is_not_known_to_stand_upright_stands_still() {
        for stance in [Stance::Tilted, Stance::Unknown] {
            let lifted = Reflex {
                stance,
                ..reflex(Ahead::Free(Meters(3.0)))
            };
            assert_eq!(lifted.clamped(forward(0.4)), Twist::ZERO);
        }
    }
}
