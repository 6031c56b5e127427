//! What is counted about a mailbox and about the age of what an edge brings; read from any thread.
//!
//! Each counter has one writer at a time: whoever holds the mailbox's lock, or the one thread that runs its actor. So
//! none needs an atomic addition, and a reader sees each of them as it was a moment ago. What senders write and what
//! the actor's thread writes stand apart, so that neither takes the other's cache line at each message.

use crate::edge::count;
use crate::metrics::MailboxMetrics;
use crate::sync::{AtomicBool, AtomicU64};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How many told and asked messages may wait if nothing else is said.
const DEFAULT_CAPACITY: u64 = 64;

/// What the thread that runs an actor writes at each message, and looks at between any two.
#[derive(Debug, Default)]
pub(crate) struct OwnersLine {
    /// How many told and asked messages left the mailbox, to be handled or dropped.
    left: AtomicU64,
    /// How many messages were handled.
    pub(crate) handled: AtomicU64,
    /// How many messages the tap was shown.
    pub(crate) begun: AtomicU64,
    /// Whether there are orders: cheap enough to ask between any two messages.
    pub(super) ordered: AtomicBool,
    /// Whether an overtaking lane holds anything.
    pub(super) overtaken: AtomicBool,
    /// Whether senders wait for room.
    pub(super) crowded: AtomicBool,
}

impl OwnersLine {
    /// One message waits no more. By the thread that runs the actor.
    #[inline]
    pub(crate) fn leave(&self) {
        count(&self.left);
    }
}

/// Counters of the told and asked messages of one mailbox, which its senders write.
#[derive(Debug)]
pub(crate) struct MailboxCounters {
    /// How many may wait.
    capacity: AtomicU64,
    /// How many were ever let in; written under the lock.
    entered: AtomicU64,
    /// How many are known to have left; written under the lock, and only when it matters.
    seen_to_leave: AtomicU64,
    /// The most that ever waited; written under the lock.
    highest: AtomicU64,
    /// How many were given back because there was no room; written under the lock.
    refused: AtomicU64,
    /// How many tells and asks had to wait for room; written under the lock.
    waited: AtomicU64,
}

impl Default for MailboxCounters {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Self {
            capacity: AtomicU64::new(DEFAULT_CAPACITY),
            entered: zero(),
            seen_to_leave: zero(),
            highest: zero(),
            refused: zero(),
            waited: zero(),
        }
    }
}

impl MailboxCounters {
    /// So many may wait.
    pub(crate) fn set_capacity(&self, messages: usize) {
        self.capacity.store(messages as u64, Ordering::Relaxed);
    }

    /// One message more waits. Under the lock.
    #[inline]
    pub(crate) fn enter(&self, owner: &OwnersLine) {
        count(&self.entered);
        let highest = self.highest.load(Ordering::Relaxed);
        // At least as many as there are: the line of the owner is looked at only if it could be a new highest.
        if self.known_depth() > highest {
            self.look(owner);
            let depth = self.known_depth();
            if depth > highest {
                self.highest.store(depth, Ordering::Relaxed);
            }
        }
    }

    /// Whether there is room for more than so many; what was done before room was made for them is acquired. Under the
    /// lock.
    #[inline]
    pub(crate) fn has_room_beyond(&self, kept: u64, owner: &OwnersLine) -> bool {
        let capacity = self.capacity.load(Ordering::Relaxed);
        if self.known_depth() + kept < capacity {
            return true;
        }
        self.look(owner);
        self.known_depth() + kept < capacity
    }

    /// How many messages more may wait; what was done before room was made for them is acquired. Under the lock.
    #[inline]
    pub(crate) fn room(&self, owner: &OwnersLine) -> u64 {
        self.look(owner);
        let capacity = self.capacity.load(Ordering::Relaxed);
        capacity.saturating_sub(self.known_depth())
    }

    /// How many wait, as far as is known; never fewer than do. Under the lock.
    #[inline]
    fn known_depth(&self) -> u64 {
        self.entered.load(Ordering::Relaxed) - self.seen_to_leave.load(Ordering::Relaxed)
    }

    /// Looks at what has left. Under the lock.
    #[inline]
    fn look(&self, owner: &OwnersLine) {
        let left = owner.left.load(Ordering::Acquire);
        self.seen_to_leave.store(left, Ordering::Relaxed);
    }

    /// None waits any more: the mailbox was closed, and what it held is dropped. By the thread that runs the actor,
    /// under the lock.
    pub(crate) fn clear(&self, owner: &OwnersLine) {
        let entered = self.entered.load(Ordering::Relaxed);
        owner.left.store(entered, Ordering::Relaxed);
    }

    /// A message was given back because there was no room. Under the lock.
    pub(crate) fn refuse(&self) {
        count(&self.refused);
    }

    /// A tell or an ask begins to wait for room; once for each, however often it looks. Under the lock.
    pub(crate) fn wait(&self) {
        count(&self.waited);
    }

    /// How many wait. Whoever reads it without the lock may see what comes or leaves at that moment, or not.
    pub(crate) fn depth(&self, owner: &OwnersLine) -> u64 {
        let left = owner.left.load(Ordering::Relaxed);
        self.entered.load(Ordering::Relaxed).saturating_sub(left)
    }

    /// A reading of all of them.
    pub(crate) fn read(&self, owner: &OwnersLine) -> MailboxMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        MailboxMetrics {
            depth: self.depth(owner),
            highest_depth: read(&self.highest),
            capacity: read(&self.capacity),
            refused: read(&self.refused),
            waited: read(&self.waited),
        }
    }
}

/// Stands for no age yet; no value waits for 584 years.
const NONE: u64 = u64::MAX;

/// How old the values of one edge were when their receiver began to handle them; written by the thread that runs it.
#[derive(Debug)]
pub(crate) struct Ages {
    last: AtomicU64,
    longest: AtomicU64,
}

impl Ages {
    /// No value yet.
    pub(crate) fn new() -> Self {
        Self {
            last: AtomicU64::new(NONE),
            longest: AtomicU64::new(NONE),
        }
    }

    /// A value is about to be handled that was published so long ago.
    pub(crate) fn note(&self, age: Duration) {
        let nanos = u64::try_from(age.as_nanos())
            .unwrap_or(NONE - 1)
            .min(NONE - 1);
        self.last.store(nanos, Ordering::Relaxed);
        if self.longest().is_none_or(|longest| longest < nanos) {
            self.longest.store(nanos, Ordering::Relaxed);
        }
    }

    /// The age of the last value, in nanoseconds.
    pub(crate) fn last(&self) -> Option<u64> {
        read(&self.last)
    }

    /// The greatest age of all, in nanoseconds.
    pub(crate) fn longest(&self) -> Option<u64> {
        read(&self.longest)
    }
}

fn read(age: &AtomicU64) -> Option<u64> {
    Some(age.load(Ordering::Relaxed)).filter(|nanos| *nanos != NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_knows_how_many_wait_and_the_most_that_ever_did() {
        let (counters, owner) = (MailboxCounters::default(), OwnersLine::default());
        counters.set_capacity(3);
        for _ in 0..3 {
            assert!(counters.has_room_beyond(0, &owner));
            counters.enter(&owner);
        }
        assert!(!counters.has_room_beyond(0, &owner));
        counters.refuse();
        counters.wait();
        owner.leave();
        owner.leave();
        assert_eq!(counters.room(&owner), 2);
        assert!(counters.has_room_beyond(1, &owner) && !counters.has_room_beyond(2, &owner));
        counters.enter(&owner);
        let found = counters.read(&owner);
        assert_eq!((found.depth, found.highest_depth), (2, 3));
        assert_eq!((found.capacity, found.refused, found.waited), (3, 1, 1));
        counters.clear(&owner);
        assert_eq!(counters.depth(&owner), 0);
        assert_eq!(counters.read(&owner).highest_depth, 3);
    }

    #[test]
    fn the_last_age_and_the_greatest_are_known_once_there_was_one() {
        let ages = Ages::new();
        assert_eq!((ages.last(), ages.longest()), (None, None));
        for nanos in [5, 9, 0] {
            ages.note(Duration::from_nanos(nanos));
        }
        assert_eq!((ages.last(), ages.longest()), (Some(0), Some(9)));
        ages.note(Duration::MAX);
        assert_eq!(ages.last(), Some(NONE - 1));
    }
}
