//! When a body comes to rest.

use sinew_messages::{Duty, RadiansPerSecond};
use std::time::Duration;

/// Below this a wheel stands, in rad/s: under 2 mm/s at the rim of a wheel of 32 mm.
const STANDS: f64 = 0.05;
/// A body that turns around stands for a moment; one at rest stands for this long.
const RESTS: Duration = Duration::from_millis(100);

/// Counts how often a body set out and came to rest.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rest {
    still: Duration,
    is_moving: bool,
    /// How often it set out.
    pub(crate) departures: u64,
    /// How often it came to rest.
    pub(crate) rests: u64,
}

impl Rest {
    /// A step of this length, with these wheels.
    pub(super) fn step(&mut self, drives: &[(Duty, RadiansPerSecond)], time: Duration) {
        if drives.iter().any(|(_, speed)| speed.0.abs() > STANDS) {
            self.still = Duration::ZERO;
            self.departures += u64::from(!self.is_moving);
            self.is_moving = true;
        } else if drives.iter().any(|(duty, _)| *duty != Duty::ZERO) {
            self.still = Duration::ZERO;
        } else {
            self.still += time;
            if self.is_moving && self.still >= RESTS {
                self.is_moving = false;
                self.rests += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_turns_around_does_not_rest_and_one_that_stays_does_once() {
        let step = Duration::from_millis(5);
        let (drives, stands) = (
            (Duty::nearest(0.3), RadiansPerSecond(3.0)),
            (Duty::ZERO, RadiansPerSecond(0.0)),
        );
        let mut rest = Rest::default();
        for _ in 0..100 {
            rest.step(&[drives, drives], step);
        }
        for _ in 0..10 {
            rest.step(&[stands, stands], step);
        }
        rest.step(&[drives, stands], step);
        assert_eq!((rest.departures, rest.rests), (1, 0));
        for _ in 0..100 {
            rest.step(&[stands, stands], step);
        }
        assert_eq!((rest.departures, rest.rests), (1, 1));
    }
}
