//! The outer walls of a world.

use crate::world::Point;
use sinew_messages::Meters;

/// An upright rectangle that nothing leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The corner with the smallest coordinates.
    pub low: Point,
    /// The corner with the largest.
    pub high: Point,
}

impl Bounds {
    /// From west to east.
    #[must_use]
    pub fn width(&self) -> Meters {
        self.high.x - self.low.x
    }

    /// From south to north.
    #[must_use]
    pub fn height(&self) -> Meters {
        self.high.y - self.low.y
    }

    /// Whether `point` lies inside or on the walls.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        (self.low.x..=self.high.x).contains(&point.x)
            && (self.low.y..=self.high.y).contains(&point.y)
    }

    /// The four corners, counter-clockwise.
    #[must_use]
    pub fn corners(&self) -> [Point; 4] {
        let (low, high) = (self.low, self.high);
        [
            low,
            Point {
                x: high.x,
                y: low.y,
            },
            high,
            Point {
                x: low.x,
                y: high.y,
            },
        ]
    }
}
