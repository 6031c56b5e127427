//! What a turn on the spot says of the surroundings: which ways are free, and how far.

use sinew::prelude::*;
use std::f64::consts::{FRAC_PI_2, TAU};

/// Half of the sonar's cone (15 degrees), less what the body turns during a ping.
const HALF_BEAM: Radians = Radians(0.20);

/// One distance that was heard, at the heading at which it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Echo {
    pub(crate) heading: Radians,
    pub(crate) distance: Meters,
}

/// What was heard in a turn to the left, so far.
#[derive(Clone, Debug)]
pub(crate) struct View {
    turned: Radians,
    last: Option<Radians>,
    heard: Vec<Echo>,
}

/// The space that a way needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Space {
    /// From the body's middle forward to the sonar.
    pub(crate) mounted: Meters,
    /// What stays free between the body's middle and what ends a way.
    pub(crate) margin: Meters,
    /// What stays free to both sides of the middle of a way.
    pub(crate) clearance: Meters,
    /// The longest way.
    pub(crate) longest: Meters,
}

impl View {
    /// Nothing heard yet.
    pub(crate) fn new() -> Self {
        Self {
            turned: Radians::ZERO,
            last: None,
            heard: Vec::with_capacity(128),
        }
    }

    pub(crate) fn hear(&mut self, echo: Echo) {
        self.heard.push(echo);
    }

    /// Counts how far it has turned.
    pub(crate) fn turn_to(&mut self, heading: Radians) {
        let since = self.last.map_or(0.0, |last| (heading - last).wrapped().0);
        self.turned += Radians(since.max(0.0));
        self.last = Some(heading);
    }

    /// How far it has turned.
    pub(crate) fn turned(&self) -> Radians {
        self.turned
    }

    /// Whether it has turned all around.
    pub(crate) fn is_whole(&self) -> bool {
        self.turned.0 >= TAU
    }

    /// What all echoes say together. An echo says that nothing in its whole cone is nearer; so in each direction as
    /// much is free, from the body's middle, as the best echo whose cone holds it says.
    pub(crate) fn free_rays(&self, mounted: Meters) -> Vec<Echo> {
        let free = |at: &Echo| {
            let holds = |echo: &&Echo| (echo.heading - at.heading).wrapped().abs() < HALF_BEAM;
            let best = self.heard.iter().filter(holds).map(|echo| echo.distance);
            let distance = best.fold(Meters::ZERO, Meters::max) + mounted;
            Echo {
                heading: at.heading,
                distance,
            }
        };
        self.heard.iter().map(free).collect()
    }

    /// Whether all was heard that can stand beside a way on this heading: a quarter of a turn to both sides.
    pub(crate) fn holds_way(&self, heading: Radians) -> bool {
        let Some(now) = self.last else { return false };
        let back = (now - heading).0.rem_euclid(TAU);
        self.is_whole() || (FRAC_PI_2..=self.turned.0 - FRAC_PI_2).contains(&back)
    }
}

impl Space {
    /// How far one can drive on `heading` with room to both sides and before the end.
    pub(crate) fn free_way(&self, heading: Radians, free: &[Echo]) -> Meters {
        let mut way = self.longest;
        for ray in free {
            let aside = (ray.heading - heading).wrapped().abs();
            let beside = ray.distance * aside.0.sin();
            if aside.0 < FRAC_PI_2 && beside < self.clearance {
                way = way.min(ray.distance * aside.0.cos() - self.margin);
            }
        }
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: Space = Space {
        mounted: Meters(0.1),
        margin: Meters(0.4),
        clearance: Meters(0.25),
        longest: Meters(2.0),
    };

    /// Turned so far to the left from heading 0, in a place where `room` says how far it is to the wall.
    fn turned(far: f64, room: impl Fn(f64) -> f64) -> View {
        let mut view = View::new();
        let steps = (far / 0.1).ceil();
        for step in 0..=steps as u32 {
            let heading = Radians(far * f64::from(step) / steps).wrapped();
            let distance = Meters(room(heading.0));
            view.turn_to(heading);
            view.hear(Echo { heading, distance });
        }
        view
    }

    #[test]
    fn a_way_ends_a_margin_before_the_wall() {
        let view = turned(6.3, |_| 1.0);
        assert!(view.is_whole());
        let way = SPACE.free_way(Radians(1.0), &view.free_rays(SPACE.mounted));
        // The wall is round: the outermost rays that count meet it 1.07 m along the way.
        assert!((way.0 - 0.7).abs() < 0.04, "{way}");
    }

    #[test]
    fn a_gap_narrower_than_the_clearance_is_no_way() {
        let view = turned(6.3, |heading| if heading.abs() < 0.15 { 3.0 } else { 0.5 });
        let way = SPACE.free_way(Radians::ZERO, &view.free_rays(SPACE.mounted));
        assert!(way < Meters(0.25), "{way}");
    }

    #[test]
    fn a_way_is_known_when_both_of_its_sides_are() {
        let view = turned(4.0, |_| 1.0);
        assert!(!view.is_whole());
        assert!(
            !view.holds_way(Radians(1.5)),
            "its right side was not heard"
        );
        assert!(view.holds_way(Radians(1.7)));
        assert!(view.holds_way(Radians(2.3)));
        assert!(
            !view.holds_way(Radians(2.6)),
            "its left side is not heard yet"
        );
        assert!(!view.holds_way(Radians(-1.0)));
        assert!(turned(6.3, |_| 1.0).holds_way(Radians(-1.0)));
    }
}
