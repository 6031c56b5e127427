//! Which part of the floor was visited.

use crate::world::{Bounds, Point, World};
use sinew_messages::{Meters, Timestamp};

/// The side of a cell, in meters.
pub(crate) const CELL: f64 = 0.5;
/// The most places between which a way is searched; larger worlds are searched more coarsely.
const MOST_PLACES: f64 = 100_000.0;
/// Steps of the search per cell, an even number so that a cell's middle is one of the places.
const STEPS: [usize; 4] = [10, 6, 4, 2];

/// The half-meter cells of a world whose middle a hull can reach, and when each was first visited.
#[derive(Clone, Debug)]
pub(crate) struct Coverage {
    low: Point,
    columns: usize,
    cells: Vec<Cell>,
    free: usize,
    visited: usize,
}

/// One cell.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    is_free: bool,
    visited_at: Option<Timestamp>,
}

impl Coverage {
    pub(crate) fn new(world: &World, hull: Meters) -> Self {
        let bounds = world.bounds();
        let reach = Reach::search(world, hull);
        let columns = (bounds.width().0 / CELL).ceil() as usize;
        let rows = (bounds.height().0 / CELL).ceil() as usize;
        let cells: Vec<Cell> = (0..columns * rows)
            .map(|index| Cell {
                is_free: reach.middle_of(index % columns, index / columns),
                visited_at: None,
            })
            .collect();
        Self {
            low: bounds.low,
            columns,
            free: cells.iter().filter(|cell| cell.is_free).count(),
            cells,
            visited: 0,
        }
    }

    /// The hull's middle is at `place`.
    pub(crate) fn visit(&mut self, place: Point, at: Timestamp) {
        let column = ((place.x - self.low.x).0 / CELL).max(0.0) as usize;
        let row = ((place.y - self.low.y).0 / CELL).max(0.0) as usize;
        let index = row * self.columns + column.min(self.columns - 1);
        if let Some(cell) = self.cells.get_mut(index)
            && cell.visited_at.is_none()
        {
            cell.visited_at = Some(at);
            self.visited += usize::from(cell.is_free);
        }
    }

    /// The visited part of the free cells, 0 to 1.
    pub(crate) fn ratio(&self) -> f64 {
        self.visited as f64 / self.free.max(1) as f64
    }

    /// The lower left corners of the free cells that were visited, and when.
    pub(crate) fn visits(&self) -> impl Iterator<Item = (Point, Timestamp)> + '_ {
        self.cells.iter().enumerate().filter_map(|(index, cell)| {
            let at = cell.visited_at.filter(|_| cell.is_free)?;
            let (column, row) = (index % self.columns, index / self.columns);
            let (x, y) = (column as f64 * CELL, row as f64 * CELL);
            Some((Point::new(self.low.x.0 + x, self.low.y.0 + y), at))
        })
    }
}

/// The places of a fine grid that a hull can reach from the world's start.
struct Reach {
    steps: usize,
    columns: usize,
    rows: usize,
    reached: Vec<bool>,
}

impl Reach {
    fn search(world: &World, hull: Meters) -> Self {
        let bounds = world.bounds();
        let steps = steps(&bounds);
        let step = CELL / steps as f64;
        let columns = (bounds.width().0 / step).floor() as usize + 1;
        let rows = (bounds.height().0 / step).floor() as usize + 1;
        let place = |index: usize| {
            let (column, row) = (index % columns, index / columns);
            let (x, y) = (column as f64 * step, row as f64 * step);
            Point::new(bounds.low.x.0 + x, bounds.low.y.0 + y)
        };
        let mut asked = vec![false; columns * rows];
        let mut reached = vec![false; columns * rows];
        let start = Point {
            x: world.start().x,
            y: world.start().y,
        };
        // The places around the start: the hull stands between them.
        let column = ((start.x - bounds.low.x).0 / step) as usize;
        let row = ((start.y - bounds.low.y).0 / step) as usize;
        let mut ahead: Vec<usize> = [(0, 0), (1, 0), (0, 1), (1, 1)]
            .map(|(x, y)| (row + y).min(rows - 1) * columns + (column + x).min(columns - 1))
            .to_vec();
        while let Some(index) = ahead.pop() {
            if std::mem::replace(&mut asked[index], true)
                || world.clearance(place(index), hull).0 < 0.0
            {
                continue;
            }
            reached[index] = true;
            let (column, row) = (index % columns, index / columns);
            ahead.extend((column > 0).then(|| index - 1));
            ahead.extend((column + 1 < columns).then_some(index + 1));
            ahead.extend((row > 0).then(|| index - columns));
            ahead.extend((row + 1 < rows).then_some(index + columns));
        }
        Self {
            steps,
            columns,
            rows,
            reached,
        }
    }

    /// Whether the middle of a cell was reached.
    fn middle_of(&self, column: usize, row: usize) -> bool {
        let x = column * self.steps + self.steps / 2;
        let y = row * self.steps + self.steps / 2;
        x < self.columns && y < self.rows && self.reached[y * self.columns + x]
    }
}

/// How finely a way can be searched in a world of this size.
fn steps(bounds: &Bounds) -> usize {
    let cells = bounds.width().0 * bounds.height().0 / (CELL * CELL);
    STEPS
        .into_iter()
        .find(|steps| cells * (steps * steps) as f64 <= MOST_PLACES)
        .unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(more: &str) -> World {
        let text = format!("[bounds]\nx = [0, 4]\ny = [0, 2]\n[start]\nx = 0.6\ny = 0.6\n{more}");
        World::from_toml(&text, "w.toml").unwrap()
    }

    #[test]
    fn an_empty_hall_of_8_square_meters_has_32_cells_and_each_counts_once() {
        let mut coverage = Coverage::new(&world(""), Meters(0.1));
        assert_eq!(coverage.free, 32);
        for x in [0.1, 0.2, 0.6, 0.2] {
            coverage.visit(Point::new(x, 0.3), Timestamp::from_nanos(1));
        }
        assert_eq!(coverage.ratio(), 2.0 / 32.0);
    }

    #[test]
    fn cells_behind_a_wall_and_under_furniture_are_not_free() {
        let behind = world("[[wall]]\nfrom = [2, 0]\nto = [2, 2]\n");
        assert_eq!(Coverage::new(&behind, Meters(0.1)).free, 16);
        let under = world("[[rectangle]]\ncenter = [3, 1]\nsize = [1, 1]\n");
        assert_eq!(Coverage::new(&under, Meters(0.1)).free, 28);
    }

    #[test]
    fn a_wide_hull_reaches_fewer_cells() {
        let narrow = "[[wall]]\nfrom = [2, 0]\nto = [2, 1.6]\nthickness = 0.01\n";
        assert_eq!(Coverage::new(&world(narrow), Meters(0.1)).free, 32);
        assert_eq!(Coverage::new(&world(narrow), Meters(0.22)).free, 16);
    }

    #[test]
    fn a_visit_of_a_cell_that_is_not_free_counts_nothing() {
        let mut coverage = Coverage::new(
            &world("[[circle]]\ncenter = [0.25, 1.75]\nradius = 0.2\n"),
            Meters(0.1),
        );
        coverage.visit(Point::new(0.49, 1.51), Timestamp::from_nanos(1));
        assert_eq!(coverage.ratio(), 0.0);
        assert_eq!(coverage.visits().count(), 0);
    }

    #[test]
    fn the_largest_world_is_searched_in_little_memory() {
        let text = "[bounds]\nx = [0, 200]\ny = [0, 200]\n[start]\nx = 1\ny = 1\n";
        let world = World::from_toml(text, "w.toml").unwrap();
        assert_eq!(steps(&world.bounds()), 2);
        assert_eq!(Coverage::new(&world, Meters(0.1)).free, 160_000);
    }
}
