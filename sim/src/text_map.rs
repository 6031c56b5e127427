//! A snapshot as text.

use crate::plant::place;
use crate::snapshot::Snapshot;
use crate::world::obstacle::edges;
use crate::world::{Outline, Point};
use sinew_messages::{Meters, Pose, Radians};

/// Dots in a letter of the Braille block (U+2800 to U+28FF).
const DOTS: (usize, usize) = (2, 4);
/// The bit of each dot, by column and row (Unicode 16, section 21.1).
const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
/// The body, by its heading in eighths of a turn, counter-clockwise from the east.
const ARROWS: [char; 8] = ['→', '↗', '↑', '↖', '←', '↙', '↓', '↘'];
/// A circle's corners.
const CORNERS: u32 = 48;

/// The world, the body's path and its beams in `height` lines of `width` letters each, drawn with the dots of
/// Braille letters; the body is an arrow. Empty if there is no room for a single letter.
#[must_use]
pub fn text_map(snapshot: &Snapshot, width: usize, height: usize) -> String {
    if width == 0 || height == 0 {
        return String::new();
    }
    let mut map = Map::new(snapshot, width, height);
    map.outline(&snapshot.world.bounds().corners());
    for obstacle in snapshot.world.obstacles() {
        match &obstacle.outline {
            Outline::Polygon(corners) => map.outline(corners),
            Outline::Circle { center, radius } => map.circle(*center, *radius),
        }
    }
    for two in snapshot.path.windows(2) {
        map.line(two[0], two[1]);
    }
    for seen in &snapshot.seen {
        if let Some(distance) = seen.distance {
            let from = place(seen.from);
            map.line(from, from.ahead(seen.from.heading, distance.0, 0.0));
        }
    }
    map.body(snapshot.pose);
    map.text()
}

struct Map {
    width: usize,
    height: usize,
    low: Point,
    /// Dots per meter; dots are as high as wide where letters are twice as high as wide.
    scale: f64,
    letters: Vec<u8>,
    body: Option<(usize, char)>,
}

impl Map {
    fn new(snapshot: &Snapshot, width: usize, height: usize) -> Self {
        let bounds = snapshot.world.bounds();
        let across = (width * DOTS.0 - 1) as f64 / bounds.width().0;
        let up = (height * DOTS.1 - 1) as f64 / bounds.height().0;
        Self {
            width,
            height,
            low: bounds.low,
            scale: across.min(up),
            letters: vec![0; width * height],
            body: None,
        }
    }

    /// The column and row of a point's dot, counted from the upper left; outside of the map they are cut.
    fn dot(&self, point: Point) -> (f64, f64) {
        let x = (point.x - self.low.x).0 * self.scale;
        let y = (self.height * DOTS.1 - 1) as f64 - (point.y - self.low.y).0 * self.scale;
        (x, y)
    }

    fn set(&mut self, x: f64, y: f64) {
        let (x, y) = (x.round(), y.round());
        if x < 0.0 || y < 0.0 {
            return;
        }
        let (x, y) = (x as usize, y as usize);
        if x < self.width * DOTS.0 && y < self.height * DOTS.1 {
            let letter = y / DOTS.1 * self.width + x / DOTS.0;
            self.letters[letter] |= BITS[x % DOTS.0][y % DOTS.1];
        }
    }

    fn line(&mut self, from: Point, to: Point) {
        let ((x, y), (to_x, to_y)) = (self.dot(from), self.dot(to));
        let steps = (to_x - x).abs().max((to_y - y).abs()).ceil().max(1.0);
        for step in 0..=steps as usize {
            let part = step as f64 / steps;
            self.set(x + (to_x - x) * part, y + (to_y - y) * part);
        }
    }

    fn outline(&mut self, corners: &[Point]) {
        for (from, to) in edges(corners) {
            self.line(from, to);
        }
    }

    fn circle(&mut self, center: Point, radius: Meters) {
        let corner = |index: u32| {
            let angle = std::f64::consts::TAU * f64::from(index) / f64::from(CORNERS);
            center.ahead(Radians(angle), radius.0, 0.0)
        };
        let corners: Vec<Point> = (0..CORNERS).map(corner).collect();
        self.outline(&corners);
    }

    fn body(&mut self, pose: Pose) {
        let (x, y) = self.dot(place(pose));
        let column = (x.round().max(0.0) as usize / DOTS.0).min(self.width - 1);
        let row = (y.round().max(0.0) as usize / DOTS.1).min(self.height - 1);
        let eighths = (pose.heading.0 / std::f64::consts::FRAC_PI_4).round();
        let arrow = ARROWS[eighths.rem_euclid(8.0) as usize % ARROWS.len()];
        self.body = Some((row * self.width + column, arrow));
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.letters.len() * 3 + self.height);
        for (index, dots) in self.letters.iter().enumerate() {
            if index > 0 && index % self.width == 0 {
                text.push('\n');
            }
            text.push(match self.body {
                Some((at, arrow)) if at == index => arrow,
                _ if *dots == 0 => ' ',
                _ => char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' '),
            });
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Seen;
    use crate::world::World;
    use sinew_messages::{Timestamp, Twist};
    use std::sync::Arc;

    fn snapshot(heading: f64) -> Snapshot {
        let text = "[bounds]\nx = [0, 4]\ny = [0, 2]\n[start]\nx = 1\ny = 1\n\
                    [[circle]]\ncenter = [3, 1]\nradius = 0.4\n";
        let world = World::from_toml(text, "w.toml").unwrap();
        let pose = Pose {
            heading: Radians(heading),
            ..world.start()
        };
        Snapshot {
            at: Timestamp::ZERO,
            hull: Meters(0.1),
            pose,
            twist: Twist::ZERO,
            path: vec![Point::new(0.5, 0.5), Point::new(1.0, 1.0)],
            seen: vec![Seen {
                sonar: "sonar".to_owned(),
                from: pose,
                distance: Some(Meters(1.5)),
            }],
            is_armed: true,
            is_touching: false,
            distance: Meters(0.7),
            coverage: 0.1,
            closest_approach: Meters(0.3),
            collisions: 0,
            faults_injected: 0,
            world: Arc::new(world),
        }
    }

    #[test]
    fn a_map_has_walls_circle_path_beam_and_an_arrow() {
        let map = text_map(&snapshot(0.0), 24, 6);
        let expected = "\
⡏⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⡇
⡇               ⢀⣀⡀    ⡇
⡇              ⡜⠁ ⠈⢣   ⡇
⡇   ⡠⠊→⠉⠉⠉⠉⠉⠉⠉⠉⢣⡀ ⢀⡜   ⡇
⡇  ⠊            ⠈⠉⠁    ⡇
⣇⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⡇";
        assert_eq!(map, expected, "\n{map}");
    }

    #[test]
    fn a_map_has_as_many_lines_and_letters_as_there_is_room_for() {
        for (width, height) in [(1, 1), (3, 40), (100, 2), (80, 24)] {
            let map = text_map(&snapshot(2.0), width, height);
            assert_eq!(map.lines().count(), height);
            assert!(map.lines().all(|line| line.chars().count() == width));
        }
        assert_eq!(text_map(&snapshot(0.0), 0, 5), "");
    }

    #[test]
    fn the_arrow_shows_the_heading() {
        for (heading, arrow) in [(1.6, '↑'), (3.1, '←'), (-3.1, '←'), (-0.8, '↘')] {
            assert!(text_map(&snapshot(heading), 24, 6).contains(arrow));
        }
    }
}
