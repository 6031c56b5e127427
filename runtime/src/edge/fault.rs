//! What a test does to an edge: some of what is published is lost, or all of it comes late.

use crate::Time;
use crate::sync::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// So many bits say how many of a thousand are lost, the next whether order has to be looked after, the rest by how many
/// nanoseconds a value is late: one look at one word tells that nothing is wrong.
const LOST: u32 = 10;
const IN_ORDER: u64 = 1 << LOST;
const LATE: u32 = LOST + 1;
/// The longest delay that has room: 104 days.
const LONGEST: u64 = u64::MAX >> LATE;

/// The fault of an edge. Values are published by one thread.
#[derive(Debug, Default)]
pub(crate) struct EdgeFault {
    word: AtomicU64,
    /// Thousandths of a value that have gathered to be lost.
    gathered: AtomicU64,
    /// How many values are held back.
    held: AtomicU64,
    /// Until when the last of them is, in nanoseconds.
    until: AtomicU64,
}

/// What becomes of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Disturbed {
    Not,
    Lost,
    LateUntil(Time),
}

impl EdgeFault {
    /// Whether there is one.
    #[inline]
    pub(super) fn is_set(&self) -> bool {
        self.word.load(Ordering::Relaxed) != 0
    }

    /// Loses so many of a thousand.
    pub(crate) fn lose(&self, of_a_thousand: u16) {
        let lost = u64::from(of_a_thousand.min(1_000));
        let word = self.word.load(Ordering::Relaxed);
        let rest = word & !(IN_ORDER - 1);
        self.word.store(rest | lost, Ordering::Relaxed);
    }

    /// Has values come so late. What is held back when it is mended still comes first.
    pub(crate) fn delay(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).map_or(LONGEST, |by| by.min(LONGEST));
        let lost = self.word.load(Ordering::Relaxed) & (IN_ORDER - 1);
        self.word
            .store(by << LATE | IN_ORDER | lost, Ordering::Relaxed);
    }

    /// What becomes of a value that is published now.
    pub(super) fn strike(&self, now: Time) -> Disturbed {
        let word = self.word.load(Ordering::Relaxed);
        if self.loses(word & (IN_ORDER - 1)) {
            return Disturbed::Lost;
        }
        let late = word >> LATE;
        if late == 0 && self.held.load(Ordering::Relaxed) == 0 {
            return Disturbed::Not;
        }
        let own = now.nanos().saturating_add(late);
        let until = own.max(self.until.load(Ordering::Relaxed));
        self.until.store(until, Ordering::Relaxed);
        self.held.fetch_add(1, Ordering::Relaxed);
        Disturbed::LateUntil(Time::from_nanos(until))
    }

    /// One that was held back is on its way.
    pub(super) fn delivered(&self) {
        self.held.fetch_sub(1, Ordering::Relaxed);
    }

    /// Evenly: of a thousand in a row exactly so many.
    fn loses(&self, often: u64) -> bool {
        let gathered = self.gathered.load(Ordering::Relaxed) + often;
        let lost = gathered >= 1_000;
        let left = if lost { gathered - 1_000 } else { gathered };
        self.gathered.store(left, Ordering::Relaxed);
        lost
    }
}

#[cfg(all(test, not(sinew_models)))]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn values_come_late_and_in_their_order_also_once_it_is_mended() {
        let fault = EdgeFault::default();
        assert!(!fault.is_set());
        fault.delay(Duration::from_millis(30));
        assert_eq!(fault.strike(at(10)), Disturbed::LateUntil(at(40)));
        fault.delay(Duration::from_millis(5));
        assert_eq!(fault.strike(at(20)), Disturbed::LateUntil(at(40)));
        fault.delay(Duration::ZERO);
        assert_eq!(fault.strike(at(25)), Disturbed::LateUntil(at(40)));
        (0..3).for_each(|_| fault.delivered());
        assert_eq!(fault.strike(at(40)), Disturbed::Not);
    }

    #[test]
    fn a_loss_and_a_delay_do_not_touch_each_other() {
        let fault = EdgeFault::default();
        fault.lose(1_000);
        fault.delay(Duration::from_millis(30));
        assert_eq!(fault.strike(at(0)), Disturbed::Lost);
        fault.lose(0);
        assert_eq!(fault.strike(at(0)), Disturbed::LateUntil(at(30)));
        fault.delay(Duration::MAX);
        assert!(matches!(fault.strike(at(0)), Disturbed::LateUntil(_)));
    }
}
