//! What all mailboxes of a system share.

use crate::Time;
use crate::bridge::Home;
use crate::clock::RealClock;
use crate::dead_letters::DeadLetters;
use crate::sched::{Fate, ReadyQueue};
use crate::testing::Failures;
use crate::waits::{Awaited, Waits};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The system as a sender on any thread sees it.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Virtual time, in nanoseconds.
    now: AtomicU64,
    /// How many actors there ever were.
    actors: AtomicU64,
    /// Who waits for an answer or for room.
    pub(crate) waits: Waits,
    pub(crate) dead_letters: DeadLetters,
    /// Where failures are noted while a test looks on.
    pub(crate) failures: OnceLock<Arc<Failures>>,
    /// What became of the system.
    pub(crate) fate: Fate,
    /// The thread on which the system lives.
    pub(crate) home: Home,
    /// Where time passes by itself: its clock, and the schedulers that may sleep.
    real: OnceLock<(RealClock, Vec<Arc<ReadyQueue>>)>,
}

impl Shared {
    /// Says that time passes by itself from here on.
    pub(crate) fn set_real(&self, clock: RealClock, schedulers: Vec<Arc<ReadyQueue>>) {
        // A graph runs once, so this is the first time.
        let _ = self.real.set((clock, schedulers));
    }

    /// Whether this queue's cells live on the same thread as the system; in virtual time all do.
    pub(crate) fn is_at_home(&self, queue: &Arc<ReadyQueue>) -> bool {
        let schedulers = self.real.get().map(|(_, schedulers)| schedulers);
        let first = schedulers.and_then(|schedulers| schedulers.first());
        first.is_none_or(|first| Arc::ptr_eq(first, queue))
    }

    /// Now: read, not remembered, where time passes by itself, since the scheduler may have slept long.
    #[inline]
    pub(crate) fn now(&self) -> Time {
        match self.real.get() {
            Some((clock, _)) => clock.now(),
            None => Time::from_nanos(self.now.load(Ordering::Relaxed)),
        }
    }

    /// Moves virtual time.
    pub(crate) fn set_now(&self, now: Time) {
        self.now.store(now.nanos(), Ordering::Relaxed);
    }

    /// A number for an actor, never zero and never given twice.
    pub(crate) fn next_id(&self) -> u64 {
        self.actors.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The first moment at which `within` has surely passed from now on: on a real clock read coarsely, which is
    /// quick, and so some milliseconds late, never early.
    #[inline]
    pub(crate) fn deadline_after(&self, within: Duration) -> Time {
        match self.real.get() {
            Some((clock, _)) => clock.coarse_now() + RealClock::COARSENESS + within,
            None => Time::from_nanos(self.now.load(Ordering::Relaxed)) + within,
        }
    }

    /// Lists a mailbox that somebody begins to wait for; a scheduler that sleeps learns that there is a deadline now.
    pub(crate) fn list(&self, awaited: Arc<dyn Awaited>) {
        if self.waits.list(awaited) {
            self.nudge();
        }
    }

    /// Tells schedulers that may sleep to look again: there is a deadline now, or the system ends. In virtual time
    /// nobody can say so while it sleeps.
    pub(crate) fn nudge(&self) {
        if let Some((_, schedulers)) = self.real.get() {
            schedulers.iter().for_each(|scheduler| scheduler.nudge());
        }
    }
}
