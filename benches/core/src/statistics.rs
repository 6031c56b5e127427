//! Medians and percentiles.

use serde::{Deserialize, Serialize};

/// Where the samples of all rounds lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many there are.
    pub samples: usize,
    /// Half are below.
    pub p50: f64,
    /// 99 of 100 are below.
    pub p99: f64,
    /// 999 of 1,000 are below.
    pub p999: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// The spread of some samples; none has none.
    pub fn of(samples: &[f64]) -> Option<Spread> {
        let sorted = sorted(samples);
        let at = |part: f64| {
            let place = (sorted.len() as f64 - 1.0) * part;
            sorted.get(place.round() as usize).copied()
        };
        Some(Spread {
            samples: sorted.len(),
            p50: at(0.5)?,
            p99: at(0.99)?,
            p999: at(0.999)?,
            max: at(1.0)?,
        })
    }
}

/// The median: of an even number the mean of the middle two.
pub fn median(samples: &[f64]) -> Option<f64> {
    let sorted = sorted(samples);
    let upper = sorted.len() / 2;
    let lower = sorted.len().checked_sub(1)? / 2;
    Some((sorted[lower] + sorted[upper]) / 2.0)
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_spread_of_a_thousand_and_one_samples_is_known() {
        let samples: Vec<f64> = (0..=1_000).rev().map(f64::from).collect();
        let spread = Spread::of(&samples).expect("there are samples");
        assert_eq!(
            (spread.p50, spread.p99, spread.p999, spread.max),
            (500.0, 990.0, 999.0, 1_000.0)
        );
    }
}
