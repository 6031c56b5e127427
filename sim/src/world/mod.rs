//! What surrounds a body.

mod bounds;
mod finding;
pub(crate) mod obstacle;
mod origin;
mod point;
mod read;
mod scene;
mod section;

pub use bounds::Bounds;
pub use finding::WorldFinding;
pub use obstacle::{Obstacle, Outline};
pub use origin::Origin;
pub use point::Point;
pub(crate) use scene::{Nearest, Scene};

use sinew_messages::{Meters, Pose, Radians};
use sinew_runtime::Random;

/// The built-in room's file.
const ROOM: &str = include_str!("../../worlds/room.toml");

/// The places where a seed may put a body down are looked at on a grid of this many steps to each side.
const START_STEPS: i32 = 8;

/// How exactly a body is put down at its start: evenly within these bounds to both sides, as the seed decides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    pub(crate) place: Meters,
    pub(crate) heading: Radians,
}

/// What surrounds a body: outer walls, obstacles, and the place where the body starts.
#[derive(Clone, Debug)]
pub struct World {
    name: String,
    bounds: Bounds,
    start: Pose,
    spread: Spread,
    origin: Origin,
    obstacles: Vec<Obstacle>,
    scene: Scene,
}

impl World {
    /// Reads a world from the text of a TOML file (`sim/worlds/room.toml` shows every key).
    /// `file` is what findings call it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, in its order.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, Vec<WorldFinding>> {
        read::world(text, file)
    }

    /// The built-in room: 5 m x 4 m, furnished, every passage at least 0.7 m wide.
    ///
    /// # Panics
    ///
    /// Never: a test reads the same file.
    #[must_use]
    pub fn room() -> Self {
        Self::from_toml(ROOM, "room.toml").expect("the built-in room is tested")
    }

    pub(crate) fn new(
        name: String,
        bounds: Bounds,
        (start, spread): (Pose, Spread),
        origin: Origin,
        obstacles: Vec<Obstacle>,
    ) -> Self {
        let scene = Scene::new(&bounds, &obstacles);
        Self {
            name,
            bounds,
            start,
            spread,
            origin,
            obstacles,
            scene,
        }
    }

    /// What its file calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The outer walls.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Where a body starts, in the world's frame.
    #[must_use]
    pub fn start(&self) -> Pose {
        self.start
    }

    /// The same world with the body put down where this seed puts it, within the spread that the world allows.
    pub(crate) fn put_down(mut self, seed: u64) -> Self {
        let mut random = Random::named(seed, "start");
        let mut within = |spread: f64| (2.0 * random.ratio() - 1.0) * spread;
        self.start.x += Meters(within(self.spread.place.0));
        self.start.y += Meters(within(self.spread.place.0));
        self.start.heading =
            (self.start.heading + Radians(within(self.spread.heading.0))).wrapped();
        self.spread = Spread::default();
        self
    }

    /// The smallest gap that a round hull has wherever a seed may put it down; negative if it overlaps something
    /// there.
    #[must_use]
    pub fn start_clearance(&self, radius: Meters) -> Meters {
        let spread = self.spread.place;
        let shift = |step: i32| spread * (f64::from(step) / f64::from(START_STEPS));
        let gap = |(x, y): (i32, i32)| {
            let place = Point {
                x: self.start.x + shift(x),
                y: self.start.y + shift(y),
            };
            self.clearance(place, radius)
        };
        let steps = -START_STEPS..=START_STEPS;
        let places = steps
            .clone()
            .flat_map(|x| steps.clone().map(move |y| (x, y)));
        places.map(gap).fold(
            gap((0, 0)),
            |least, gap| {
                if gap < least { gap } else { least }
            },
        )
    }

    /// Where on the globe it lies.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// What stands in it.
    #[must_use]
    pub fn obstacles(&self) -> &[Obstacle] {
        &self.obstacles
    }

    /// How far one looks from `from` along `direction` before something stands in the way; `None` if that is
    /// farther than `limit`.
    #[must_use]
    pub fn cast(&self, from: Point, direction: Radians, limit: Meters) -> Option<Meters> {
        let (sin, cos) = libm::sincos(direction.0);
        self.scene.cast(from, cos, sin, limit.0).map(Meters)
    }

    /// The gap between a round hull and the nearest thing; negative if they overlap.
    #[must_use]
    pub fn clearance(&self, center: Point, radius: Meters) -> Meters {
        let gap = Meters(self.nearest(center).distance);
        let within = |thing: &Obstacle| {
            matches!(thing.outline, Outline::Polygon(_)) && thing.outline.encloses(center)
        };
        let buried = !self.bounds.contains(center) || self.obstacles.iter().any(within);
        if buried { -gap - radius } else { gap - radius }
    }

    pub(crate) fn nearest(&self, point: Point) -> Nearest {
        self.scene.nearest(point)
    }
}

#[cfg(test)]
mod tests;
