//! The ground as the explorer remembers it: which half-metre cells it has been in, and which it only saw, in the
//! frame `odom`.

use sinew::prelude::*;
use std::collections::BTreeMap;

/// The side of a remembered cell.
const CELL: Meters = Meters(0.5);
/// The steps in which a way is weighed.
pub(crate) const STEP: Meters = Meters(0.25);
/// How fast the pull of an unvisited cell fades with its distance from the end of a way.
const NEAR: Meters = Meters(1.0);
/// What an unvisited cell at the end of a way is worth, beside a step on new ground.
const PULL: f64 = 0.15;
/// How many times less than one on new ground a step in a cell entered once is worth, beside 1.
const STALE: f64 = 10.0;

type Cell = (i32, i32);

/// What is remembered of the ground.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ground {
    /// How often each cell was entered.
    visits: BTreeMap<Cell, u32>,
    /// Cells that were seen from afar and never entered, and how often a way ended near them all the same.
    unvisited: BTreeMap<Cell, u32>,
    at: Option<Cell>,
}

impl Ground {
    /// Counts the cell it is in, once per entry.
    pub(crate) fn visit(&mut self, pose: Pose) {
        let cell = cell_of(pose.x, pose.y);
        if self.at != Some(cell) {
            self.at = Some(cell);
            *self.visits.entry(cell).or_default() += 1;
            self.unvisited.remove(&cell);
        }
    }

    /// Remembers the cells that are seen to be free up to `reach` away on a heading, and were never entered.
    pub(crate) fn see(&mut self, pose: Pose, heading: Radians, reach: Meters) {
        for step in 1..=(reach / STEP).max(0.0) as u32 {
            let cell = cell_along(pose, heading, step);
            if !self.visits.contains_key(&cell) {
                self.unvisited.entry(cell).or_default();
            }
        }
    }

    /// A way has ended here: what is near and was not entered pulls less from now on, for it may be out of reach.
    pub(crate) fn arrive(&mut self, pose: Pose) {
        for (cell, ends) in &mut self.unvisited {
            if away(*cell, pose.x, pose.y) < NEAR {
                *ends += 1;
            }
        }
    }

    /// How much new ground a way shows: what lies on it, in steps, and what was seen near its end.
    pub(crate) fn gain(&self, pose: Pose, heading: Radians, way: Meters) -> f64 {
        let steps = (way / STEP).floor() as u32;
        let visits = |step| self.visits.get(&cell_along(pose, heading, step));
        let on_it = (1..=steps).map(|step| {
            let visits = f64::from(visits(step).copied().unwrap_or(0));
            1.0 / (1.0 + STALE * visits)
        });
        let (x, y) = point_along(pose, heading, way);
        let near_its_end = self.unvisited.iter().map(|(cell, ends)| {
            let pull = (-(away(*cell, x, y) / NEAR)).exp();
            pull / f64::from(1 + ends)
        });
        on_it.sum::<f64>() + PULL * near_its_end.sum::<f64>()
    }
}

/// The cell of a point.
fn cell_of(x: Meters, y: Meters) -> Cell {
    ((x / CELL).floor() as i32, (y / CELL).floor() as i32)
}

/// The middle of a cell on one axis.
fn middle(cell: i32) -> Meters {
    CELL * (f64::from(cell) + 0.5)
}

/// From the middle of a cell to a point.
fn away(cell: Cell, x: Meters, y: Meters) -> Meters {
    let (dx, dy) = (middle(cell.0) - x, middle(cell.1) - y);
    Meters(dx.0.hypot(dy.0))
}

/// The point so far away on a heading.
fn point_along(pose: Pose, heading: Radians, way: Meters) -> (Meters, Meters) {
    let (sin, cos) = heading.0.sin_cos();
    (pose.x + way * cos, pose.y + way * sin)
}

/// The cell so many steps away on a heading.
fn cell_along(pose: Pose, heading: Radians, step: u32) -> Cell {
    let (x, y) = point_along(pose, heading, STEP * f64::from(step));
    cell_of(x, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    const HERE: Pose = Pose {
        x: Meters(0.1),
        y: Meters(0.1),
        heading: Radians::ZERO,
    };

    #[test]
    fn ground_that_it_has_not_entered_is_worth_more() {
        let mut ground = Ground::default();
        for step in 0..8 {
            ground.visit(Pose {
                x: Meters(f64::from(step) * 0.5),
                ..HERE
            });
        }
        let ahead = ground.gain(HERE, Radians::ZERO, Meters(2.0));
        let aside = ground.gain(HERE, Radians(FRAC_PI_2), Meters(2.0));
        assert!(aside > 4.0 * ahead, "{aside} {ahead}");
    }

    #[test]
    fn a_way_to_where_it_saw_more_is_worth_more() {
        let mut ground = Ground::default();
        let before = ground.gain(HERE, Radians::ZERO, Meters(1.0));
        ground.see(HERE, Radians::ZERO, Meters(3.0));
        let seen = ground.gain(HERE, Radians::ZERO, Meters(1.0));
        let away = ground.gain(HERE, Radians(FRAC_PI_2), Meters(1.0));
        assert!(seen > away && away > before, "{seen} {away} {before}");
    }

    #[test]
    fn what_a_way_ended_near_in_vain_pulls_less() {
        let mut ground = Ground::default();
        ground.see(HERE, Radians::ZERO, Meters(2.0));
        let before = ground.gain(HERE, Radians::ZERO, Meters(1.0));
        ground.arrive(HERE);
        let after = ground.gain(HERE, Radians::ZERO, Meters(1.0));
        assert!(after < before, "{after} is not below {before}");
    }

    #[test]
    fn staying_in_a_cell_is_one_entry() {
        let mut ground = Ground::default();
        for _ in 0..100 {
            ground.visit(HERE);
        }
        assert_eq!(ground.visits.values().sum::<u32>(), 1);
    }
}
