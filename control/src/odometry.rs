//! Where a body is, from how far its wheels turned.

use crate::DifferentialKinematics;
use sinew_messages::{Meters, Pose, Radians};

/// A pose that grows by what the wheels did, exactly along the arc of a circle.
///
/// Wheels slip, so the error grows without bound with the way; the pose is continuous, not true (REP 105, `odom`).
#[derive(Clone, Copy, Debug)]
pub struct DeadReckoning {
    kinematics: DifferentialKinematics,
    pose: Pose,
}

impl DeadReckoning {
    /// Starts at the origin of `odom`, heading along its x axis.
    #[must_use]
    pub fn new(kinematics: DifferentialKinematics) -> Self {
        Self {
            kinematics,
            pose: Pose::default(),
        }
    }

    /// The pose in the frame `odom`; its heading is between -pi and pi.
    #[must_use]
    pub fn pose(&self) -> Pose {
        self.pose
    }

    /// Adds a motion: by which angles the wheels turned since the last call. Returns the new pose.
    /// A motion that is no finite number is left out.
    pub fn turned(&mut self, left: Radians, right: Radians) -> Pose {
        let (way, turn) = self.kinematics.travel(left, right);
        if way.0.is_finite() && turn.0.is_finite() {
            self.pose = along_arc(self.pose, way, turn);
        }
        self.pose
    }
}

/// The pose after `way` along an arc that turns by `turn` in all.
///
/// The chord of the arc has the length way * sinc(turn / 2) and the direction heading + turn / 2, which
/// is exact for every turn, straight lines included.
#[must_use]
pub fn along_arc(pose: Pose, way: Meters, turn: Radians) -> Pose {
    let half = turn.0 / 2.0;
    // Below 1e-4 the next term of the series, half^4 / 120, is beyond the precision of an f64.
    let sinc = if half.abs() < 1e-4 {
        1.0 - half * half / 6.0
    } else {
        half.sin() / half
    };
    let chord = way.0 * sinc;
    let (sin, cos) = (pose.heading.0 + half).sin_cos();
    Pose {
        x: Meters(pose.x.0 + chord * cos),
        y: Meters(pose.y.0 + chord * sin),
        heading: Radians(pose.heading.0 + turn.0).wrapped(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_PI_2, PI, TAU};

    fn assert_pose(found: Pose, x: f64, y: f64, heading: f64) {
        let off = (found.x.0 - x).abs() + (found.y.0 - y).abs();
        let turn = (found.heading - Radians(heading)).wrapped().abs();
        assert!(
            off < 1e-9 && turn.0 < 1e-9,
            "{found:?} is not ({x}, {y}, {heading})"
        );
    }

    #[test]
    fn a_quarter_circle_to_the_left_ends_one_radius_ahead_and_one_to_the_left() {
        let pose = along_arc(Pose::default(), Meters(2.0 * FRAC_PI_2), Radians(FRAC_PI_2));
        assert_pose(pose, 2.0, 2.0, FRAC_PI_2);
    }

    #[test]
    fn one_step_of_a_circle_is_as_exact_as_a_thousand() {
        let mut pose = Pose::default();
        for _ in 0..1000 {
            pose = along_arc(pose, Meters(0.003), Radians(0.002));
        }
        let once = along_arc(Pose::default(), Meters(3.0), Radians(2.0));
        assert_pose(pose, once.x.0, once.y.0, 2.0);
    }

    #[test]
    fn a_whole_circle_comes_home() {
        assert_pose(
            along_arc(Pose::default(), Meters(5.0), Radians(TAU)),
            0.0,
            0.0,
            0.0,
        );
    }

    #[test]
    fn both_sides_of_the_series_meet() {
        let below = along_arc(Pose::default(), Meters(1.0), Radians(1.999_999e-4));
        let above = along_arc(Pose::default(), Meters(1.0), Radians(2.000_001e-4));
        assert!((below.x.0 - above.x.0).abs() < 1e-12 && (below.y.0 - above.y.0).abs() < 1e-9);
    }

    #[test]
    fn wheels_that_turn_against_each_other_turn_the_body_on_the_spot() {
        let wheels = DifferentialKinematics::new(Meters(0.05), Meters(0.2)).unwrap();
        let mut odometry = DeadReckoning::new(wheels);
        // Half a turn of the body: each wheel rolls a quarter of the circle of diameter 0.2 twice.
        let angle = PI * 0.1 / 0.05;
        odometry.turned(Radians(-angle), Radians(angle));
        assert_pose(odometry.pose(), 0.0, 0.0, PI);
    }

    #[test]
    fn a_motion_that_is_no_number_leaves_the_pose_alone() {
        let wheels = DifferentialKinematics::new(Meters(0.05), Meters(0.2)).unwrap();
        let mut odometry = DeadReckoning::new(wheels);
        odometry.turned(Radians(1.0), Radians(1.0));
        let before = odometry.pose();
        odometry.turned(Radians(f64::NAN), Radians(1.0));
        assert_eq!(odometry.pose(), before);
    }
}
