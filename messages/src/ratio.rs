//! Ratios with a range.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Neg;

/// How hard an output is driven: -1 (fully backward) to 1 (fully forward).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Duty(f64);

impl Duty {
    /// Not driven.
    pub const ZERO: Self = Self(0.0);

    /// A duty of exactly `ratio`.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] if `ratio` is no number between -1 and 1.
    pub fn new(ratio: f64) -> Result<Self, OutOfRange> {
        if (-1.0..=1.0).contains(&ratio) {
            Ok(Self(ratio))
        } else {
            Err(OutOfRange { ratio })
        }
    }

    /// The duty nearest to `ratio`; zero if it is no number.
    #[must_use]
    pub fn nearest(ratio: f64) -> Self {
        if ratio.is_nan() {
            Self::ZERO
        } else {
            Self(ratio.clamp(-1.0, 1.0))
        }
    }

    /// The ratio, -1 to 1.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.0
    }

    /// The ratio without its direction, 0 to 1.
    #[must_use]
    pub fn magnitude(self) -> f64 {
        self.0.abs()
    }
}

impl Neg for Duty {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl TryFrom<f64> for Duty {
    type Error = OutOfRange;
    fn try_from(ratio: f64) -> Result<Self, OutOfRange> {
        Self::new(ratio)
    }
}

impl From<Duty> for f64 {
    fn from(duty: Duty) -> f64 {
        duty.0
    }
}

/// A number that was to be a [`Duty`] and is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutOfRange {
    ratio: f64,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a duty is between -1 and 1, found {}", self.ratio)
    }
}

impl std::error::Error for OutOfRange {}
