//! Times, and how they are told.

use std::time::Duration;

/// All times of one way, none left out.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn with_room_for(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Prints a row of a table: p50, p99, p99.9 and the most, in microseconds.
    pub(crate) fn print(mut self, what: &str) -> Duration {
        self.0.sort_unstable();
        let at = |share: f64| {
            let place = (self.0.len() as f64 * share) as usize;
            self.0[place.min(self.0.len() - 1)]
        };
        let us = |share| at(share).as_secs_f64() * 1e6;
        println!(
            "| {what:<50} | {:>8} | {:>7.1} | {:>7.1} | {:>7.1} | {:>8.1} |",
            self.0.len(),
            us(0.5),
            us(0.99),
            us(0.999),
            us(1.0)
        );
        at(0.5)
    }
}
