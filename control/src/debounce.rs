//! A switch that bounces, made to say one thing at a time.

use sinew_messages::Timestamp;
use std::time::Duration;

/// From the edges of a bouncing contact to its settled levels. It reads no clock and sets no timer: tell it
/// edges and the time, and ask it when it wants to be asked again.
#[derive(Clone, Copy, Debug)]
pub struct Debouncer {
    settle: Duration,
    settled: bool,
    wavering: Option<Wavering>,
}

#[derive(Clone, Copy, Debug)]
struct Wavering {
    level: bool,
    since: Timestamp,
}

/// A level that has stood for the settling time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// When it had stood long enough.
    pub at: Timestamp,
    /// High or low (or pressed or not: the caller knows).
    pub level: bool,
}

impl Debouncer {
    /// A contact that stands at `level` and counts as settled when it has not moved for `settle`.
    #[must_use]
    pub fn new(settle: Duration, level: bool) -> Self {
        Self {
            settle,
            settled: level,
            wavering: None,
        }
    }

    /// The last settled level.
    #[must_use]
    pub fn level(&self) -> bool {
        self.settled
    }

    /// Takes an edge to `level` that happened at `at`. Returns the level that had settled before this edge
    /// came, if nobody asked in between. Edges come in the order of their stamps.
    pub fn edge(&mut self, at: Timestamp, level: bool) -> Option<Settled> {
        let settled = self.poll(at);
        self.wavering = Some(Wavering { level, since: at });
        settled
    }

    /// The newly settled level, once, if the contact changed and then stood still until `now`.
    pub fn poll(&mut self, now: Timestamp) -> Option<Settled> {
        let wavering = self.wavering?;
        let at = wavering.since + self.settle;
        if now < at {
            return None;
        }
        self.wavering = None;
        if wavering.level == self.settled {
            return None;
        }
        self.settled = wavering.level;
        Some(Settled {
            at,
            level: wavering.level,
        })
    }

    /// When to call [`poll`](Self::poll) next; `None` while the contact is settled.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        self.wavering.map(|wavering| wavering.since + self.settle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(us: u64) -> Timestamp {
        Timestamp::from_nanos(us * 1_000)
    }

    fn button() -> Debouncer {
        Debouncer::new(Duration::from_millis(5), false)
    }

    #[test]
    fn a_bouncing_press_is_one_press_settled_after_the_last_bounce() {
        let mut button = button();
        for (us, level) in [
            (0, true),
            (300, false),
            (700, true),
            (900, false),
            (1_200, true),
        ] {
            assert_eq!(button.edge(at(us), level), None);
        }
        assert_eq!(button.deadline(), Some(at(6_200)));
        assert_eq!(button.poll(at(6_199)), None);
        let press = Settled {
            at: at(6_200),
            level: true,
        };
        assert_eq!(button.poll(at(6_500)), Some(press));
        assert_eq!(button.poll(at(9_000)), None);
        assert_eq!(button.deadline(), None);
    }

    #[test]
    fn a_short_disturbance_is_nothing() {
        let mut button = button();
        button.edge(at(0), true);
        button.edge(at(50), false);
        assert_eq!(button.poll(at(10_000)), None);
        assert!(!button.level());
    }

    #[test]
    fn a_press_that_nobody_asked_about_is_not_lost() {
        let mut button = button();
        button.edge(at(0), true);
        let press = Settled {
            at: at(5_000),
            level: true,
        };
        assert_eq!(button.edge(at(100_000), false), Some(press));
        let release = Settled {
            at: at(105_000),
            level: false,
        };
        assert_eq!(button.poll(at(200_000)), Some(release));
    }

    proptest! {
        #[test]
        fn settled_levels_alternate_and_the_last_edge_wins(
            steps in prop::collection::vec((1u64..12_000, any::<bool>()), 1..200),
        ) {
            let mut button = button();
            let (mut now, mut last) = (0, false);
            let mut seen = Vec::new();
            for (wait, level) in steps {
                now += wait;
                seen.extend(button.edge(at(now), level));
                last = level;
            }
            seen.extend(button.poll(at(now + 5_000)));
            let mut before = false;
            for settled in &seen {
                prop_assert_ne!(settled.level, before);
                before = settled.level;
            }
            prop_assert_eq!(button.level(), last);
        }
    }
}
