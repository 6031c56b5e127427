//! A round hull on two driven wheels.

use crate::world::{Point, World};
use sinew_messages::{Meters, MetersPerSecond, Pose, Radians, RadiansPerSecond, Twist, Vector3};
use std::time::Duration;

/// A contact ends when the hull is this far away again: shorter than a bumper's travel, longer than the
/// geometry's error.
const CONTACT_ENDS: f64 = 0.002;
/// A hull that is driven within 60 degrees of straight into a thing stalls; otherwise it slides along.
const STALLS: f64 = 0.5;
/// A hull in a corner is pushed out of one thing at a time.
const CORNERS: usize = 4;
/// Standard gravity (CGPM 1901, resolution 2).
pub(crate) const GRAVITY: f64 = 9.806_65;

/// The measures of a differential drive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Of the round hull.
    pub(crate) hull: Meters,
    /// Of both wheels.
    pub(crate) wheel_radius: Meters,
    /// Between the wheels.
    pub(crate) track: Meters,
}

/// Where the body really is, how it moves and what it touched.
#[derive(Clone, Debug)]
pub(crate) struct Chassis {
    frame: Frame,
    pose: Pose,
    twist: Twist,
    acceleration: Vector3,
    /// The direction away from the thing that is touched now.
    touched: Option<(f64, f64)>,
    collisions: u64,
    distance: f64,
    closest: f64,
    /// The gap is at least this: it shrinks by what was driven, and is measured when that matters.
    gap_at_least: f64,
}

impl Chassis {
    pub(crate) fn new(frame: Frame, world: &World) -> Self {
        let pose = world.start();
        let gap = world.clearance(place(pose), frame.hull).0;
        Self {
            frame,
            pose,
            twist: Twist::ZERO,
            acceleration: at_rest(),
            touched: None,
            collisions: 0,
            distance: 0.0,
            closest: gap,
            gap_at_least: gap,
        }
    }

    /// In the world's frame.
    pub(crate) fn pose(&self) -> Pose {
        self.pose
    }

    /// In the body's frame.
    pub(crate) fn twist(&self) -> Twist {
        self.twist
    }

    /// What an accelerometer feels, in meters per second squared: gravity is up.
    pub(crate) fn acceleration(&self) -> Vector3 {
        self.acceleration
    }

    pub(crate) fn collisions(&self) -> u64 {
        self.collisions
    }

    /// Of the hull's middle, both ways counted.
    pub(crate) fn distance(&self) -> Meters {
        Meters(self.distance)
    }

    /// The smallest gap between the hull and a thing so far.
    pub(crate) fn closest(&self) -> Meters {
        Meters(self.closest.max(0.0))
    }

    /// Whether something is touched.
    pub(crate) fn touches(&self) -> bool {
        self.touched.is_some()
    }

    /// Whether something is touched within `arc` to either side of the body's front.
    pub(crate) fn touches_ahead(&self, arc: Radians) -> bool {
        let (sin, cos) = libm::sincos(self.pose.heading.0);
        self.touched
            .is_some_and(|away| -(away.0 * cos + away.1 * sin) >= libm::cos(arc.0))
    }

    /// Whether a drive in direction `forward` (positive ahead, negative back) pushes against what is touched.
    pub(crate) fn is_held(&self, forward: f64) -> bool {
        let (sin, cos) = libm::sincos(self.pose.heading.0);
        self.touched
            .is_some_and(|away| -(away.0 * cos + away.1 * sin) * forward.signum() > STALLS)
            && forward != 0.0
    }

    /// Moves for `time` with the wheels turning at these speeds.
    pub(crate) fn step(
        &mut self,
        world: &World,
        left: RadiansPerSecond,
        right: RadiansPerSecond,
        time: Duration,
    ) {
        let seconds = time.as_secs_f64();
        let radius = self.frame.wheel_radius.0;
        let forward = (left.0 + right.0) * 0.5 * radius;
        let yaw = (right.0 - left.0) * radius / self.frame.track.0;
        // The chord of the arc that is driven, by its middle heading.
        let (sin, cos) = libm::sincos(self.pose.heading.0 + yaw * seconds * 0.5);
        let from = self.pose;
        self.pose.x += Meters(forward * cos * seconds);
        self.pose.y += Meters(forward * sin * seconds);
        self.pose.heading = Radians(from.heading.0 + yaw * seconds).wrapped();
        self.gap_at_least -= forward.abs() * seconds;
        self.touch(world);
        let moved = place(from).distance(place(self.pose)).0;
        self.distance += moved;
        let speed = if self.touched.is_some() && seconds > 0.0 {
            moved / seconds * forward.signum()
        } else {
            forward
        };
        self.feel(speed, yaw, seconds);
    }

    /// Keeps the hull out of things and counts contacts.
    fn touch(&mut self, world: &World) {
        if self.touched.is_none() && self.gap_at_least > self.closest.max(CONTACT_ENDS) {
            return;
        }
        let mut met = None;
        for _ in 0..CORNERS {
            let nearest = world.nearest(place(self.pose));
            let gap = nearest.distance - self.frame.hull.0;
            self.gap_at_least = gap;
            if gap > 0.0 {
                break;
            }
            met = Some(nearest.away);
            self.pose.x += Meters(nearest.away.0 * -gap);
            self.pose.y += Meters(nearest.away.1 * -gap);
        }
        if met.is_some() {
            self.gap_at_least = 0.0;
        }
        self.closest = self.closest.min(self.gap_at_least);
        match (met, self.touched) {
            (Some(away), before) => {
                self.collisions += u64::from(before.is_none());
                self.touched = Some(away);
            }
            (None, Some(_)) if self.gap_at_least > CONTACT_ENDS => self.touched = None,
            (None, _) => {}
        }
    }

    fn feel(&mut self, speed: f64, yaw: f64, seconds: f64) {
        if seconds > 0.0 {
            self.acceleration = Vector3 {
                x: (speed - self.twist.x.0) / seconds,
                y: speed * yaw,
                z: GRAVITY,
            };
        }
        self.twist = Twist::new(MetersPerSecond(speed), RadiansPerSecond(yaw));
    }
}

/// The place of a pose.
pub(crate) fn place(pose: Pose) -> Point {
    Point {
        x: pose.x,
        y: pose.y,
    }
}

fn at_rest() -> Vector3 {
    Vector3 {
        x: 0.0,
        y: 0.0,
        z: GRAVITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(5);

    fn frame() -> Frame {
        Frame {
            hull: Meters(0.1),
            wheel_radius: Meters(0.03),
            track: Meters(0.15),
        }
    }

    fn world(more: &str) -> World {
        let text = format!("[bounds]\nx = [0, 4]\ny = [0, 3]\n[start]\nx = 1\ny = 1.5\n{more}");
        World::from_toml(&text, "w.toml").unwrap()
    }

    fn drive(chassis: &mut Chassis, world: &World, left: f64, right: f64, seconds: f64) {
        for _ in 0..(seconds / STEP.as_secs_f64()).round() as u64 {
            chassis.step(world, RadiansPerSecond(left), RadiansPerSecond(right), STEP);
        }
    }

    #[test]
    fn a_body_driven_straight_at_a_wall_touches_it_once_and_stops() {
        let world = world("");
        let mut chassis = Chassis::new(frame(), &world);
        drive(&mut chassis, &world, 10.0, 10.0, 20.0);
        assert_eq!(chassis.collisions(), 1);
        assert!(
            (chassis.pose().x.0 - 3.9).abs() < 1e-4,
            "{:?}",
            chassis.pose()
        );
        assert_eq!(chassis.pose().y, Meters(1.5));
        assert!(
            (chassis.distance().0 - 2.9).abs() < 1e-2,
            "{}",
            chassis.distance()
        );
        assert_eq!(chassis.closest(), Meters(0.0));
        assert!(chassis.twist().x.0.abs() < 1e-3);
        assert!(chassis.is_held(1.0) && !chassis.is_held(-1.0) && !chassis.is_held(0.0));
        assert!(chassis.touches_ahead(Radians(0.5)));
        drive(&mut chassis, &world, -10.0, -10.0, 0.5);
        assert!(!chassis.touches_ahead(Radians(0.5)));
        drive(&mut chassis, &world, 10.0, 10.0, 1.0);
        assert_eq!(chassis.collisions(), 2);
    }

    #[test]
    fn a_body_slides_along_a_wall_that_it_meets_at_a_flat_angle() {
        let world = world("[[wall]]\nfrom = [1, 1.35]\nto = [3, 1.65]\nthickness = 0.01\n");
        let mut chassis = Chassis::new(frame(), &world);
        let from = chassis.pose();
        drive(&mut chassis, &world, 10.0, 10.0, 5.0);
        assert!(chassis.collisions() >= 1);
        assert!(!chassis.is_held(1.0));
        assert!(chassis.pose().x.0 > from.x.0 + 1.2, "{:?}", chassis.pose());
        assert!(chassis.pose().y.0 > from.y.0 + 0.1, "{:?}", chassis.pose());
        let gap = world.clearance(place(chassis.pose()), Meters(0.1)).0;
        assert!(gap > -1e-4, "{gap}");
    }

    #[test]
    fn a_body_in_a_corner_stays_inside_of_both_walls() {
        let world = world("");
        let mut chassis = Chassis::new(frame(), &world);
        drive(&mut chassis, &world, 10.0, 9.8, 60.0);
        let pose = chassis.pose();
        assert!(
            world.clearance(place(pose), Meters(0.1)).0 > -1e-3,
            "{pose:?}"
        );
    }

    #[test]
    fn wheels_of_unequal_speed_drive_a_circle_and_come_back() {
        let world = world("");
        let mut chassis = Chassis::new(frame(), &world);
        // 0.3 m/s and 0.6 rad/s: a radius of 0.5 m, once around in 10.47 s.
        let (left, right) = ((0.3 - 0.6 * 0.075) / 0.03, (0.3 + 0.6 * 0.075) / 0.03);
        drive(
            &mut chassis,
            &world,
            left,
            right,
            std::f64::consts::TAU / 0.6 / 2.0,
        );
        assert!(
            (chassis.pose().y.0 - 2.5).abs() < 5e-3,
            "{:?}",
            chassis.pose()
        );
        let felt = chassis.acceleration();
        assert!(
            (felt.y - 0.18).abs() < 1e-9 && (felt.z - 9.80665).abs() < 1e-9,
            "{felt:?}"
        );
        drive(
            &mut chassis,
            &world,
            left,
            right,
            std::f64::consts::TAU / 0.6 / 2.0,
        );
        assert!(place(chassis.pose()).distance(Point::new(1.0, 1.5)).0 < 5e-3);
        assert_eq!(chassis.collisions(), 0);
    }

    #[test]
    fn the_closest_approach_is_the_smallest_gap_on_the_way() {
        let world = world("[[circle]]\ncenter = [2, 2]\nradius = 0.2\n");
        let mut chassis = Chassis::new(frame(), &world);
        drive(&mut chassis, &world, 10.0, 10.0, 7.0);
        assert!(
            (chassis.closest().0 - 0.2).abs() < 1e-3,
            "{}",
            chassis.closest()
        );
        assert_eq!(chassis.collisions(), 0);
    }
}
