//! What surrounds a robot's graph in a simulation.

use crate::body::Body;
use crate::rig::Rig;
use crate::world::World;
use sinew_board::{Board, Timestamp};
use sinew_mock::Mock;
use sinew_runtime::{Environment, Time};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// A body in a world on a simulated board, as the surroundings of a system.
///
/// It carries out in the order of time what the chips do by themselves, the ends of leases, the steps of the body
/// and the faults of a test. [`crate::Stage`] and [`crate::Simulation`] make it; make it by hand to run a
/// [`sinew_runtime::System`] of your own.
pub struct Surroundings {
    rig: Rc<RefCell<Rig>>,
}

impl Surroundings {
    /// Fits the body's parts to the mock; `board` must be made of the same mock's backends. Where the board has something
    /// real nothing is fitted.
    #[must_use]
    pub fn new(world: World, body: &Body, mock: &Mock, board: &Board) -> Self {
        let rig = Rig::new(world, body, mock, board);
        Self {
            rig: Rc::new(RefCell::new(rig)),
        }
    }

    pub(crate) fn rig(&self) -> Rc<RefCell<Rig>> {
        Rc::clone(&self.rig)
    }
}

impl Environment for Surroundings {
    fn next_event(&mut self) -> Option<Time> {
        let next = self.rig.borrow().next_event();
        Some(Time::from_nanos(next.nanos()))
    }

    fn advance(&mut self, to: Time) {
        let to = Timestamp::from_nanos(to.nanos());
        self.rig.borrow_mut().advance(to);
    }

    fn reached(&self) -> Option<Time> {
        let now = self.rig.borrow().board_now();
        Some(Time::from_nanos(now.nanos()))
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}
