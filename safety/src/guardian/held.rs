//! A motion output in the guardian's hands.

use super::GRACE;
use sinew_board::{Cause, MotionSafety, MotionWires, Timestamp};

/// One real motion output: its open files, its lease as far as the guardian believes in it.
#[derive(Debug)]
pub(super) struct Held {
    wires: MotionWires,
    safety: MotionSafety,
    /// Its place on the page.
    place: usize,
    /// What the page said last, and when the guardian will act if the page says nothing else.
    lease: Option<Timestamp>,
    deadline: Option<Timestamp>,
}

impl Held {
    pub(super) fn new(wires: MotionWires, safety: MotionSafety, place: usize) -> Self {
        Self {
            wires,
            safety,
            place,
            lease: None,
            deadline: None,
        }
    }

    pub(super) const fn wires(&self) -> &MotionWires {
        &self.wires
    }

    /// Carries out the safe action of a cause; `false` if a line could not be written.
    pub(super) fn rest(&self, cause: Cause) -> bool {
        self.wires.rest(self.safety.on(cause)).is_ok()
    }

    /// Writes again what the safe action of a cause came to.
    pub(super) fn hold(&self, cause: Cause) -> bool {
        self.wires.hold(self.safety.on(cause)).is_ok()
    }

    /// Its place on the page.
    pub(super) const fn place(&self) -> usize {
        self.place
    }

    /// Whether its lease, which the page says, has been over for longer than the robot may take to see to it. What the page says is not believed
    /// beyond the longest lease from the moment at which it was first read.
    pub(super) fn is_overdue(&mut self, lease: Option<Timestamp>, now: Timestamp) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_board::BridgeWires;
    use sinew_board::backend::{Encoding, Wire};
    use std::time::Duration;

    const LONGEST: Duration = Duration::from_millis(100);

    fn held() -> Held {
        let wire = || {
            let file = tempfile::tempfile().expect("a file");
            Wire::new(file.into(), Encoding::Record)
        };
        let wires = MotionWires::Bridge(BridgeWires {
            pwm: wire(),
            forward: wire(),
            backward: wire(),
        });
        Held::new(wires, MotionSafety::new(LONGEST).expect("a lease"), 0)
    }

    fn at(time: Duration) -> Timestamp {
        Timestamp::ZERO + time
    }

    #[test]
    fn a_lease_is_believed_for_the_longest_lease_at_most_whatever_the_page_says() {
        let (mut held, now) = (held(), Timestamp::from_nanos(1));
        let forever = Some(Timestamp::NEVER);
        assert!(!held.is_overdue(forever, now));
        let end = LONGEST + GRACE;
        assert!(!held.is_overdue(forever, at(end - Duration::from_millis(1))));
        assert!(held.is_overdue(forever, at(end + Duration::from_millis(1))));
    }

    #[test]
    fn a_lease_that_its_owner_ended_or_renewed_is_not_overdue() {
        let mut held = held();
        let lease = Some(at(Duration::from_millis(50)));
        assert!(!held.is_overdue(lease, at(Duration::from_millis(1))));
        assert!(!held.is_overdue(lease, at(Duration::from_millis(50) + GRACE / 2)));
        let renewed = Some(at(Duration::from_millis(140)));
        assert!(!held.is_overdue(renewed, at(Duration::from_millis(99))));
        assert!(!held.is_overdue(None, at(Duration::from_secs(9))));
        assert!(
            held.is_overdue(lease, at(Duration::from_secs(10))),
            "long over"
        );
    }
}
