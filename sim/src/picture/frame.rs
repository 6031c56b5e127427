//! From a world's meters to a picture's pixels.

use crate::world::{Bounds, Point};
use sinew_messages::Meters;
use std::fmt;

/// The width of every picture.
pub(crate) const WIDTH: f64 = 820.0;
/// The tallest that the room is drawn; a higher one is drawn smaller.
const TALLEST: f64 = 900.0;
/// Around the room.
pub(crate) const MARGIN: f64 = 28.0;

/// A number as pictures write it: at most one decimal, no more characters than needed, the same everywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Px(pub(crate) f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        let (sign, size) = (if tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
        match size % 10 {
            0 => write!(f, "{sign}{}", size / 10),
            part => write!(f, "{sign}{}.{part}", size / 10),
        }
    }
}

/// Where a world lies in a picture: y points down there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    low: Point,
    left: f64,
    bottom: f64,
    /// Pixels per meter.
    pub(crate) scale: f64,
}

impl Frame {
    /// A frame that fits `bounds` below `top`.
    pub(crate) fn around(bounds: &Bounds, top: f64) -> Self {
        let room = WIDTH - 2.0 * MARGIN;
        let scale = (room / bounds.width().0).min(TALLEST / bounds.height().0);
        Self {
            low: bounds.low,
            left: MARGIN + (room - bounds.width().0 * scale) / 2.0,
            bottom: top + bounds.height().0 * scale,
            scale,
        }
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.bottom
    }

    pub(crate) fn x(&self, x: Meters) -> f64 {
        self.left + (x - self.low.x).0 * self.scale
    }

    pub(crate) fn y(&self, y: Meters) -> f64 {
        self.bottom - (y - self.low.y).0 * self.scale
    }

    pub(crate) fn length(&self, length: Meters) -> f64 {
        length.0 * self.scale
    }

    /// `x,y`
    pub(crate) fn at(&self, point: Point) -> String {
        format!("{},{}", Px(self.x(point.x)), Px(self.y(point.y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_decimal_at_most_and_no_negative_zero() {
        let written = |number| Px(number).to_string();
        assert_eq!(written(12.04), "12");
        assert_eq!(written(12.05), "12.1");
        assert_eq!(written(-0.04), "0");
        assert_eq!(written(-0.26), "-0.3");
        assert_eq!(written(-7.0), "-7");
    }

    #[test]
    fn north_is_up_and_the_room_fills_the_width() {
        let bounds = Bounds {
            low: Point::new(-1.0, -1.0),
            high: Point::new(4.0, 3.0),
        };
        let frame = Frame::around(&bounds, 50.0);
        assert_eq!(
            frame.at(bounds.low),
            format!("{},{}", Px(MARGIN), Px(frame.bottom()))
        );
        assert_eq!(frame.at(bounds.high), format!("{},50", Px(WIDTH - MARGIN)));
    }
}
