//! What the chips may know of the world.

use crate::plant::place;
use crate::world::World;
use sinew_messages::{
    Amperes, Degrees, Meters, MetersPerSecond, Pose, Radians, Timestamp, Twist, Vector3, Volts,
};
use sinew_mock::{GnssState, Inertia};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A sonar hears nothing from farther away (Elecfreaks HC-SR04 datasheet, "max range 4 m").
pub(super) const FARTHEST: Meters = Meters(4.0);
/// Rays in a beam: across one of 30 degrees they are so close that a table's leg of 4 cm is met wherever it is heard.
const RAYS: u32 = 55;

/// The body as it really is, where chips on the simulated board can read it.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    world: Arc<World>,
    now: Arc<Mutex<Now>>,
}

/// The state of the body at the last step.
#[derive(Clone, Debug)]
pub(super) struct Now {
    pub(super) pose: Pose,
    pub(super) twist: Twist,
    /// In meters per second squared, gravity included.
    pub(super) acceleration: Vector3,
    /// In radians per second, in the frame of the body, which may lean.
    pub(super) turns: Vector3,
    pub(super) voltage: Volts,
    pub(super) current: Amperes,
    pub(super) echoes: Vec<Echo>,
}

/// What a sonar measured last.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Echo {
    pub(super) measured_at: Option<Timestamp>,
    pub(super) distance: Option<Meters>,
}

impl Truth {
    pub(super) fn new(world: Arc<World>, now: Now) -> Self {
        Self {
            world,
            now: Arc::new(Mutex::new(now)),
        }
    }

    pub(super) fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The nearest thing in the beam of a sonar.
    pub(super) fn echo(
        &self,
        sonar: usize,
        mounted: Pose,
        beam: Radians,
        at: Timestamp,
    ) -> Option<Meters> {
        let mut now = self.now();
        let eye = looking_from(now.pose, mounted);
        let distance = nearest_in_beam(&self.world, eye, beam);
        now.echoes[sonar] = Echo {
            measured_at: Some(at),
            distance,
        };
        distance
    }

    pub(super) fn inertia(&self) -> Inertia {
        let now = self.now();
        Inertia {
            angular_velocity: now.turns,
            acceleration: now.acceleration,
            ..Inertia::default()
        }
    }

    pub(super) fn supply(&self) -> (Volts, Amperes) {
        let now = self.now();
        (now.voltage, now.current)
    }

    pub(super) fn gnss(&self) -> GnssState {
        let now = self.now();
        let origin = self.world.origin();
        let (latitude, longitude) = origin.of(place(now.pose));
        // A track is told from north, clockwise; driving backward it points backward.
        let backward = if now.twist.x.0 < 0.0 { 180.0 } else { 0.0 };
        let track = 90.0 - now.pose.heading.0.to_degrees() + backward;
        GnssState {
            latitude,
            longitude,
            altitude: origin.altitude,
            speed: MetersPerSecond(now.twist.x.0.abs()),
            track: Degrees(track.rem_euclid(360.0)),
            ..GnssState::default()
        }
    }
}

/// The pose in the world's frame of what is mounted on a body.
pub(super) fn looking_from(body: Pose, mounted: Pose) -> Pose {
    let eye = place(body).ahead(body.heading, mounted.x.0, mounted.y.0);
    Pose {
        x: eye.x,
        y: eye.y,
        heading: (body.heading + mounted.heading).wrapped(),
    }
}

/// A sonar's beam is a cone: of several rays across it the shortest counts.
fn nearest_in_beam(world: &World, eye: Pose, beam: Radians) -> Option<Meters> {
    (0..RAYS)
        .filter_map(|ray| {
            let part = f64::from(ray) / f64::from(RAYS - 1) - 0.5;
            world.cast(place(eye), eye.heading + beam * part, FARTHEST)
        })
        .reduce(Meters::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(pose: Pose, more: &str) -> Truth {
        let text = format!(
            "[bounds]\nx = [0, 9]\ny = [0, 3]\n[start]\nx = 1\ny = 1\n\
             [origin]\nlatitude_deg = 60.0\nlongitude_deg = 10.0\n{more}"
        );
        let world = World::from_toml(&text, "w.toml").unwrap();
        let now = Now {
            pose,
            twist: Twist::ZERO,
            acceleration: Vector3::default(),
            turns: Vector3::default(),
            voltage: Volts(8.0),
            current: Amperes(0.5),
            echoes: vec![Echo::default()],
        };
        Truth::new(Arc::new(world), now)
    }

    fn at(x: f64, y: f64, heading: f64) -> Pose {
        Pose {
            x: Meters(x),
            y: Meters(y),
            heading: Radians(heading),
        }
    }

    #[test]
    fn a_sonar_hears_the_nearest_thing_in_its_cone_and_not_what_is_beside_it() {
        let beam = Radians(30_f64.to_radians());
        let mounted = at(0.1, 0.0, 0.0);
        let ahead = "[[circle]]\ncenter = [3, 1.4]\nradius = 0.1\n";
        let heard = truth(at(1.0, 1.0, 0.0), ahead).echo(0, mounted, beam, Timestamp::ZERO);
        // Its surface is met by the ray at 10 degrees: 1.9 m ahead, 0.335 m to the left.
        assert!((heard.unwrap().0 - 1.9).abs() < 0.1, "{heard:?}");
        let beside = "[[circle]]\ncenter = [3, 1.9]\nradius = 0.1\n";
        let heard = truth(at(1.0, 1.0, 0.0), beside).echo(0, mounted, beam, Timestamp::ZERO);
        assert!(
            (heard.unwrap().0 - 1.0 / 15_f64.to_radians().sin()).abs() < 1e-3,
            "{heard:?}"
        );
    }

    #[test]
    fn a_sonar_hears_a_thin_leg_wherever_it_stands_in_the_cone() {
        let beam = Radians(30_f64.to_radians());
        for step in 0..=100 {
            let aside = 1.4 + f64::from(step) * 0.003;
            let leg = format!("[[circle]]\ncenter = [4.8, {aside}]\nradius = 0.02\n");
            let eye = at(1.0, 1.5, 0.0);
            let heard = truth(eye, &leg).echo(0, at(0.0, 0.0, 0.0), beam, Timestamp::ZERO);
            assert!(
                heard.is_some_and(|at| at < Meters(3.82)),
                "{aside}: {heard:?}"
            );
        }
    }

    #[test]
    fn a_wall_beyond_four_meters_is_not_heard_and_the_asking_is_noted() {
        let truth = truth(at(1.0, 1.5, 0.0), "");
        let beam = Radians(0.2);
        let later = Timestamp::from_nanos(5);
        assert_eq!(truth.echo(0, at(0.0, 0.0, 0.0), beam, later), None);
        assert_eq!(truth.now().echoes[0].measured_at, Some(later));
    }

    #[test]
    fn a_mounted_part_turns_with_the_body() {
        let eye = looking_from(at(1.0, 2.0, 1.5), at(0.1, 0.05, 0.2));
        let (sin, cos) = 1.5_f64.sin_cos();
        assert!((eye.x.0 - (1.0 + cos * 0.1 - sin * 0.05)).abs() < 1e-12);
        assert!((eye.y.0 - (2.0 + sin * 0.1 + cos * 0.05)).abs() < 1e-12);
        assert!((eye.heading.0 - 1.7).abs() < 1e-12);
    }

    #[test]
    fn the_receiver_sees_east_as_a_track_of_90_degrees_and_south_as_180() {
        let pi = std::f64::consts::PI;
        for (heading, track) in [
            (0.0, 90.0),
            (pi / 2.0, 0.0),
            (-pi / 2.0, 180.0),
            (pi, 270.0),
        ] {
            let state = truth(at(1.0, 1.0, heading), "").gnss();
            assert!(
                (state.track.0 - track).abs() < 1e-9,
                "{heading}: {}",
                state.track
            );
        }
        let state = truth(at(1.0, 2.0, 0.0), "").gnss();
        // A degree has 111,412.3 m along the meridian at 60 degrees north, and 55,800.1 m across (WGS 84).
        assert!(((state.latitude.0 - 60.0) * 111_412.3 - 2.0).abs() < 1e-3);
        assert!(((state.longitude.0 - 10.0) * 55_800.1 - 1.0).abs() < 1e-3);
    }
}
