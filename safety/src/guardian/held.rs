//! A motion output in the guardian's hands.

use super::GRACE;
use sinew_board::{Cause, MotionSafety, MotionWires, RampDown, SafeAction, SafetyPage, Timestamp};
use std::time::Duration;

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
    /// On its way to rest, because its safe action ramps.
    ramp: Option<RampDown>,
    /// A cause whose action could not be carried out, and since when it was not tried.
    owed: Option<(Cause, Timestamp)>,
}

/// When an action that failed is tried again.
const AGAIN: Duration = Duration::from_millis(20);

impl Held {
    pub(super) fn new(wires: MotionWires, safety: MotionSafety, place: usize) -> Self {
        Self {
            wires,
            safety,
            place,
            lease: None,
            deadline: None,
            ramp: None,
            owed: None,
        }
    }

    pub(super) const fn wires(&self) -> &MotionWires {
        &self.wires
    }

    /// Whether writing it may take 20 ms.
    pub(super) fn may_wait(&self) -> bool {
        self.wires.may_wait()
    }

    /// Carries out the safe action of a cause; `false` if a line could not be written. One that ramps begins with what the page says
    /// of the output's duty, once: [`Held::go_on`] does the rest.
    pub(super) fn rest(&mut self, cause: Cause, page: &SafetyPage, now: Timestamp) -> bool {
        let action = self.safety.on(cause);
        let is_done = if action == SafeAction::Ramp {
            if self.ramp.is_none() {
                let duty = page.take_duty(self.place);
                self.ramp = Some(RampDown::new(duty, now, self.safety.ramp()));
            }
            self.go_on(now)
        } else {
            self.ramp = None;
            self.wires.rest(action).is_ok()
        };
        self.owed = (!is_done).then_some((cause, now));
        page.set_unsafe(self.place, !is_done);
        is_done
    }

    /// Tries again what failed: a bus or port may be well again.
    pub(super) fn try_again(&mut self, page: &SafetyPage, now: Timestamp) {
        if let Some((cause, since)) = self.owed
            && now.since(since) >= AGAIN
        {
            self.rest(cause, page, now);
        }
    }

    /// Whether a safe action could not be carried out yet.
    pub(super) const fn owes(&self) -> bool {
        self.owed.is_some()
    }

    /// Goes on with a ramp, if there is one.
    pub(super) fn go_on(&mut self, now: Timestamp) -> bool {
        let Some(ramp) = self.ramp else {
            return true;
        };
        let done = match ramp.duty(now) {
            Some(duty) => self.wires.drive(duty),
            None => {
                self.ramp = None;
                self.wires.rest(SafeAction::Ramp)
            }
        };
        done.is_ok()
    }

    /// Whether it is on its way to rest.
    pub(super) const fn ramps(&self) -> bool {
        self.ramp.is_some()
    }

    /// Ends a ramp: there is no time for it.
    pub(super) fn let_go(&mut self) {
        if self.ramp.take().is_some() {
            let _ = self.wires.rest(SafeAction::Ramp);
        }
    }

    /// Writes again what the safe action of a cause came to.
    pub(super) fn hold(&mut self, cause: Cause, now: Timestamp) -> bool {
        if self.ramp.is_some() {
            return self.go_on(now);
        }
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
        self.owed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_board::backend::{Encoding, Wire};
    use sinew_board::{BridgeWires, Duty};
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
    fn a_ramp_begins_once_with_what_the_page_says_and_ends_let_go() {
        let page = SafetyPage::private();
        let ramps = MotionSafety::default().with(Cause::Death, SafeAction::Ramp);
        let mut held = Held {
            safety: ramps,
            ..held()
        };
        let begins = at(Duration::from_secs(1));
        assert!(held.rest(Cause::Death, &page, begins));
        assert!(!held.ramps(), "it rested, so there is nothing to ramp");
        let mut held = Held {
            ramp: Some(RampDown::new(Duty::nearest(0.5), begins, ramps.ramp())),
            ..held
        };
        for ms in [0, 50, 149] {
            assert!(held.rest(Cause::Death, &page, begins + Duration::from_millis(ms)));
            assert!(held.ramps(), "after {ms} ms");
        }
        assert!(held.hold(Cause::Death, begins + Duration::from_millis(150)));
        assert!(!held.ramps());
    }

    #[test]
    fn another_cause_ends_a_ramp_at_once() {
        let page = SafetyPage::private();
        let mut held = Held {
            ramp: Some(RampDown::new(
                Duty::nearest(0.5),
                at(Duration::ZERO),
                LONGEST,
            )),
            ..held()
        };
        assert!(held.rest(Cause::EStop, &page, at(Duration::from_millis(1))));
        assert!(!held.ramps());
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
