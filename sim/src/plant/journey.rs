//! Where a body was, sampled.

use sinew_messages::{Meters, Pose, Timestamp};
use std::time::Duration;

/// Samples are this far apart at first.
const FIRST_INTERVAL: Duration = Duration::from_millis(100);
/// At this many samples every other one is dropped: the memory of a journey has a limit, its length has none.
const MOST_SAMPLES: usize = 8192;

/// Where a body was at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The moment.
    pub at: Timestamp,
    /// In the world's frame.
    pub pose: Pose,
    /// What its first sonar saw last.
    pub range: Option<Meters>,
}

/// Where a body was, at even intervals.
#[derive(Clone, Debug)]
pub(crate) struct Journey {
    interval: Duration,
    next: Timestamp,
    samples: Vec<Sample>,
}

impl Default for Journey {
    fn default() -> Self {
        Self {
            interval: FIRST_INTERVAL,
            next: Timestamp::ZERO,
            samples: Vec::new(),
        }
    }
}

impl Journey {
    /// Takes a sample if one is due.
    pub(crate) fn offer(&mut self, at: Timestamp, pose: Pose, range: Option<Meters>) {
        if at < self.next {
            return;
        }
        if self.samples.len() == MOST_SAMPLES {
            let mut index = 0;
            self.samples.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.interval *= 2;
        }
        self.next = at + self.interval;
        self.samples.push(Sample { at, pose, range });
    }

    pub(crate) fn samples(&self) -> &[Sample] {
        &self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_journey_keeps_its_beginning_its_end_and_an_even_interval() {
        let mut journey = Journey::default();
        for tenth in 0..30_000_u64 {
            journey.offer(
                Timestamp::from_nanos(tenth * 100_000_000),
                Pose::default(),
                None,
            );
        }
        let samples = journey.samples();
        assert!(samples.len() <= MOST_SAMPLES);
        assert_eq!(samples[0].at, Timestamp::ZERO);
        assert!(samples.last().unwrap().at.seconds() > 2999.0);
        let interval = samples[1].at.since(samples[0].at);
        assert!(
            samples
                .windows(2)
                .all(|two| two[1].at.since(two[0].at) == interval)
        );
    }
}
