//! A thing that stands in a world.

use crate::world::Point;
use sinew_messages::{Meters, Radians};

/// The outline of an obstacle, seen from above.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// A disc.
    Circle {
        /// Its middle.
        center: Point,
        /// Its radius.
        radius: Meters,
    },
    /// A closed line through these corners, convex or not; it does not cross itself.
    Polygon(Vec<Point>),
}

impl Outline {
    /// A rectangle around `center`, turned counter-clockwise.
    #[must_use]
    pub fn rectangle(center: Point, width: Meters, height: Meters, turned: Radians) -> Self {
        let (x, y) = (width.0 / 2.0, height.0 / 2.0);
        let corners = [(-x, -y), (x, -y), (x, y), (-x, y)];
        Self::Polygon(corners.map(|(x, y)| center.ahead(turned, x, y)).to_vec())
    }

    /// A straight wall whose middle line runs from one point to another; `None` if they are the same.
    #[must_use]
    pub fn wall(from: Point, to: Point, thickness: Meters) -> Option<Self> {
        let length = from.distance(to).0;
        if length == 0.0 {
            return None;
        }
        let half = thickness.0 / (2.0 * length);
        let (x, y) = ((to.x - from.x).0 * half, (to.y - from.y).0 * half);
        Some(Self::Polygon(vec![
            Point::new(from.x.0 + y, from.y.0 - x),
            Point::new(to.x.0 + y, to.y.0 - x),
            Point::new(to.x.0 - y, to.y.0 + x),
            Point::new(from.x.0 - y, from.y.0 + x),
        ]))
    }

    /// Whether `point` lies within.
    #[must_use]
    pub fn encloses(&self, point: Point) -> bool {
        match self {
            Self::Circle { center, radius } => center.distance(point) < *radius,
            Self::Polygon(corners) => encloses(corners, point),
        }
    }
}

/// By the even-odd rule: a line from the point to the east crosses the outline an odd number of times.
fn encloses(corners: &[Point], point: Point) -> bool {
    edges(corners)
        .filter(|(a, b)| (a.y > point.y) != (b.y > point.y))
        .filter(|(a, b)| {
            let part = (point.y - a.y).0 / (b.y - a.y).0;
            point.x.0 < a.x.0 + part * (b.x - a.x).0
        })
        .count()
        % 2
        == 1
}

/// The sides of a closed line through `corners`.
pub(crate) fn edges(corners: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    let next = corners.iter().cycle().skip(1);
    corners.iter().copied().zip(next.copied())
}

/// Whether two sides of the closed line through `corners` cross or touch other than at a common corner.
pub(crate) fn crosses_itself(corners: &[Point]) -> bool {
    let sides: Vec<_> = edges(corners).collect();
    let count = sides.len();
    (0..count).any(|one| {
        (one + 2..count)
            .filter(|other| (other + 1) % count != one)
            .any(|other| sides_meet(sides[one], sides[other]))
    })
}

fn sides_meet((a, b): (Point, Point), (c, d): (Point, Point)) -> bool {
    let turn = |p: Point, q: Point, r: Point| {
        (q.x - p.x).0 * (r.y - p.y).0 - (q.y - p.y).0 * (r.x - p.x).0
    };
    let (c_side, d_side) = (turn(a, b, c), turn(a, b, d));
    let (a_side, b_side) = (turn(c, d, a), turn(c, d, b));
    c_side * d_side <= 0.0 && a_side * b_side <= 0.0 && (c_side != d_side || a_side != b_side)
}

/// A thing that stands in a world.
#[derive(Clone, Debug, PartialEq)]
pub struct Obstacle {
    /// What the world's file calls it.
    pub name: Option<String>,
    /// Where it stands.
    pub outline: Outline,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corner() -> Vec<Point> {
        [
            (0.0, 0.0),
            (2.0, 0.0),
            (2.0, 1.0),
            (1.0, 1.0),
            (1.0, 2.0),
            (0.0, 2.0),
        ]
        .map(|(x, y)| Point::new(x, y))
        .to_vec()
    }

    #[test]
    fn the_notch_of_an_angle_is_outside_of_it() {
        let angle = Outline::Polygon(corner());
        assert!(angle.encloses(Point::new(0.5, 1.5)));
        assert!(angle.encloses(Point::new(1.5, 0.5)));
        assert!(!angle.encloses(Point::new(1.5, 1.5)));
    }

    #[test]
    fn a_bow_tie_crosses_itself_and_an_angle_does_not() {
        let tie = [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)].map(|(x, y)| Point::new(x, y));
        assert!(crosses_itself(&tie));
        assert!(!crosses_itself(&corner()));
        assert!(!crosses_itself(&corner()[..3]));
    }

    #[test]
    fn a_wall_is_as_thick_as_it_says_on_both_sides_of_its_line() {
        let wall = Outline::wall(Point::new(0.0, 1.0), Point::new(2.0, 1.0), Meters(0.2)).unwrap();
        assert!(wall.encloses(Point::new(1.0, 1.09)));
        assert!(wall.encloses(Point::new(1.0, 0.91)));
        assert!(!wall.encloses(Point::new(1.0, 1.11)));
        assert!(!wall.encloses(Point::new(1.0, 0.89)));
    }
}
