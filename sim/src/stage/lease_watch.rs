//! Leases that end while a driver blocks.

use sinew_board::Board;
use sinew_mock::Mock;

/// Ends leases while a driver blocks the simulation's only thread, as on hardware a thread of its own does.
pub(super) struct LeaseWatch(Mock);

impl LeaseWatch {
    pub(super) fn over(mock: &Mock, board: &Board) -> Self {
        let board = board.clone();
        mock.while_blocked(move |now| {
            board.enforce_while_blocked(now);
            board.next_deadline()
        });
        Self(mock.clone())
    }
}

/// The mock, and the board on which this looks, hold each other.
impl Drop for LeaseWatch {
    fn drop(&mut self) {
        self.0.forget_while_blocked();
    }
}
