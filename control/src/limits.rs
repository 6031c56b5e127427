//! How fast a body may go.

use serde::{Deserialize, Serialize};
use sinew_messages::{MetersPerSecond, RadiansPerSecond, Twist};

/// The fastest twist that is allowed, in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwistLimits {
    /// Forward, backward and sideways.
    pub linear: MetersPerSecond,
    /// Turning.
    pub yaw: RadiansPerSecond,
}

impl TwistLimits {
    /// `twist`, scaled as a whole so that it stays within the limits: slower, on the same curve.
    /// Zero if a part of it is no finite number.
    #[must_use]
    pub fn limit(&self, twist: Twist) -> Twist {
        let linear = twist.x.0.hypot(twist.y.0);
        let yaw = twist.yaw.0.abs();
        if !(linear.is_finite() && yaw.is_finite()) {
            return Twist::ZERO;
        }
        let factor = share(linear, self.linear.0).min(share(yaw, self.yaw.0));
        if factor >= 1.0 {
            return twist;
        }
        Twist {
            x: twist.x * factor,
            y: twist.y * factor,
            yaw: twist.yaw * factor,
        }
    }
}

/// How much of `wanted` fits into `limit`, 0 to 1; nothing fits into what is no number.
fn share(wanted: f64, limit: f64) -> f64 {
    let limit = if limit.is_nan() { 0.0 } else { limit.abs() };
    if wanted <= limit { 1.0 } else { limit / wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: TwistLimits = TwistLimits {
        linear: MetersPerSecond(0.5),
        yaw: RadiansPerSecond(2.0),
    };

    #[test]
    fn what_is_within_the_limits_stays_as_it_is() {
        let twist = Twist::new(MetersPerSecond(-0.5), RadiansPerSecond(2.0));
        assert_eq!(LIMITS.limit(twist), twist);
    }

    #[test]
    fn the_tighter_limit_scales_the_whole_twist() {
        let twist = Twist::new(MetersPerSecond(1.0), RadiansPerSecond(8.0));
        let limited = LIMITS.limit(twist);
        assert_eq!(
            limited,
            Twist::new(MetersPerSecond(0.25), RadiansPerSecond(2.0))
        );
    }

    #[test]
    fn what_is_no_number_does_not_move() {
        let twist = Twist::new(MetersPerSecond(f64::NAN), RadiansPerSecond(1.0));
        assert_eq!(LIMITS.limit(twist), Twist::ZERO);
        let none = TwistLimits {
            linear: MetersPerSecond(f64::NAN),
            ..LIMITS
        };
        let twist = Twist::new(MetersPerSecond(1.0), RadiansPerSecond(1.0));
        assert_eq!(none.limit(twist), Twist::ZERO);
    }
}
