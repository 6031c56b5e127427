//! What a digital line shows, and how it is held when nobody drives it.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Not;

/// The level of a digital line.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Near 0 V.
    #[default]
    Low,
    /// Near 3.3 V.
    High,
}

impl Level {
    /// Whether it is high.
    #[must_use]
    pub const fn is_high(self) -> bool {
        matches!(self, Self::High)
    }
}

impl Not for Level {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

/// `true` is high.
impl From<bool> for Level {
    fn from(high: bool) -> Self {
        if high { Self::High } else { Self::Low }
    }
}

/// What holds an input that nobody drives: the chip's own resistor (about 50 kOhm), or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bias {
    /// Nothing: the part drives the line, or has a resistor of its own.
    #[default]
    None,
    /// To 3.3 V.
    PullUp,
    /// To ground.
    PullDown,
}

/// A change of an input's level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// When it happened, on the board's clock.
    pub at: Timestamp,
    /// The level after it.
    pub level: Level,
    /// Counts the line's edges since it was opened, and wraps; a gap is a loss.
    pub sequence: u32,
}
