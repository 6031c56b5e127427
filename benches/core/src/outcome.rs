//! What a measurement comes to, and how one process tells another.

use serde::{Deserialize, Serialize};

/// What a measuring process prints as its last line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every sample, in the order in which they were taken.
    Samples(Vec<f64>),
    /// Why there are none.
    Absent(String),
}

impl Outcome {
    /// Whether there are no samples.
    pub fn is_absent(&self) -> bool {
        matches!(self, Outcome::Absent(_))
    }
}
