//! Ends of a way that are not to be reached at speed: of an axis, a joint, a gripper.

use crate::safe_speed;
use serde::{Deserialize, Serialize};
use sinew_messages::{Meters, MetersPerSecond, MetersPerSecondSquared};
use std::time::Duration;

/// The part of an axis that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftStops {
    /// Its lower end.
    pub low_m: Meters,
    /// Its upper end.
    pub high_m: Meters,
    /// How hard it brakes.
    pub deceleration_m_s2: MetersPerSecondSquared,
    /// From a command to the first braking.
    pub latency_ms: u64,
}

impl SoftStops {
    /// As much of a speed as still ends before the end that it leads to: none beyond it, and all on the way back. A position or a
    /// speed that is no number does not move.
    #[must_use]
    pub fn limit(&self, position: Meters, wanted: MetersPerSecond) -> MetersPerSecond {
        let left = if wanted.0 > 0.0 {
            self.high_m - position
        } else {
            position - self.low_m
        };
        if !(wanted.0.is_finite() && left.0.is_finite()) {
            return MetersPerSecond::ZERO;
        }
        let latency = Duration::from_millis(self.latency_ms);
        let fastest = safe_speed(left, latency, self.deceleration_m_s2);
        MetersPerSecond(wanted.0.abs().min(fastest.0).copysign(wanted.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stopping_distance;

    const STOPS: SoftStops = SoftStops {
        low_m: Meters(-0.2),
        high_m: Meters(0.3),
        deceleration_m_s2: MetersPerSecondSquared(0.5),
        latency_ms: 50,
    };

    #[test]
    fn whatever_is_wanted_ends_before_the_end() {
        let latency = Duration::from_millis(STOPS.latency_ms);
        for place in -20..=30 {
            let position = Meters(f64::from(place) / 100.0);
            for wanted in [-2.0, -0.1, 0.1, 2.0] {
                let speed = STOPS.limit(position, MetersPerSecond(wanted));
                let way = stopping_distance(
                    MetersPerSecond(speed.0.abs()),
                    latency,
                    STOPS.deceleration_m_s2,
                );
                let end = position.0 + way.0.copysign(wanted);
                assert!(
                    (-0.2 - 1e-9..=0.3 + 1e-9).contains(&end),
                    "{position} {wanted}"
                );
                assert!(speed.0.abs() <= wanted.abs() && speed.0 * wanted >= 0.0);
            }
        }
    }

    #[test]
    fn beyond_an_end_only_the_way_back_is_free() {
        let back = MetersPerSecond(-0.1);
        assert_eq!(STOPS.limit(Meters(0.31), MetersPerSecond(0.1)).0, 0.0);
        assert_eq!(STOPS.limit(Meters(0.31), back), back);
        assert_eq!(STOPS.limit(Meters(-0.21), back).0, 0.0);
    }

    #[test]
    fn what_is_no_number_does_not_move() {
        let none = f64::NAN;
        assert_eq!(STOPS.limit(Meters(none), MetersPerSecond(0.1)).0, 0.0);
        assert_eq!(STOPS.limit(Meters(0.0), MetersPerSecond(none)).0, 0.0);
    }
}
