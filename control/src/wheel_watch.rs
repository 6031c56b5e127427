//! Whether the wheels do what they are told, as far as their encoders see it. A wheel that is told to turn and is not seen to is held, its motor is dead, or its encoder is torn off:
//! no wire tells which. Whatever it is, a body that goes on does not know where it goes.

use sinew_messages::{Meters, Odometry, Timestamp, Twist};
use std::time::Duration;

/// Slower than this a wheel may stand: the motors' dead band begins below it.
const SLOWEST: f64 = 0.1;
/// Below this part of what it was told a wheel counts as standing.
const FOLLOWS: f64 = 0.25;
/// How long a wheel may stand: after a stop the board obeys nothing for 0.75 s, and it takes 0.3 s to speed up.
const PATIENCE: Duration = Duration::from_millis(1_200);
/// How long the wheels rest before they are tried again.
const REST: Duration = Duration::from_millis(2_000);

/// The watch over both wheels of a differential drive. It doubts them for two seconds when one of them has stood for 1.2 s
/// although it was told to turn at 0.1 m/s or more.
#[derive(Clone, Debug)]
pub struct WheelWatch {
    half_track: Meters,
    /// Since when each wheel, left and right, stands although it is told to turn.
    standing: [Option<Timestamp>; 2],
    doubts_until: Timestamp,
    now: Timestamp,
}

impl WheelWatch {
    /// A watch that has seen nothing amiss; `track` is from wheel to wheel.
    #[must_use]
    pub fn new(track: Meters) -> Self {
        Self {
            half_track: track / 2.0,
            standing: [None; 2],
            doubts_until: Timestamp::ZERO,
            now: Timestamp::ZERO,
        }
    }

    /// Compares what the wheels were told with what their encoders saw.
    pub fn look(&mut self, told: Twist, seen: &Odometry) {
        self.now = seen.measured_at;
        let (told, seen) = (self.wheels(told), self.wheels(seen.twist));
        for ((since, told), seen) in self.standing.iter_mut().zip(told).zip(seen) {
            if told.abs() < SLOWEST || seen / told >= FOLLOWS {
                *since = None;
            } else if self.now.since(*since.get_or_insert(self.now)) >= PATIENCE {
                self.doubts_until = self.now + REST;
                *since = None;
            }
        }
    }

    /// Whether the wheels are to rest.
    #[must_use]
    pub fn doubts(&self) -> bool {
        self.now < self.doubts_until
    }

    /// The speed of each wheel over ground, in meters per second.
    fn wheels(&self, twist: Twist) -> [f64; 2] {
        let turning = twist.yaw.0 * self.half_track.0;
        [twist.x.0 - turning, twist.x.0 + turning]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_messages::{MetersPerSecond, Pose, RadiansPerSecond};

    const FORWARD: Twist = Twist::new(MetersPerSecond(0.4), RadiansPerSecond(0.0));

    fn doubts_after(milliseconds: u64, told: Twist, seen: Twist) -> bool {
        let mut watch = WheelWatch::new(Meters(0.15));
        for tick in 0..=milliseconds / 10 {
            let measured_at = Timestamp::from_nanos(tick * 10_000_000);
            watch.look(
                told,
                &Odometry {
                    measured_at,
                    pose: Pose::default(),
                    twist: seen,
                },
            );
        }
        watch.doubts()
    }

    #[test]
    fn wheels_that_follow_or_are_told_nothing_are_not_doubted() {
        assert!(!doubts_after(5_000, FORWARD, FORWARD));
        assert!(!doubts_after(5_000, Twist::ZERO, Twist::ZERO));
        assert!(!doubts_after(5_000, Twist::ZERO, FORWARD));
    }

    #[test]
    fn a_wheel_that_stands_too_long_is_doubted_and_no_sooner() {
        assert!(!doubts_after(1_190, FORWARD, Twist::ZERO));
        assert!(doubts_after(1_200, FORWARD, Twist::ZERO));
    }

    #[test]
    fn one_wheel_is_enough() {
        // Only the right wheel is seen to turn: half the speed, and a turn to the left.
        let half = Twist::new(MetersPerSecond(0.2), RadiansPerSecond(0.2 / 0.075));
        assert!(doubts_after(1_300, FORWARD, half));
    }

    #[test]
    fn a_wheel_that_turns_the_other_way_is_doubted() {
        let backward = Twist::new(MetersPerSecond(-0.4), RadiansPerSecond(0.0));
        assert!(doubts_after(1_300, FORWARD, backward));
    }
}
