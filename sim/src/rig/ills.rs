//! What is wrong with what parts measure.

use sinew_messages::{Meters, Timestamp};
use sinew_runtime::Random;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a measurement is wrong.
#[derive(Clone, Debug)]
pub(super) enum Lie {
    /// By so much each second since then.
    Drift(Timestamp, f64),
    /// By so much, of a thousand times so often.
    Spike(f64, u16, Random),
    /// By up to so much either way.
    Noise(f64, Random),
    /// This, whatever is true.
    Reads(f64),
    /// The opposite.
    Opposite,
}

/// The lies of all parts, where the chips on the simulated board can reach them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lies(Arc<Mutex<BTreeMap<String, Lie>>>);

impl Lies {
    pub(super) fn set(&self, part: &str, lie: Option<Lie>) {
        match lie {
            Some(lie) => self.all().insert(part.to_owned(), lie),
            None => self.all().remove(part),
        };
    }

    /// What a part says instead of `truth`.
    pub(super) fn told(&self, part: &str, at: Timestamp, truth: f64) -> f64 {
        let mut all = self.all();
        if all.is_empty() {
            return truth;
        }
        match all.get_mut(part) {
            None => truth,
            Some(Lie::Drift(since, per_second)) => {
                truth + *per_second * at.since(*since).as_secs_f64()
            }
            Some(Lie::Spike(by, often, random)) => {
                let strikes = random.below(1_000) < usize::from(*often);
                if strikes { truth + *by } else { truth }
            }
            Some(Lie::Noise(up_to, random)) => truth + *up_to * (2.0 * random.ratio() - 1.0),
            Some(Lie::Reads(value)) => *value,
            Some(Lie::Opposite) => -truth,
        }
    }

    /// What a sonar hears instead; where it hears nothing, a lie begins at the end of its range.
    pub(super) fn heard(&self, part: &str, at: Timestamp, truth: Option<Meters>) -> Option<Meters> {
        if !self.all().contains_key(part) {
            return truth;
        }
        let truth = truth.unwrap_or(super::truth::FARTHEST);
        Some(Meters(self.told(part, at, truth.0).max(0.0)))
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Lie>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lie_is_told_by_its_part_alone_until_it_is_taken_back() {
        let lies = Lies::default();
        let at = |seconds: u64| Timestamp::from_nanos(seconds * 1_000_000_000);
        lies.set("imu", Some(Lie::Drift(at(1), 0.5)));
        assert_eq!(lies.told("imu", at(3), 2.0), 3.0);
        assert_eq!(lies.told("sonar", at(3), 2.0), 2.0);
        lies.set("imu", Some(Lie::Opposite));
        assert_eq!(lies.told("imu", at(3), 2.0), -2.0);
        lies.set("imu", Some(Lie::Reads(9.0)));
        assert_eq!(lies.told("imu", at(3), 2.0), 9.0);
        lies.set("imu", Some(Lie::Spike(1.0, 500, Random::new(1))));
        let told: Vec<f64> = (0..100).map(|_| lies.told("imu", at(3), 2.0)).collect();
        assert!(told.contains(&2.0) && told.contains(&3.0));
        lies.set("imu", None);
        assert_eq!(lies.told("imu", at(3), 2.0), 2.0);
    }
}
