//! Restart with back-off, within a limit.

use crate::Time;
use crate::random::Random;
use std::collections::VecDeque;
use std::time::Duration;

/// How a node is restarted (one for one): after which pause, and how often before the system gives up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Restart {
    /// The pause before the first restart, give or take a twentieth; it doubles with each failure in a row. A
    /// millisecond at least.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How many failures within [`within`](Self::within) are borne; one more ends the system. `None`: any number.
    pub at_most: Option<u32>,
    /// The window in which failures are counted. After this long without one the pause is short again.
    pub within: Duration,
}

impl Restart {
    /// Five failures in ten seconds: a node that fails twice a second is broken, not unlucky.
    pub const DEFAULT: Self = Self {
        first_pause: Duration::from_millis(100),
        longest_pause: Duration::from_secs(2),
        at_most: Some(5),
        within: Duration::from_secs(10),
    };

    /// For what may be unplugged for hours: tried again for ever, at least every two seconds.
    #[must_use]
    pub const fn patient() -> Self {
        Self {
            at_most: None,
            ..Self::DEFAULT
        }
    }

    /// For what must not fail: the first failure ends the system.
    #[must_use]
    pub const fn never() -> Self {
        Self {
            at_most: Some(0),
            ..Self::DEFAULT
        }
    }
}

impl Default for Restart {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The shortest pause whatever is said: without one, a factory that fails at once would stop time.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// What the supervisor decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Build the actor again at this moment.
    RestartAt(Time),
    /// The limit is exceeded.
    GiveUp,
}

/// How the failures of one actor are met. Most never fail and are treated alike: that costs no memory.
#[derive(Debug)]
pub(crate) struct Record(Option<Box<Special>>);

/// What is to be known of one actor: one that fails, or is treated in its own way.
#[derive(Debug)]
struct Special {
    policy: Restart,
    history: Option<History>,
}

/// The failures of one actor.
#[derive(Debug)]
struct History {
    failures: VecDeque<Time>,
    last: Time,
    in_a_row: u32,
    random: Random,
}

impl Record {
    /// A clean record.
    pub(crate) fn new(policy: Restart) -> Self {
        Self((policy != Restart::DEFAULT).then(|| Special::treated(policy)))
    }

    /// Notes a failure at `now` and decides. The pause varies by a tenth, so that actors that failed together part;
    /// `random` gives the chance for that at the first failure.
    pub(crate) fn failed(&mut self, now: Time, random: impl FnOnce() -> Random) -> Verdict {
        let special = self
            .0
            .get_or_insert_with(|| Special::treated(Restart::DEFAULT));
        let Special { policy, history } = special.as_mut();
        if let Some(history) = history {
            let calm = now.since(history.last) > policy.within;
            let in_a_row = history.in_a_row.saturating_add(1);
            history.in_a_row = if calm { 0 } else { in_a_row };
        }
        let history = history.get_or_insert_with(|| History {
            failures: VecDeque::new(),
            last: now,
            in_a_row: 0,
            random: random(),
        });
        history.last = now;
        history.decide(now, policy)
    }
}

impl Special {
    fn treated(policy: Restart) -> Box<Self> {
        let history = None;
        Box::new(Self { policy, history })
    }
}

impl History {
    fn decide(&mut self, now: Time, policy: &Restart) -> Verdict {
        if let Some(limit) = policy.at_most {
            let window = policy.within;
            self.failures.retain(|earlier| now.since(*earlier) < window);
            self.failures.push_back(now);
            if self.failures.len() > limit as usize {
                return Verdict::GiveUp;
            }
        }
        let doubled = policy
            .first_pause
            .saturating_mul(1 << self.in_a_row.min(20));
        let pause = self.varied(doubled.min(policy.longest_pause));
        let pause = pause.min(policy.longest_pause).max(SHORTEST_PAUSE);
        Verdict::RestartAt(now + pause)
    }

    /// The pause, up to a twentieth shorter or longer.
    fn varied(&mut self, pause: Duration) -> Duration {
        let nanos = u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX);
        let share = u128::from(self.random.next()) * u128::from(nanos / 10);
        let more = u64::try_from(share >> 64).unwrap_or(0);
        let varied = (nanos - nanos / 20).saturating_add(more);
        Duration::from_nanos(varied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(policy: Restart, count: u64) -> Vec<Option<u128>> {
        let mut record = Record::new(policy);
        (0..count)
            .map(|index| {
                let now = Time::from_nanos(index * 1_000_000);
                match record.failed(now, || Random::new(1)) {
                    Verdict::RestartAt(at) => Some(at.since(now).as_millis()),
                    Verdict::GiveUp => None,
                }
            })
            .collect()
    }

    #[test]
    fn each_failure_in_a_row_doubles_the_pause_up_to_its_longest() {
        let found = pauses(Restart::patient(), 8);
        for (found, wanted) in found
            .iter()
            .zip([100, 200, 400, 800, 1600, 2000, 2000, 2000])
        {
            let found = found.expect("patience has no limit") as f64;
            assert!(
                (found - f64::from(wanted)).abs() <= f64::from(wanted) * 0.051,
                "{found}"
            );
        }
    }

    #[test]
    fn one_failure_above_the_limit_gives_up() {
        let found = pauses(Restart::DEFAULT, 6);
        assert!(found[..5].iter().all(Option::is_some));
        assert_eq!(found[5], None);
        assert_eq!(pauses(Restart::never(), 1), [None]);
    }

    #[test]
    fn failures_outside_of_the_window_are_forgotten() {
        let mut record = Record::new(Restart::DEFAULT);
        for index in 0..50 {
            let now = Time::from_nanos(index * 11_000_000_000);
            let verdict = record.failed(now, || Random::new(1));
            assert!(matches!(verdict, Verdict::RestartAt(_)));
        }
    }

    #[test]
    fn at_exactly_a_window_a_failure_is_forgotten_and_yet_one_in_a_row() {
        let edge = Time::ZERO + Restart::DEFAULT.within;
        let random = || Random::new(1);
        let mut borne = Record::new(Restart::DEFAULT);
        for _ in 0..5 {
            borne.failed(Time::ZERO, random);
        }
        let verdict = borne.failed(edge, random);
        assert!(matches!(verdict, Verdict::RestartAt(_)), "forgotten");

        let mut row = Record::new(Restart::patient());
        row.failed(Time::ZERO, random);
        let Verdict::RestartAt(again) = row.failed(edge, random) else {
            panic!("patience has no limit");
        };
        assert!(
            again.since(edge) > Duration::from_millis(150),
            "the pause doubles"
        );
    }

    #[test]
    fn nodes_that_failed_together_part() {
        let pause = |seed| {
            let mut record = Record::new(Restart::patient());
            record.failed(Time::ZERO, || Random::new(seed))
        };
        let alike = (1..50).filter(|seed| pause(*seed) == pause(0)).count();
        assert_eq!(alike, 0);
    }
}
