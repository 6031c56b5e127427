//! How an input line is read.

use crate::Bias;
use std::time::Duration;

/// The resistor of an input line, and for how long it must stand still before an edge counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputSettings {
    /// What holds the line while nobody drives it.
    pub bias: Bias,
    /// An edge counts once the line stood still for so long, and is stamped then; zero reports each at once.
    pub debounce: Duration,
}

impl InputSettings {
    /// With this resistor, each edge at once.
    #[must_use]
    pub const fn new(bias: Bias) -> Self {
        Self {
            bias,
            debounce: Duration::ZERO,
        }
    }
}
