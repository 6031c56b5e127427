//! What all schedulers of a system agree on: how many actors live, and whether and why the system ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// The fate of a system.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    inner: Mutex<Inner>,
    /// How many actors live, on all threads.
    live: AtomicUsize,
    /// Whether the system ends with its last actor: one that never had any waits for the first.
    ends_with_last: AtomicBool,
    /// Nobody takes turns any more, until the end in order begins.
    halted: AtomicBool,
    /// The end in order has begun.
    stopping: AtomicBool,
    /// Its threads shall go.
    over: AtomicBool,
}

#[derive(Debug, Default)]
struct Inner {
    why: Option<String>,
    /// Threads that wait for the end in order.
    waiting: Vec<Waker>,
}

impl Fate {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the nodes of a graph, before any of them lives: the last one's end will be the system's.
    pub(crate) fn expect(&self, nodes: usize) {
        self.live.fetch_add(nodes, Ordering::Relaxed);
        self.ends_with_last.store(nodes > 0, Ordering::Relaxed);
    }

    /// Counts one more actor that lives.
    pub(crate) fn count_in(&self) {
        self.live.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes one back that was counted in and never lived.
    pub(crate) fn take_back(&self) {
        self.live.fetch_sub(1, Ordering::AcqRel);
    }

    /// Counts one that has ended; with the last one the system ends.
    pub(crate) fn count_out(&self) {
        let was_last = self.live.fetch_sub(1, Ordering::AcqRel) == 1;
        if was_last && self.ends_with_last.load(Ordering::Relaxed) && !self.is_stopping() {
            self.end("every actor has ended");
        }
    }

    /// How many actors live.
    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    /// Ends the system by itself; the first reason stays.
    pub(crate) fn end(&self, why: &str) {
        self.lock().why.get_or_insert_with(|| why.to_owned());
        self.halted.store(true, Ordering::Release);
    }

    /// Has turns pause after the present one, for a test to look on; in virtual time only, where no other thread sleeps.
    pub(crate) fn pause(&self) {
        self.halted.store(true, Ordering::Release);
    }

    /// Lets turns go on after a pause. `false`: there was none.
    pub(crate) fn resume(&self) -> bool {
        let inner = self.lock();
        let has_ended = inner.why.is_some();
        self.halted.swap(has_ended, Ordering::AcqRel) && !has_ended
    }

    /// Why the system ended by itself, if it did.
    pub(crate) fn why(&self) -> Option<String> {
        self.lock().why.clone()
    }

    /// Begins the end in order: turns go on for it, also if the system has ended by itself before.
    pub(crate) fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake_all();
    }

    /// Whether the end in order has begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Lets the threads go.
    pub(crate) fn be_over(&self) {
        self.over.store(true, Ordering::Release);
        self.wake_all();
    }

    /// Whether the threads shall go.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Whether nobody takes turns now.
    #[inline]
    pub(crate) fn is_halted(&self) -> bool {
        (self.halted.load(Ordering::Acquire) && !self.is_stopping()) || self.is_over()
    }

    /// Ready when the end in order begins, or when the threads shall go.
    pub(crate) fn poll_end(&self, waker: &Waker) -> Poll<()> {
        let mut inner = self.lock();
        if self.is_stopping() || self.is_over() {
            return Poll::Ready(());
        }
        inner.waiting.push(waker.clone());
        Poll::Pending
    }

    fn wake_all(&self) {
        let waiting = std::mem::take(&mut self.lock().waiting);
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_end_of_all_is_the_systems_unless_it_is_ending_already() {
        let fate = Fate::default();
        fate.expect(2);
        fate.count_out();
        assert!(!fate.is_halted());
        fate.count_out();
        assert!(fate.is_halted());
        fate.end("another reason");
        assert_eq!(fate.why().as_deref(), Some("every actor has ended"));
        fate.begin_stop();
        assert!(!fate.is_halted(), "turns go on for the end in order");
    }

    #[test]
    fn a_system_without_nodes_waits_for_its_first_actor() {
        let fate = Fate::default();
        fate.expect(0);
        fate.count_in();
        fate.count_out();
        assert!(!fate.is_halted());
    }

    #[test]
    fn whoever_waits_for_the_end_hears_of_it() {
        let fate = Fate::default();
        assert!(fate.poll_end(Waker::noop()).is_pending());
        fate.be_over();
        assert!(fate.poll_end(Waker::noop()).is_ready());
        assert!(fate.is_halted());
    }
}
