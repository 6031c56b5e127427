//! How far a moving body still goes, and how fast it may go.

use sinew_messages::{Meters, MetersPerSecond, MetersPerSecondSquared};
use std::time::Duration;

/// The way from noticing an obstacle to standing still: `latency` at full speed, then braking evenly.
///
/// way = v t + v^2 / (2 a). The sign of `speed` is ignored. Infinite if the deceleration is not positive or
/// something is no number: what cannot brake, or is not known, never stops in time.
#[must_use]
pub fn stopping_distance(
    speed: MetersPerSecond,
    latency: Duration,
    deceleration: MetersPerSecondSquared,
) -> Meters {
    let (v, t, a) = (speed.abs().0, latency.as_secs_f64(), deceleration.0);
    if v == 0.0 {
        return Meters::ZERO;
    }
    if v.is_nan() || a.is_nan() || a <= 0.0 {
        return Meters(f64::INFINITY);
    }
    Meters(v * t + v * v / (2.0 * a))
}

/// The fastest speed from which a body still stops within `distance`: the inverse of [`stopping_distance`].
///
/// v = 2 d / (t + sqrt(t^2 + 2 d / a)), which keeps its precision where the textbook form
/// -a t + sqrt(a^2 t^2 + 2 a d) loses it. Zero if there is no distance, no deceleration, or something is no number.
#[must_use]
pub fn safe_speed(
    distance: Meters,
    latency: Duration,
    deceleration: MetersPerSecondSquared,
) -> MetersPerSecond {
    let (d, t, a) = (distance.0, latency.as_secs_f64(), deceleration.0);
    if d.is_nan() || a.is_nan() || d <= 0.0 || a <= 0.0 {
        return MetersPerSecond::ZERO;
    }
    if d.is_infinite() {
        return MetersPerSecond(f64::INFINITY);
    }
    MetersPerSecond(2.0 * d / (t + (t * t + 2.0 * d / a).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LATENCY: Duration = Duration::from_millis(100);

    #[test]
    fn at_one_metre_per_second_it_takes_the_latency_and_half_a_metre() {
        let way = stopping_distance(MetersPerSecond(1.0), LATENCY, MetersPerSecondSquared(1.0));
        assert!((way.0 - 0.6).abs() < 1e-12);
        let back = stopping_distance(MetersPerSecond(-1.0), LATENCY, MetersPerSecondSquared(1.0));
        assert_eq!(way, back);
    }

    #[test]
    fn what_stands_needs_no_way_even_without_brakes() {
        let way = stopping_distance(MetersPerSecond(0.0), LATENCY, MetersPerSecondSquared(0.0));
        assert_eq!(way, Meters(0.0));
    }

    #[test]
    fn without_brakes_or_knowledge_nothing_stops_and_nothing_may_go() {
        let fast = MetersPerSecond(1.0);
        for bad in [0.0, -1.0, f64::NAN] {
            let brakes = MetersPerSecondSquared(bad);
            assert_eq!(
                stopping_distance(fast, LATENCY, brakes),
                Meters(f64::INFINITY)
            );
            assert_eq!(
                safe_speed(Meters(1.0), LATENCY, brakes),
                MetersPerSecond(0.0)
            );
        }
        let brakes = MetersPerSecondSquared(1.0);
        assert_eq!(
            stopping_distance(MetersPerSecond(f64::NAN), LATENCY, brakes),
            Meters(f64::INFINITY)
        );
        for none in [0.0, -0.2, f64::NAN] {
            assert_eq!(
                safe_speed(Meters(none), LATENCY, brakes),
                MetersPerSecond(0.0)
            );
        }
    }

    #[test]
    fn more_room_than_can_be_said_is_no_limit() {
        let speed = safe_speed(Meters(f64::INFINITY), LATENCY, MetersPerSecondSquared(1.0));
        assert_eq!(speed, MetersPerSecond(f64::INFINITY));
    }

    proptest! {
        #[test]
        fn from_the_safe_speed_it_stops_exactly_at_the_end(
            d in 1e-6..100.0f64, ms in 0u64..2000, a in 0.01..20.0f64,
        ) {
            let latency = Duration::from_millis(ms);
            let brakes = MetersPerSecondSquared(a);
            let way = stopping_distance(safe_speed(Meters(d), latency, brakes), latency, brakes);
            prop_assert!((way.0 - d).abs() <= 1e-9 * d.max(1.0));
        }
    }
}
