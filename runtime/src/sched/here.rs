//! What this thread is doing for which scheduler: whose turn it is, and what it woke.
//!
//! Thread-local, so that what actors of one thread do to each other costs no lock and no atomic.

use crate::sync::thread_local;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// No actor takes its turn on this thread.
pub(crate) const NOBODY: u64 = 0;

struct Here {
    /// The queue whose scheduler takes turns on this thread now; zero while none does, or while it sleeps.
    queue: Cell<usize>,
    woken: RefCell<VecDeque<u32>>,
    /// The actor that takes its turn.
    actor: Cell<u64>,
}

thread_local! {
    static HERE: Here = const {
        Here {
            queue: Cell::new(0),
            woken: RefCell::new(VecDeque::new()),
            actor: Cell::new(NOBODY),
        }
    };
}

/// From here on this thread takes turns for the scheduler of this queue, which has so many cells.
pub(super) fn enter(queue: usize, cells: usize) {
    HERE.with(|here| {
        here.queue.set(queue);
        let mut woken = here.woken.borrow_mut();
        // Each cell stands in it once at most: from here on it never grows.
        let more = cells.saturating_sub(woken.len());
        woken.reserve(more);
    });
}

/// The scheduler pauses: what was woken goes to the end of `ready`, what will be takes the way with a lock, which
/// also ends a sleep.
pub(super) fn leave(ready: &mut VecDeque<u32>) {
    HERE.with(|here| here.queue.set(0));
    drain_into(ready);
}

/// Moves what was woken to the end of `ready`.
pub(super) fn drain_into(ready: &mut VecDeque<u32>) {
    HERE.with(|here| {
        let mut woken = here.woken.borrow_mut();
        // Mostly one or none: a loop is quicker than a drain.
        while let Some(cell) = woken.pop_front() {
            ready.push_back(cell);
        }
    });
}

/// Takes the first of what was woken.
#[inline]
pub(super) fn pop() -> Option<u32> {
    HERE.with(|here| here.woken.borrow_mut().pop_front())
}

/// Whether this thread takes turns for the scheduler of this queue now.
#[inline]
pub(super) fn is(queue: usize) -> bool {
    // While the thread ends it takes no turns.
    HERE.try_with(|here| here.queue.get() == queue)
        .unwrap_or(false)
}

/// Notes a woken cell of the scheduler that takes turns on this thread.
#[inline]
pub(super) fn push(cell: u32) {
    HERE.with(|here| here.woken.borrow_mut().push_back(cell));
}

/// An actor takes its turn.
#[inline]
pub(super) fn begin_turn(actor: u64) {
    HERE.with(|here| {
        here.actor.set(actor);
    });
}

/// The turn is over.
#[inline]
pub(super) fn end_turn() {
    HERE.with(|here| here.actor.set(NOBODY));
}

/// The actor whose turn it is on this thread, or [`NOBODY`].
#[inline]
pub(crate) fn actor() -> u64 {
    HERE.try_with(|here| here.actor.get()).unwrap_or(NOBODY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_knows_whose_it_is() {
        assert_eq!(actor(), NOBODY);
        begin_turn(7);
        assert_eq!(actor(), 7);
        end_turn();
        assert_eq!(actor(), NOBODY);
    }
}
