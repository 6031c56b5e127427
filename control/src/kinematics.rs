//! How the wheels of a differential drive and the motion of its body belong together.

use sinew_messages::{Meters, MetersPerSecond, Radians, RadiansPerSecond, Twist};

/// Two driven wheels on one axle, and what their turning means for the body above the axle's middle.
///
/// With the wheel radius `r` and the track `b` (the distance between the wheels' points of contact):
/// forward speed = r (right + left) / 2, yaw rate = r (right - left) / b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferentialKinematics {
    wheel_radius: Meters,
    track: Meters,
}

impl DifferentialKinematics {
    /// Wheels of radius `wheel_radius`, `track` apart.
    ///
    /// # Errors
    ///
    /// [`Unphysical`] unless both are positive, finite lengths.
    pub fn new(wheel_radius: Meters, track: Meters) -> Result<Self, Unphysical> {
        for (what, length) in [("wheel radius", wheel_radius), ("track", track)] {
            if !(length.0.is_finite() && length.0 > 0.0) {
                return Err(Unphysical { what, length });
            }
        }
        Ok(Self {
            wheel_radius,
            track,
        })
    }

    /// The radius of both wheels.
    #[must_use]
    pub fn wheel_radius(&self) -> Meters {
        self.wheel_radius
    }

    /// The distance between the wheels' points of contact.
    #[must_use]
    pub fn track(&self) -> Meters {
        self.track
    }

    /// The wheel speeds that move the body by `twist`; its sideways part is impossible and ignored.
    #[must_use]
    pub fn wheel_speeds(&self, twist: Twist) -> WheelSpeeds {
        let turning = twist.yaw.0 * self.track.0 / 2.0;
        WheelSpeeds {
            left: RadiansPerSecond((twist.x.0 - turning) / self.wheel_radius.0),
            right: RadiansPerSecond((twist.x.0 + turning) / self.wheel_radius.0),
        }
    }

    /// The twist of the body when its wheels turn like this, without slip.
    #[must_use]
    pub fn twist(&self, speeds: WheelSpeeds) -> Twist {
        let (left, right) = (speeds.left.0, speeds.right.0);
        Twist::new(
            MetersPerSecond(self.wheel_radius.0 * (right + left) / 2.0),
            RadiansPerSecond(self.wheel_radius.0 * (right - left) / self.track.0),
        )
    }

    /// How far the body went forward and how far it turned while its wheels turned by these angles.
    #[must_use]
    pub fn travel(&self, left: Radians, right: Radians) -> (Meters, Radians) {
        (
            Meters(self.wheel_radius.0 * (right.0 + left.0) / 2.0),
            Radians(self.wheel_radius.0 * (right.0 - left.0) / self.track.0),
        )
    }
}

/// How fast both wheels turn; forward is positive.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WheelSpeeds {
    /// The left wheel.
    pub left: RadiansPerSecond,
    /// The right wheel.
    pub right: RadiansPerSecond,
}

impl WheelSpeeds {
    /// Both standing.
    pub const ZERO: Self = Self {
        left: RadiansPerSecond::ZERO,
        right: RadiansPerSecond::ZERO,
    };

    /// These speeds, both scaled by one factor so that neither exceeds `fastest`: the body slows down
    /// on its curve instead of leaving it. A speed that is no finite number makes both zero.
    #[must_use]
    pub fn within(self, fastest: RadiansPerSecond) -> Self {
        let larger = self.left.abs().0.max(self.right.abs().0);
        if !(self.left.0.is_finite() && self.right.0.is_finite()) {
            return Self::ZERO;
        }
        if larger <= fastest.abs().0 {
            return self;
        }
        let factor = fastest.abs().0 / larger;
        if factor.is_nan() {
            return Self::ZERO;
        }
        Self {
            left: self.left * factor,
            right: self.right * factor,
        }
    }
}

/// A length of a drive that no drive can have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the {what} of a differential drive is a positive length, found {length}; measure it in metres"
)]
pub struct Unphysical {
    what: &'static str,
    length: Meters,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drive() -> DifferentialKinematics {
        DifferentialKinematics::new(Meters(0.03), Meters(0.15)).unwrap()
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn straight_ahead_turns_both_wheels_alike() {
        let speeds = drive().wheel_speeds(Twist::new(MetersPerSecond(0.3), RadiansPerSecond(0.0)));
        close(speeds.left.0, 10.0);
        close(speeds.right.0, 10.0);
    }

    #[test]
    fn counter_clockwise_turns_the_right_wheel_forward() {
        let speeds = drive().wheel_speeds(Twist::new(MetersPerSecond(0.0), RadiansPerSecond(2.0)));
        close(speeds.left.0, -5.0);
        close(speeds.right.0, 5.0);
    }

    #[test]
    fn a_wheel_turn_on_the_spot_turns_the_body_by_the_ratio_of_the_circles() {
        let turn = std::f64::consts::TAU;
        let (way, turned) = drive().travel(Radians(-turn), Radians(turn));
        close(way.0, 0.0);
        close(turned.0, turn * 2.0 * 0.03 / 0.15);
    }

    #[test]
    fn lengths_that_no_drive_has_are_refused_by_name() {
        let refused = DifferentialKinematics::new(Meters(0.03), Meters(0.0)).unwrap_err();
        assert!(refused.to_string().contains("track"));
        assert!(DifferentialKinematics::new(Meters(f64::NAN), Meters(0.1)).is_err());
        assert!(DifferentialKinematics::new(Meters(f64::INFINITY), Meters(0.1)).is_err());
    }

    #[test]
    fn what_is_no_number_turns_no_wheel() {
        for strange in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let speeds = WheelSpeeds {
                left: RadiansPerSecond(strange),
                right: RadiansPerSecond(1.0),
            };
            assert_eq!(speeds.within(RadiansPerSecond(10.0)), WheelSpeeds::ZERO);
        }
        let speeds = WheelSpeeds {
            left: RadiansPerSecond(1.0),
            right: RadiansPerSecond(1.0),
        };
        assert_eq!(speeds.within(RadiansPerSecond(f64::NAN)), WheelSpeeds::ZERO);
    }

    proptest! {
        #[test]
        fn a_twist_survives_the_way_through_the_wheels(x in -2.0..2.0f64, yaw in -9.0..9.0f64) {
            let there = Twist::new(MetersPerSecond(x), RadiansPerSecond(yaw));
            let back = drive().twist(drive().wheel_speeds(there));
            prop_assert!((back.x.0 - x).abs() < 1e-9 && (back.yaw.0 - yaw).abs() < 1e-9);
        }

        #[test]
        fn a_limit_keeps_the_curve(x in -2.0..2.0f64, yaw in -9.0..9.0f64, fastest in 0.1..50.0f64) {
            let wanted = Twist::new(MetersPerSecond(x), RadiansPerSecond(yaw));
            let speeds = drive().wheel_speeds(wanted).within(RadiansPerSecond(fastest));
            prop_assert!(speeds.left.abs().0 <= fastest * (1.0 + 1e-12));
            prop_assert!(speeds.right.abs().0 <= fastest * (1.0 + 1e-12));
            let got = drive().twist(speeds);
            prop_assert!((got.x.0 * yaw - got.yaw.0 * x).abs() < 1e-9);
        }
    }
}
