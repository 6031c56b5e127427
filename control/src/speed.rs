//! How fast a shaft turns, from the counts of its encoder.

use sinew_messages::{Radians, RadiansPerSecond, Timestamp};
use std::time::Duration;

/// Speed from counts and the moments of their edges.
///
/// Between two readings the speed is the counted angle over the time between the newest edges, which is exact at
/// any rate of reading. While no edge comes, the speed can be no more than one count over the time since the
/// last, so the estimate falls like 1/t and is zero after `still_after`.
#[derive(Clone, Copy, Debug)]
pub struct SpeedEstimator {
    per_count: Radians,
    still_after: Duration,
    last: Option<Reading>,
    speed: RadiansPerSecond,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    count: i64,
    edge_at: Timestamp,
}

impl SpeedEstimator {
    /// For an encoder whose every count is `per_count`; it stands if no edge came for `still_after`.
    #[must_use]
    pub fn new(per_count: Radians, still_after: Duration) -> Self {
        Self {
            per_count,
            still_after,
            last: None,
            speed: RadiansPerSecond::ZERO,
        }
    }

    /// The speed at `now`, when the encoder stands at `count` (forward counts up) and its newest edge came at
    /// `newest_edge` (`None`: none yet). The first call only says where the count begins.
    pub fn update(
        &mut self,
        now: Timestamp,
        count: i64,
        newest_edge: Option<Timestamp>,
    ) -> RadiansPerSecond {
        let edge_at = newest_edge.unwrap_or(now);
        let Some(last) = self.last else {
            self.last = Some(Reading { count, edge_at });
            return self.speed;
        };
        if count == last.count {
            self.speed = self.at_most_one_count_since(last.edge_at, now);
            return self.speed;
        }
        let between = edge_at.since(last.edge_at);
        if !between.is_zero() {
            let counts = count.wrapping_sub(last.count) as f64;
            self.speed = self.per_count * counts / between;
            self.last = Some(Reading { count, edge_at });
        }
        self.speed
    }

    /// What the speed can still be when nothing was counted since `edge_at`.
    fn at_most_one_count_since(&self, edge_at: Timestamp, now: Timestamp) -> RadiansPerSecond {
        let quiet = now.since(edge_at);
        if quiet >= self.still_after {
            return RadiansPerSecond::ZERO;
        }
        if quiet.is_zero() {
            return self.speed;
        }
        self.speed.within(self.per_count / quiet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_nanos(ms * 1_000_000)
    }

    fn estimator() -> SpeedEstimator {
        // 100 counts per turn.
        SpeedEstimator::new(Radians(TAU / 100.0), Duration::from_millis(500))
    }

    #[test]
    fn the_speed_is_the_angle_over_the_time_between_edges_not_between_readings() {
        let mut speed = estimator();
        speed.update(at(0), 0, Some(at(0)));
        // 10 counts in 98 ms by their edges, read at 100 ms.
        let found = speed.update(at(100), 10, Some(at(98)));
        assert!((found.0 - TAU / 10.0 / 0.098).abs() < 1e-9);
        let back = speed.update(at(200), 0, Some(at(198)));
        assert!((back.0 + TAU / 10.0 / 0.1).abs() < 1e-9);
    }

    #[test]
    fn without_edges_it_falls_and_reaches_zero() {
        let mut speed = estimator();
        speed.update(at(0), 0, Some(at(0)));
        speed.update(at(100), 10, Some(at(100)));
        let per_count = TAU / 100.0;
        assert!((speed.update(at(110), 10, Some(at(100))).0 - per_count / 0.01).abs() < 1e-9);
        assert!((speed.update(at(300), 10, Some(at(100))).0 - per_count / 0.2).abs() < 1e-9);
        assert_eq!(
            speed.update(at(600), 10, Some(at(100))),
            RadiansPerSecond(0.0)
        );
    }

    #[test]
    fn it_starts_at_zero_and_needs_no_edge() {
        let mut speed = estimator();
        assert_eq!(speed.update(at(0), 0, None), RadiansPerSecond(0.0));
        assert_eq!(speed.update(at(10), 0, None), RadiansPerSecond(0.0));
        // The first edge says that at most one count went by since the start.
        let first = speed.update(at(20), 1, Some(at(20)));
        assert!(first.0 > 0.0 && first.0 <= TAU / 100.0 / 0.02 + 1e-9);
    }

    #[test]
    fn two_readings_with_one_stamp_do_not_divide_by_zero() {
        let mut speed = estimator();
        speed.update(at(0), 0, Some(at(0)));
        let found = speed.update(at(0), 3, Some(at(0)));
        assert!(found.0.is_finite());
    }
}
