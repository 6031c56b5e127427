//! A run as one animated picture.

mod draw;
mod frame;
mod track;

use crate::plant::{Coverage, Sample};
use crate::world::World;
use frame::Frame;
use sinew_messages::{Meters, Pose, Radians, Timestamp};
use std::fmt::Write;
use track::Track;

/// Above the room.
const TOP: f64 = 28.0;
/// Below the room: two lines and the bar of time.
const CAPTION: f64 = 96.0;
/// The animation runs five times as fast as the robot did, within these seconds.
const FASTER: f64 = 5.0;
const SHORTEST: f64 = 6.0;
const LONGEST: f64 = 24.0;

/// What a picture shows.
#[derive(Debug)]
pub(crate) struct Picture<'a> {
    pub(crate) world: &'a World,
    pub(crate) hull: Meters,
    /// Where the first sonar sits on the body, and half the angle of its beam.
    pub(crate) sonar: Option<(Pose, Radians)>,
    pub(crate) samples: &'a [Sample],
    pub(crate) coverage: &'a Coverage,
    /// What happened, and when: drawn where the body was.
    pub(crate) marks: Vec<(Timestamp, String)>,
    /// The first line is large.
    pub(crate) caption: [String; 2],
}

/// What every part of the drawing needs to know.
struct Stage {
    frame: Frame,
    /// Of the whole animation, in seconds.
    length: f64,
    /// Of the journey, in seconds of simulation.
    seconds: f64,
    /// The part of the animation in which the journey takes place.
    share: f64,
}

impl Stage {
    /// When something that happened at a moment appears, 0 to 1.
    fn appears(&self, at: Timestamp) -> f64 {
        (at.seconds() / self.seconds.max(0.1)).clamp(0.0, 1.0) * self.share
    }

    /// Attributes that every animation has.
    fn timing(&self) -> String {
        format!(
            "dur=\"{}s\" repeatCount=\"indefinite\"",
            frame::Px(self.length)
        )
    }
}

impl Picture<'_> {
    /// The picture as SVG: one file without scripts, fonts or links. Where animation is not shown it is the last
    /// frame.
    pub(crate) fn svg(&self) -> String {
        let frame = Frame::around(&self.world.bounds(), TOP);
        let track = Track::new(self.samples, &frame);
        let seconds = self
            .samples
            .last()
            .map_or(0.0, |sample| sample.at.seconds());
        let stage = Stage {
            frame,
            share: track.share(),
            length: (seconds / FASTER).clamp(SHORTEST, LONGEST) / track.share(),
            seconds,
        };
        let height = frame.bottom() + CAPTION;
        let mut svg = String::with_capacity(40_000);
        draw::head(&mut svg, height, &self.caption);
        self.floor(&mut svg, &stage);
        self.furniture(&mut svg, &frame);
        if !track.is_empty() {
            draw::path(&mut svg, &track, &stage, frame.length(self.hull));
            self.marks(&mut svg, &stage);
            draw::rover(
                &mut svg,
                &track,
                &stage,
                frame.length(self.hull),
                self.sonar,
            );
        }
        draw::caption(&mut svg, &stage, height, &self.caption);
        svg.push_str("</svg>\n");
        svg
    }

    /// The floor; each cell lights up when the body first enters it.
    fn floor(&self, svg: &mut String, stage: &Stage) {
        let bounds = self.world.bounds();
        draw::floor(svg, &stage.frame, &bounds);
        svg.push_str("<g class=\"cell\">");
        for (corner, at) in self.coverage.visits() {
            draw::cell(svg, stage, &bounds, corner, stage.appears(at));
        }
        svg.push_str("</g>\n");
    }

    fn furniture(&self, svg: &mut String, frame: &Frame) {
        svg.push_str("<g clip-path=\"url(#room)\">");
        for obstacle in self.world.obstacles() {
            draw::obstacle(svg, frame, &obstacle.outline);
        }
        svg.push_str("</g>\n");
        draw::walls(svg, frame, &self.world.bounds());
        for obstacle in self.world.obstacles() {
            draw::label(svg, frame, obstacle);
        }
    }

    fn marks(&self, svg: &mut String, stage: &Stage) {
        for (at, text) in &self.marks {
            let nearest = self.samples.iter().rev().find(|sample| sample.at <= *at);
            if let Some(sample) = nearest.or(self.samples.first()) {
                draw::mark(svg, stage, sample.pose, stage.appears(*at), text);
            }
        }
    }
}

/// Text as XML wants it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => {
                let _ = escaped.write_char(letter);
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
