//! What the mock objects to in what it was asked to do.

use sinew_messages::Timestamp;
use std::fmt;

/// How many complaints are kept; the rest are only counted. A loop that complains at each turn must not fill the memory.
const KEPT: usize = 256;

/// Something that a real board would do badly, or that a twin does not model. A test should find none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Complaint {
    /// When it happened.
    pub at: Timestamp,
    /// The name of the part that complains.
    pub part: String,
    /// What was wrong, and what to do.
    pub text: String,
}

/// `[1.250000000] imu: ...`.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.at.nanos();
        let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        write!(f, "[{seconds}.{rest:09}] {}: {}", self.part, self.text)
    }
}

/// All complaints of a mock.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    kept: Vec<Complaint>,
    count: u64,
}

impl Complaints {
    /// Adds one; `text` is made only if it is kept.
    pub(crate) fn add(&mut self, at: Timestamp, part: &str, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(Complaint {
                at,
                part: part.to_owned(),
                text: text(),
            });
        }
    }

    /// The first ones.
    pub(crate) fn kept(&self) -> &[Complaint] {
        &self.kept
    }

    /// How many there were in all.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::{Complaints, KEPT};
    use sinew_messages::Timestamp;

    #[test]
    fn complaints_are_bounded_and_all_counted() {
        let mut complaints = Complaints::default();
        for _ in 0..1000 {
            complaints.add(Timestamp::from_nanos(1_250_000_000), "imu", || "no".into());
        }
        assert_eq!(complaints.kept().len(), KEPT);
        assert_eq!(complaints.count(), 1000);
        assert_eq!(complaints.kept()[0].to_string(), "[1.250000000] imu: no");
    }
}
