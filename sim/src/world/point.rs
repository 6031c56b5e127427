//! A place in the plane.

use sinew_messages::{Meters, Radians};

/// A place in a world's frame: x east, y north (REP 103).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// East.
    pub x: Meters,
    /// North.
    pub y: Meters,
}

impl Point {
    /// The place `x` meters east and `y` meters north of the frame's origin.
    #[must_use]
    pub const fn new(x: f64, y: f64) -> Self {
        Self {
            x: Meters(x),
            y: Meters(y),
        }
    }

    /// How far `other` is away.
    #[must_use]
    pub fn distance(self, other: Self) -> Meters {
        let (x, y) = ((other.x - self.x).0, (other.y - self.y).0);
        Meters((x * x + y * y).sqrt())
    }

    /// The place `x` ahead and `y` to the left of this one, for who looks along `heading`.
    #[must_use]
    pub(crate) fn ahead(self, heading: Radians, x: f64, y: f64) -> Self {
        let (sin, cos) = libm::sincos(heading.0);
        Self::new(self.x.0 + cos * x - sin * y, self.y.0 + sin * x + cos * y)
    }
}
