//! A limit that does not flutter: it trips after a while and is well again after a while.

use sinew_messages::Timestamp;
use std::time::Duration;

/// Whether something was beyond its limit for long enough, until it was well within it for as long. Before anything was seen it
/// is tripped: unknown is not well.
///
/// Two limits, one to trip at and one to be well at, are the hysteresis: what is between them changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    after: Duration,
    is_tripped: bool,
    /// Since when it has been on the other side of what `is_tripped` says.
    otherwise_since: Option<Timestamp>,
}

impl Trip {
    /// One that trips, and is well again, when it was so for as long as `after`.
    #[must_use]
    pub const fn new(after: Duration) -> Self {
        Self {
            after,
            is_tripped: true,
            otherwise_since: None,
        }
    }

    /// Looks at what was measured at a moment: whether that is beyond the limit, and whether it is well. Whether it is tripped
    /// then. Moments come in their order.
    pub fn look(&mut self, at: Timestamp, is_beyond: bool, is_well: bool) -> bool {
        let is_otherwise = if self.is_tripped { is_well } else { is_beyond };
        if !is_otherwise {
            self.otherwise_since = None;
            return self.is_tripped;
        }
        if at.since(*self.otherwise_since.get_or_insert(at)) >= self.after {
            self.is_tripped = !self.is_tripped;
            self.otherwise_since = None;
        }
        self.is_tripped
    }

    /// Nobody knows any more: it is tripped at once.
    pub fn lose(&mut self) {
        (self.is_tripped, self.otherwise_since) = (true, None);
    }

    /// Whether it is tripped.
    #[must_use]
    pub const fn is_tripped(&self) -> bool {
        self.is_tripped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_nanos(ms * 1_000_000)
    }

    /// One that is well at 0 ms and trips after 100 ms.
    fn well() -> Trip {
        let mut trip = Trip::new(Duration::from_millis(100));
        assert!(trip.is_tripped(), "unknown is not well");
        assert!(trip.look(at(0), false, true), "not yet");
        assert!(!trip.look(at(100), false, true));
        trip
    }

    #[test]
    fn it_trips_when_it_was_beyond_for_long_enough_and_no_sooner() {
        let mut trip = well();
        assert!(!trip.look(at(200), true, false));
        assert!(!trip.look(at(299), true, false));
        assert!(trip.look(at(300), true, false));
    }

    #[test]
    fn a_peak_does_not_trip_it_nor_many_of_them() {
        let mut trip = well();
        for peak in 0..50 {
            assert!(!trip.look(at(200 + peak * 100), true, false));
            assert!(!trip.look(at(250 + peak * 100), false, false));
        }
    }

    #[test]
    fn between_the_limits_nothing_changes() {
        let mut trip = well();
        for now in [200, 400, 900] {
            assert!(!trip.look(at(now), false, false));
        }
        assert!(!trip.look(at(1000), true, false));
        assert!(trip.look(at(1100), true, false));
        for now in [1200, 1400, 9000] {
            assert!(trip.look(at(now), false, false), "not well enough");
        }
        assert!(trip.look(at(9100), false, true));
        assert!(!trip.look(at(9200), false, true));
    }

    #[test]
    fn what_is_known_no_more_is_tripped_at_once() {
        let mut trip = well();
        trip.lose();
        assert!(trip.is_tripped());
        assert!(trip.look(at(500), false, true), "and not well at once");
    }
}
