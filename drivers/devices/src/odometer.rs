//! Odometry from two wheel encoders.
//!
//! **Wiring.** None: it listens to two [`WheelEncoder`](crate::WheelEncoder)s.
//!
//! **Messages.** Handles [`WheelMotion`] of both wheels; emits [`Odometry`] once for each pair, so as often as the
//! slower of both speaks. One silent wheel makes the odometry silent: half a pair says nothing about where the body is. Wheels
//! that are read at different moments are compared at the earlier one, so that no turn is seen where there was none.
//!
//! **Fails** never. A restart begins at the origin of `odom` again.
//!
//! Source: [`sinew_control::DeadReckoning`], exact along the arc of a circle.

use crate::ranges::range;
use serde::{Deserialize, Serialize};
use sinew_control::{DeadReckoning, DifferentialKinematics, Unphysical, WheelSpeeds};
use sinew_messages::{Meters, Odometry, Radians, RadiansPerSecond, Side, Timestamp, WheelMotion};
use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Needs};

/// The drive's measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OdometerConfig {
    /// The radius of both wheels: 0.005 to 1 m.
    #[serde(deserialize_with = "wheel_radius_m")]
    pub wheel_radius_m: Meters,
    /// Between the wheels' points of contact: 0.02 to 3 m.
    #[serde(deserialize_with = "track_m")]
    pub track_m: Meters,
}

range!(wheel_radius_m: Meters, Meters(0.005)..=Meters(1.0));
range!(track_m: Meters, Meters(0.02)..=Meters(3.0));

impl Default for OdometerConfig {
    fn default() -> Self {
        Self {
            wheel_radius_m: Meters(0.0325),
            track_m: Meters(0.15),
        }
    }
}

/// The actor that adds up what both wheels did.
#[derive(Clone, Debug)]
pub struct Odometer {
    kinematics: DifferentialKinematics,
    reckoning: DeadReckoning,
    left: Wheel,
    right: Wheel,
}

/// What is known of one wheel.
#[derive(Clone, Copy, Debug, Default)]
struct Wheel {
    /// Until when it was counted, and where it stood then.
    counted: Option<(Timestamp, Radians)>,
    /// What it said since.
    newest: Option<WheelMotion>,
    speed: RadiansPerSecond,
}

impl Odometer {
    /// An odometer at the origin.
    ///
    /// # Errors
    ///
    /// [`Unphysical`] if a measure is no positive length.
    pub fn new(config: &OdometerConfig) -> Result<Self, Unphysical> {
        let kinematics = DifferentialKinematics::new(config.wheel_radius_m, config.track_m)?;
        Ok(Self {
            kinematics,
            reckoning: DeadReckoning::new(kinematics),
            left: Wheel::default(),
            right: Wheel::default(),
        })
    }

    /// Takes what one wheel did; the odometry if both have now spoken since the last.
    fn turned(&mut self, motion: WheelMotion) -> Option<Odometry> {
        match motion.wheel {
            Side::Left => self.left.newest = Some(motion),
            Side::Right => self.right.newest = Some(motion),
        }
        let (left, right) = (self.left.newest?, self.right.newest?);
        let until = left.measured_at.min(right.measured_at);
        let (left, right) = (self.left.count(left, until), self.right.count(right, until));
        self.reckoning.turned(left, right);
        let speeds = WheelSpeeds {
            left: self.left.speed,
            right: self.right.speed,
        };
        Some(Odometry {
            measured_at: until,
            pose: self.reckoning.pose(),
            twist: self.kinematics.twist(speeds),
        })
    }
}

impl Wheel {
    /// By how much it turned from what was counted to `until`, no later than its newest reading. The first reading
    /// only says where its angle begins.
    fn count(&mut self, newest: WheelMotion, until: Timestamp) -> Radians {
        self.speed = newest.speed;
        let (at, angle) = match self.counted {
            Some((since, before)) if until < newest.measured_at => {
                // The other wheel was read earlier: up to then this one turned evenly.
                let share = until.since(since).as_secs_f64()
                    / newest.measured_at.since(since).as_secs_f64();
                let until = until.max(since);
                (until, before + (newest.angle - before) * share)
            }
            _ => {
                self.newest = None;
                (newest.measured_at, newest.angle)
            }
        };
        let (_, before) = self.counted.replace((at, angle)).unwrap_or((at, angle));
        angle - before
    }
}

impl Actor for Odometer {
    fn needs(needs: &mut Needs) {
        needs.value::<WheelMotion>();
    }
}

impl Emits<Odometry> for Odometer {}

impl Handler<WheelMotion> for Odometer {
    type Reply = ();
    async fn handle(
        &mut self,
        motion: WheelMotion,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        if let Some(odometry) = self.turned(motion) {
            ctx.publish(odometry);
        }
        Ok(())
    }
}
