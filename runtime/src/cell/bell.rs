//! Whether an input was woken: each has a waker of its own, so that only those that woke are polled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

/// Says when a source has to be polled: first of all, after each item, and when it was woken.
#[derive(Debug)]
pub(crate) struct Bell {
    /// Made once, at the first poll: then the waker of the cell is known.
    rope: Option<(Arc<Rope>, Waker)>,
    /// It has to be polled although nobody wakes it.
    again: bool,
}

impl Bell {
    /// That of a source that was never polled.
    pub(crate) const fn new() -> Self {
        Self {
            rope: None,
            again: true,
        }
    }

    /// Has the source polled once more: it may have more to give.
    pub(crate) const fn ring_again(&mut self) {
        self.again = true;
    }

    /// What to poll the source with, if there is a reason to. A wake that comes from here on counts anew, so none is
    /// lost that comes while the source is polled.
    #[inline]
    pub(crate) fn answer(&mut self, cell: &Context<'_>) -> Option<Context<'_>> {
        let (rope, waker) = self.rope.get_or_insert_with(|| Rope::new(cell.waker()));
        let rung = rope.was_pulled();
        let again = std::mem::take(&mut self.again);
        (rung || again).then(|| Context::from_waker(waker))
    }
}

/// What is pulled to wake a source: it notes so, then wakes the source's cell.
#[derive(Debug)]
struct Rope {
    pulled: AtomicBool,
    cell: Waker,
}

impl Rope {
    fn new(cell: &Waker) -> (Arc<Self>, Waker) {
        let rope = Arc::new(Self {
            pulled: AtomicBool::new(false),
            cell: cell.clone(),
        });
        let waker = Waker::from(Arc::clone(&rope));
        (rope, waker)
    }

    /// Whether it was pulled since it was last looked at. It acquires what came before each pull, so that the poll
    /// that follows sees what the source was woken for.
    #[inline]
    fn was_pulled(&self) -> bool {
        self.pulled.load(Ordering::Relaxed) && self.pulled.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Rope {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // The cell, once woken, looks at this: first the note, then the wake.
        self.pulled.store(true, Ordering::Release);
        self.cell.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_polled_at_first_after_an_item_and_once_for_all_wakes_before_a_poll() {
        let mut bell = Bell::new();
        let cell = Context::from_waker(Waker::noop());
        let waker = bell.answer(&cell).map(|cx| cx.waker().clone());
        let waker = waker.expect("it was never polled");
        assert!(bell.answer(&cell).is_none(), "nobody woke it");
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert!(bell.answer(&cell).is_some());
        assert!(bell.answer(&cell).is_none());
        bell.ring_again();
        assert!(bell.answer(&cell).is_some());
        assert!(bell.answer(&cell).is_none());
    }

    #[test]
    fn a_wake_during_the_poll_counts_for_the_next_one() {
        let mut bell = Bell::new();
        let cell = Context::from_waker(Waker::noop());
        let polling = bell.answer(&cell).expect("it was never polled");
        polling.waker().wake_by_ref();
        assert!(bell.answer(&cell).is_some());
    }

    #[test]
    fn the_waker_is_made_once() {
        let mut bell = Bell::new();
        let cell = Context::from_waker(Waker::noop());
        let first = bell.answer(&cell).expect("it is new").waker().clone();
        bell.ring_again();
        let second = bell.answer(&cell).expect("it was rung").waker().clone();
        assert!(first.will_wake(&second));
    }
}
