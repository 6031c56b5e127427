//! How a chip with three axes sits in a body.

use serde::{Deserialize, Serialize};
use sinew_messages::Vector3;

/// One of a chip's axes, with its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Axis {
    /// Along x.
    #[serde(rename = "+x")]
    PlusX,
    /// Against x.
    #[serde(rename = "-x")]
    MinusX,
    /// Along y.
    #[serde(rename = "+y")]
    PlusY,
    /// Against y.
    #[serde(rename = "-y")]
    MinusY,
    /// Along z.
    #[serde(rename = "+z")]
    PlusZ,
    /// Against z.
    #[serde(rename = "-z")]
    MinusZ,
}

impl Axis {
    /// The unit vector of this axis, in the chip's frame.
    fn vector(self) -> [f64; 3] {
        match self {
            Self::PlusX => [1.0, 0.0, 0.0],
            Self::MinusX => [-1.0, 0.0, 0.0],
            Self::PlusY => [0.0, 1.0, 0.0],
            Self::MinusY => [0.0, -1.0, 0.0],
            Self::PlusZ => [0.0, 0.0, 1.0],
            Self::MinusZ => [0.0, 0.0, -1.0],
        }
    }
}

/// Which axes of a chip point forward and left in the body; up follows, because both frames are right-handed.
///
/// Written `mounting = { forward = "+x", left = "+y" }`, which is the default: the chip lies flat, its x forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Axes", into = "Axes")]
pub struct Mounting {
    forward: Axis,
    left: Axis,
}

/// As written.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Axes {
    forward: Axis,
    left: Axis,
}

/// Two axes that cannot be forward and left, because they lie on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "forward and left lie on one line of the chip; name two axes at a right angle, such as \"+x\" and \"+y\""
)]
pub struct OneLine;

impl Mounting {
    /// The chip's axis `forward` points forward and its axis `left` to the left.
    ///
    /// # Errors
    ///
    /// [`OneLine`] if both lie on one line.
    pub fn new(forward: Axis, left: Axis) -> Result<Self, OneLine> {
        if dot(forward.vector(), left.vector()) == 0.0 {
            Ok(Self { forward, left })
        } else {
            Err(OneLine)
        }
    }

    /// What the chip measured along its axes, along the body's.
    #[must_use]
    pub fn in_body(&self, x: f64, y: f64, z: f64) -> Vector3 {
        let (forward, left) = (self.forward.vector(), self.left.vector());
        let measured = [x, y, z];
        Vector3 {
            x: dot(forward, measured),
            y: dot(left, measured),
            z: dot(cross(forward, left), measured),
        }
    }
}

impl Default for Mounting {
    fn default() -> Self {
        Self {
            forward: Axis::PlusX,
            left: Axis::PlusY,
        }
    }
}

impl TryFrom<Axes> for Mounting {
    type Error = OneLine;
    fn try_from(axes: Axes) -> Result<Self, OneLine> {
        Self::new(axes.forward, axes.left)
    }
}

impl From<Mounting> for Axes {
    fn from(mounting: Mounting) -> Self {
        Self {
            forward: mounting.forward,
            left: mounting.left,
        }
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXES: [Axis; 6] = [
        Axis::PlusX,
        Axis::MinusX,
        Axis::PlusY,
        Axis::MinusY,
        Axis::PlusZ,
        Axis::MinusZ,
    ];

    #[test]
    fn a_chip_that_lies_flat_measures_the_bodys_axes() {
        let found = Mounting::default().in_body(1.0, 2.0, 3.0);
        assert_eq!([found.x, found.y, found.z], [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_chip_turned_left_and_one_upside_down_are_set_right() {
        // Its y points forward, so its x points right.
        let turned = Mounting::new(Axis::PlusY, Axis::MinusX).unwrap();
        let found = turned.in_body(1.0, 2.0, 3.0);
        assert_eq!([found.x, found.y, found.z], [2.0, -1.0, 3.0]);
        let upside_down = Mounting::new(Axis::PlusX, Axis::MinusY).unwrap();
        let found = upside_down.in_body(0.0, 0.0, -9.81);
        assert_eq!([found.x, found.y, found.z], [0.0, 0.0, 9.81]);
    }

    #[test]
    fn of_36_pairs_of_axes_24_are_mountings() {
        let pairs = AXES
            .iter()
            .flat_map(|f| AXES.iter().map(|l| Mounting::new(*f, *l)));
        assert_eq!(pairs.filter(Result::is_ok).count(), 24);
        assert_eq!(Mounting::new(Axis::PlusX, Axis::MinusX), Err(OneLine));
    }
}
