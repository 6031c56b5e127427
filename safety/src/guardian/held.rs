//! A motion output in the guardian's hands.

use super::GRACE;
use sinew_board::{BridgeWires, Cause, MotionSafety, SafetyPage, Timestamp};

/// One real motion output: its open lines, its lease as far as the guardian believes in it.
#[derive(Debug)]
pub(super) struct Held {
    wires: BridgeWires,
    safety: MotionSafety,
    /// Its place on the page.
    place: usize,
    /// What the page said last, and when the guardian will act if the page says nothing else.
    lease: Option<Timestamp>,
    deadline: Option<Timestamp>,
}

impl Held {
    pub(super) fn new(wires: BridgeWires, safety: MotionSafety, place: usize) -> Self {
        Self {
            wires,
            safety,
            place,
            lease: None,
            deadline: None,
        }
    }

    pub(super) const fn wires(&self) -> &BridgeWires {
        &self.wires
    }

    /// Carries out the safe action of a cause; `false` if a line could not be written.
    pub(super) fn rest(&self, cause: Cause) -> bool {
        self.wires.rest(self.safety.on(cause)).is_ok()
    }

    /// Whether a lease has been over for longer than the robot may take to see to it. What the page says is not believed
    /// beyond the longest lease from the moment at which it was first read.
    pub(super) fn is_overdue(&mut self, page: &SafetyPage, now: Timestamp) -> bool {
        let lease = page.lease(self.place);
        if lease != self.lease {
            self.lease = lease;
            let longest = now + self.safety.longest_lease();
            self.deadline = lease.map(|until| until.min(longest) + GRACE);
        }
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Forgets the leases of the robot before.
    pub(super) fn forget(&mut self) {
        self.lease = None;
        self.deadline = None;
    }
}
