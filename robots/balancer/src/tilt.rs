//! How far a body leans, out of turn rates and forces.

use sinew::prelude::*;

/// A complementary filter: the gyroscope is believed from reading to reading, the direction of the force over seconds, for it holds
/// every acceleration of the wheels (Mahony et al., "Nonlinear complementary filters on the special orthogonal group", 2008, of which
/// this is the plane case).
#[derive(Clone, Debug)]
pub struct Tilt {
    trust: Duration,
    known: Option<(Timestamp, Radians)>,
    rate: RadiansPerSecond,
}

impl Tilt {
    /// An angle that follows the force within about this time.
    #[must_use]
    pub const fn new(trust: Duration) -> Self {
        Self {
            trust,
            known: None,
            rate: RadiansPerSecond(0.0),
        }
    }

    /// Takes a reading of a sensor in the axle; forward is positive.
    pub fn take(&mut self, imu: &Imu) -> Radians {
        let force = imu.linear_acceleration;
        let felt = (-force.x).atan2(force.z);
        self.rate = RadiansPerSecond(imu.angular_velocity.y);
        let tilt = match self.known {
            None => felt,
            Some((at, tilt)) => {
                let seconds = imu.measured_at.since(at).as_secs_f64();
                let turned = tilt.0 + self.rate.0 * seconds;
                let share = seconds / (self.trust.as_secs_f64() + seconds);
                turned + (felt - turned) * share
            }
        };
        self.known = Some((imu.measured_at, Radians(tilt)));
        Radians(tilt)
    }

    /// How fast it leans on.
    #[must_use]
    pub const fn rate(&self) -> RadiansPerSecond {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at_ms: u64, x: f64, z: f64, turn: f64) -> Imu {
        Imu {
            measured_at: Timestamp::from_nanos(at_ms * 1_000_000),
            angular_velocity: Vector3 {
                y: turn,
                ..Vector3::default()
            },
            linear_acceleration: Vector3 { x, y: 0.0, z },
            temperature: None,
        }
    }

    #[test]
    fn it_begins_with_the_force_and_follows_the_turn() {
        let mut tilt = Tilt::new(secs(2));
        let (sin, cos) = 0.1_f64.sin_cos();
        let first = tilt.take(&reading(0, -9.8 * sin, 9.8 * cos, 0.0));
        assert!((first.0 - 0.1).abs() < 1e-9, "{first:?}");
        // 0.5 rad/s for 0.1 s, while a jerk forward feels as if it leaned back.
        let mut last = first;
        for step in 1..=20 {
            last = tilt.take(&reading(step * 5, 3.0, 9.8, 0.5));
        }
        assert!((last.0 - 0.15).abs() < 0.03, "{last:?}");
    }

    #[test]
    fn over_seconds_it_comes_to_the_force() {
        let mut tilt = Tilt::new(secs(2));
        tilt.take(&reading(0, 0.0, 9.8, 0.0));
        let (sin, cos) = 0.2_f64.sin_cos();
        let mut last = Radians(0.0);
        for step in 1..=4000 {
            last = tilt.take(&reading(step * 5, -9.8 * sin, 9.8 * cos, 0.0));
        }
        assert!((last.0 - 0.2).abs() < 1e-3, "{last:?}");
    }
}
