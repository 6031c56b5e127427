//! A motor on its way to rest.

use crate::{Duty, Timestamp};
use std::time::Duration;

/// How hard a motor is still driven that must not stop at once: its duty falls evenly, and the slope is the same from wherever it
/// begins, so that a ramp that another process goes on with is not longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RampDown {
    from: Duty,
    since: Timestamp,
    /// From full duty to none.
    full: Duration,
}

impl RampDown {
    /// How often it is looked at.
    pub const STEP: Duration = Duration::from_millis(5);

    /// One that begins with this duty at this moment; `full` is the time from full duty to none.
    #[must_use]
    pub const fn new(from: Duty, since: Timestamp, full: Duration) -> Self {
        Self { from, since, full }
    }

    /// The duty at a moment; `None` when it is over.
    #[must_use]
    pub fn duty(&self, now: Timestamp) -> Option<Duty> {
        let fallen = now.since(self.since).as_secs_f64() / self.full.as_secs_f64().max(1e-9);
        let left = self.from.magnitude() - fallen;
        (left > 0.0).then(|| Duty::nearest(left.copysign(self.from.ratio())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Duration = Duration::from_millis(400);

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn it_falls_evenly_in_its_direction_and_ends() {
        for sign in [1.0, -1.0] {
            let ramp = RampDown::new(Duty::nearest(0.5 * sign), at(1000), FULL);
            for (ms, left) in [(1000, 0.5), (1100, 0.25), (1199, 0.0025)] {
                let duty = ramp.duty(at(ms)).expect("it is not over").ratio();
                assert!((duty - left * sign).abs() < 1e-9, "{ms}: {duty}");
            }
            assert_eq!(ramp.duty(at(1200)), None);
            assert_eq!(ramp.duty(at(9000)), None);
        }
    }

    #[test]
    fn one_that_goes_on_elsewhere_ends_at_the_same_moment() {
        let first = RampDown::new(Duty::nearest(0.8), at(0), FULL);
        let taken_over = first.duty(at(120)).expect("it is not over");
        let second = RampDown::new(taken_over, at(120), FULL);
        for ms in [121, 200, 319, 320] {
            let [first, second] = [first, second].map(|ramp| ramp.duty(at(ms)).map(Duty::ratio));
            let (first, second) = (first.unwrap_or_default(), second.unwrap_or_default());
            assert!((first - second).abs() < 1e-9, "{ms}");
        }
    }

    #[test]
    fn a_motor_that_rests_has_nothing_to_ramp() {
        assert_eq!(RampDown::new(Duty::ZERO, at(0), FULL).duty(at(0)), None);
    }
}
