//! Drives the wheels under a body that leans.
//!
//! The law: `a = lean * tilt + turn * rate + speed * v + place * x`, integrated to the speed that is commanded. With a pendulum of
//! `l = 0.1 m` (`tilt'' = 98 tilt - 10 a`) and wheels that follow at once its characteristic polynomial is
//! `s^4 + (10 turn - speed) s^3 + (10 lean - 98 - place) s^2 + 98 speed s + 98 place`: the gains make it stable (Routh), with room for
//! the wheels' lag of 20 ms. That speed and place count *forward* is no mistake: to come back it has to lean back first.

use crate::Tilt;
use serde::{Deserialize, Serialize};
use sinew::prelude::*;

/// How it keeps upright.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BalanceConfig {
    /// In m/s^2 for each radian that it leans.
    pub lean: f64,
    /// In m/s^2 for each rad/s that it leans on.
    pub turn: f64,
    /// In m/s^2 for each m/s that it drives.
    pub speed: f64,
    /// In m/s^2 for each meter that it is away from where it was armed.
    pub place: f64,
    /// It is upright within this.
    pub upright_rad: Radians,
    /// It has fallen beyond this.
    pub fallen_rad: Radians,
}

impl Default for BalanceConfig {
    fn default() -> Self {
        Self {
            lean: 25.0,
            turn: 2.5,
            speed: 2.5,
            place: 1.0,
            upright_rad: Radians(0.1),
            fallen_rad: Radians(0.6),
        }
    }
}

/// For so long it has to be upright and still before it may be armed.
const STILL_FOR: Duration = ms(500);
/// Turning slower than this is still.
const STILL: RadiansPerSecond = RadiansPerSecond(0.2);
/// Over this time the force is believed about where down is.
const TRUST: Duration = secs(4);
/// No acceleration is asked for beyond what tires hold.
const MOST: f64 = 12.0;

/// The controller.
#[derive(Debug)]
pub struct Balance {
    config: BalanceConfig,
    board: Board,
    objection: Objection,
    tilt: Tilt,
    /// When it was read last, and since when it is upright and still.
    read_at: Option<Timestamp>,
    still_since: Option<Timestamp>,
    odometry: Option<Odometry>,
    /// Where it was armed.
    home: Option<Meters>,
    speed: f64,
}

impl Balance {
    /// The controller of a body on this board, whose arming it keeps back until it stands.
    pub fn on(board: &Board, config: &BalanceConfig) -> Factory<Self> {
        let why = "how it stands is not known yet; hold it upright and still";
        let objection = board.safety().objection("posture", why);
        let (board, config) = (board.clone(), config.clone());
        Factory::new(move || {
            Ok(Self {
                config: config.clone(),
                board: board.clone(),
                objection: objection.clone(),
                tilt: Tilt::new(TRUST),
                read_at: None,
                still_since: None,
                odometry: None,
                home: None,
                speed: 0.0,
            })
        })
    }

    /// Whether it may be armed, and why not.
    fn look_at_posture(&mut self, at: Timestamp, tilt: Radians) {
        let is_still = tilt.abs() < self.config.upright_rad && self.tilt.rate().abs() < STILL;
        if !is_still {
            self.still_since = None;
            self.objection
                .raise("it does not stand upright and still; hold it so, and arm then");
            return;
        }
        let since = *self.still_since.get_or_insert(at);
        if at.since(since) >= STILL_FOR {
            self.objection.withdraw();
        }
    }

    /// The speed that keeps the wheels under the body.
    fn next(&mut self, tilt: Radians, seconds: f64) -> f64 {
        let (x, v) = match &self.odometry {
            Some(odometry) => (odometry.pose.x, odometry.twist.x.0),
            None => (Meters::ZERO, 0.0),
        };
        let away = x - *self.home.get_or_insert(x);
        let gains = &self.config;
        let wanted = gains.lean * tilt.0
            + gains.turn * self.tilt.rate().0
            + gains.speed * v
            + gains.place * away.0;
        self.speed += wanted.clamp(-MOST, MOST) * seconds;
        self.speed
    }
}

impl Actor for Balance {}
impl Emits<Twist> for Balance {}

impl Handler<Odometry> for Balance {
    type Reply = ();
    async fn handle(&mut self, odometry: Odometry, _: &mut Context<Self>) -> Result<(), Failure> {
        self.odometry = Some(odometry);
        Ok(())
    }
}

impl Handler<Imu> for Balance {
    type Reply = ();
    async fn handle(&mut self, imu: Imu, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let at = imu.measured_at;
        let seconds = self
            .read_at
            .replace(at)
            .map_or(0.0, |last| at.since(last).as_secs_f64());
        let tilt = self.tilt.take(&imu);
        self.look_at_posture(at, tilt);
        if !self.board.safety().is_armed() {
            self.home = None;
            self.speed = 0.0;
            return Ok(());
        }
        if tilt.abs() > self.config.fallen_rad {
            // Wheels that turn in the air help nobody; a person stands it up and arms it.
            self.board.safety().disarm();
            return Ok(());
        }
        let speed = MetersPerSecond(self.next(tilt, seconds));
        ctx.publish(Twist::new(speed, RadiansPerSecond(0.0)));
        Ok(())
    }
}

/// Blind it cannot balance: the wheels stop.
impl Handler<Silence<Imu>> for Balance {
    type Reply = ();
    async fn handle(&mut self, _: Silence<Imu>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.objection
            .raise("its inertial sensor is silent; look at its supply and wires");
        self.still_since = None;
        self.speed = 0.0;
        ctx.publish(Twist::ZERO);
        Ok(())
    }
}
