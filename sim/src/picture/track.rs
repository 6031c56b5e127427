//! A journey as values of an animation.

use crate::picture::frame::{Frame, Px};
use crate::plant::{Sample, place};
use sinew_messages::Meters;
use std::fmt::Write;

/// More samples than this would not be seen, but paid for in bytes.
const MOST_FRAMES: usize = 420;
/// After the end the picture stands still for this part of the journey before it begins again.
const HOLD: f64 = 0.14;
/// A sonar that saw nothing is drawn this long.
const NO_ECHO: Meters = Meters(2.0);

/// A journey in pixels, at even intervals.
#[derive(Debug, Default)]
pub(crate) struct Track {
    points: Vec<(f64, f64)>,
    headings: Vec<f64>,
    ranges: Vec<Option<f64>>,
    ways: Vec<f64>,
}

impl Track {
    pub(crate) fn new(samples: &[Sample], frame: &Frame) -> Self {
        let mut track = Self::default();
        let every = samples.len().div_ceil(MOST_FRAMES).max(1);
        let last = samples
            .last()
            .filter(|_| !(samples.len().max(1) - 1).is_multiple_of(every));
        let mut way = 0.0;
        for sample in samples.iter().step_by(every).chain(last) {
            let point = place(sample.pose);
            let (x, y) = (frame.x(point.x), frame.y(point.y));
            if let Some((from_x, from_y)) = track.points.last() {
                way += ((x - from_x) * (x - from_x) + (y - from_y) * (y - from_y)).sqrt();
            }
            track.points.push((x, y));
            track.ways.push(way);
            track.turn_to(-sample.pose.heading.0.to_degrees());
            track
                .ranges
                .push(sample.range.map(|range| frame.length(range)));
        }
        track
    }

    /// Takes the short way around, so that the animation never spins back.
    fn turn_to(&mut self, heading: f64) {
        let before = self.headings.last().copied().unwrap_or(heading);
        let turned = (heading - before + 180.0).rem_euclid(360.0) - 180.0;
        self.headings.push(before + turned);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The part of the animation that the journey takes; then it stands still.
    pub(crate) fn share(&self) -> f64 {
        let frames = self.points.len() as f64;
        (frames - 1.0).max(1.0) / (frames - 1.0 + self.held() as f64).max(1.0)
    }

    fn held(&self) -> usize {
        (self.points.len() as f64 * HOLD).ceil() as usize
    }

    /// In pixels.
    pub(crate) fn length(&self) -> f64 {
        self.ways.last().copied().unwrap_or_default()
    }

    /// The line itself: `M0,0L...`.
    pub(crate) fn line(&self) -> String {
        let mut line = String::new();
        for (index, (x, y)) in self.points.iter().enumerate() {
            let how = if index == 0 { 'M' } else { 'L' };
            let _ = write!(line, "{how}{},{}", Px(*x), Px(*y));
        }
        line
    }

    pub(crate) fn first(&self) -> (f64, f64) {
        self.points.first().copied().unwrap_or_default()
    }

    pub(crate) fn last(&self) -> (f64, f64) {
        self.points.last().copied().unwrap_or_default()
    }

    pub(crate) fn last_heading(&self) -> f64 {
        self.headings.last().copied().unwrap_or_default()
    }

    /// Values of a translation.
    pub(crate) fn places(&self) -> String {
        self.values(|index| format!("{},{}", Px(self.points[index].0), Px(self.points[index].1)))
    }

    /// Values of a rotation, in degrees, clockwise.
    pub(crate) fn turns(&self) -> String {
        self.values(|index| Px(self.headings[index]).to_string())
    }

    /// Values of the part of the line that is not driven yet.
    pub(crate) fn ahead(&self) -> String {
        self.values(|index| Px(self.length() - self.ways[index]).to_string())
    }

    /// Values of the length of the beam, in pixels, when a meter has `scale` of them.
    pub(crate) fn reaches(&self, scale: f64) -> String {
        self.values(|index| self.reach(index, scale).to_string())
    }

    /// The length of the beam at the end.
    pub(crate) fn last_reach(&self, scale: f64) -> i64 {
        self.reach(self.ranges.len().max(1) - 1, scale)
    }

    fn reach(&self, index: usize, scale: f64) -> i64 {
        let most = NO_ECHO.0 * scale;
        let range = self.ranges.get(index).copied().flatten().unwrap_or(most);
        (range.min(most).round() as i64).max(1)
    }

    fn values(&self, value: impl Fn(usize) -> String) -> String {
        let frames = self.points.len();
        let mut values = String::new();
        for index in 0..frames + self.held() {
            if index > 0 {
                values.push(';');
            }
            values.push_str(&value(index.min(frames.max(1) - 1)));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Bounds, Point};
    use sinew_messages::{Pose, Radians, Timestamp};

    fn frame() -> Frame {
        let bounds = Bounds {
            low: Point::new(0.0, 0.0),
            high: Point::new(5.0, 4.0),
        };
        Frame::around(&bounds, 0.0)
    }

    fn sample(tenth: u64, heading: f64) -> Sample {
        Sample {
            at: Timestamp::from_nanos(tenth * 100_000_000),
            pose: Pose {
                x: Meters(tenth as f64 * 0.001),
                y: Meters(1.0),
                heading: Radians(heading),
            },
            range: None,
        }
    }

    #[test]
    fn a_turn_through_the_back_takes_the_short_way() {
        let track = Track::new(&[sample(0, 3.1), sample(1, -3.1)], &frame());
        let turned = track.headings[1] - track.headings[0];
        assert!((turned + 4.77).abs() < 0.1, "{turned}");
    }

    #[test]
    fn a_long_journey_is_thinned_and_still_ends_where_it_ended() {
        let samples: Vec<_> = (0..4999).map(|tenth| sample(tenth, 0.0)).collect();
        let track = Track::new(&samples, &frame());
        assert!(track.points.len() <= MOST_FRAMES + 1);
        assert_eq!(track.last().0, frame().x(Meters(4.998)));
        assert!(track.share() > 0.8 && track.share() < 0.9);
    }
}
