//! Odometry from two wheel encoders.
//!
//! **Wiring.** None: it listens to two [`WheelEncoder`](crate::WheelEncoder)s.
//!
//! **Messages.** Handles [`WheelMotion`] of both wheels; emits [`Odometry`] once for each pair, so as often as the
//! slower of both speaks. One silent wheel makes the odometry silent: half a pair says nothing about where the body is.
//!
//! **Fails** never. A restart begins at the origin of `odom` again.
//!
//! Source: [`sinew_control::DeadReckoning`], exact along the arc of a circle.

use crate::ranges::range;
use serde::{Deserialize, Serialize};
use sinew_control::{DeadReckoning, DifferentialKinematics, Unphysical, WheelSpeeds};
use sinew_messages::{Meters, Odometry, Side, WheelMotion};
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
    /// As of the last pair.
    counted: Option<WheelMotion>,
    /// Since the last pair.
    newest: Option<WheelMotion>,
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

    /// Takes what one wheel did; the odometry if that makes a pair.
    fn turned(&mut self, motion: WheelMotion) -> Option<Odometry> {
        match motion.wheel {
            Side::Left => self.left.newest = Some(motion),
            Side::Right => self.right.newest = Some(motion),
        }
        let (left, right) = (self.left.newest?, self.right.newest?);
        let turned = (self.left.count(left), self.right.count(right));
        // The first pair only says where the angles begin.
        if let (Some(before_left), Some(before_right)) = turned {
            self.reckoning.turned(
                left.angle - before_left.angle,
                right.angle - before_right.angle,
            );
        }
        let speeds = WheelSpeeds {
            left: left.speed,
            right: right.speed,
        };
        Some(Odometry {
            measured_at: left.measured_at.max(right.measured_at),
            pose: self.reckoning.pose(),
            twist: self.kinematics.twist(speeds),
        })
    }
}

impl Wheel {
    /// Takes `motion` into the pair; what was counted before it.
    fn count(&mut self, motion: WheelMotion) -> Option<WheelMotion> {
        self.newest = None;
        self.counted.replace(motion)
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
