//! Which cells are ready, and who wakes the scheduler.

use super::here;
use crate::sync::{AtomicBool, Lock, LockGuard};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

/// Cells that were woken, in the order in which they were. What a scheduler's own thread wakes while it takes turns
/// goes to that thread's list ([`here`]), without a lock; all else comes here.
#[derive(Debug, Default)]
pub(crate) struct ReadyQueue {
    inner: Lock<Inner>,
    /// Whether `inner` holds anything: cheap enough to ask before each turn.
    filled: AtomicBool,
}

#[derive(Debug, Default)]
struct Inner {
    woken: VecDeque<u32>,
    /// Wakes the scheduler's own future while it waits for time or for a wake from elsewhere.
    scheduler: Option<Waker>,
    /// Whether the scheduler shall look at the moments it waits for once more.
    nudged: bool,
}

impl ReadyQueue {
    fn lock(&self) -> LockGuard<'_, Inner> {
        self.inner.lock()
    }

    /// Whether a cell was woken from elsewhere.
    #[inline]
    pub(crate) fn is_filled(&self) -> bool {
        self.filled.load(Ordering::Acquire)
    }

    /// Moves all woken cells to the end of `ready`.
    pub(crate) fn drain_into(&self, ready: &mut VecDeque<u32>) {
        here::drain_into(ready);
        if self.is_filled() {
            let mut inner = self.lock();
            self.filled.store(false, Ordering::Relaxed);
            ready.extend(inner.woken.drain(..));
        }
    }

    /// Makes room for so many cells, each of which stands in it once at most: from here on it never grows.
    pub(crate) fn reserve(&self, cells: usize) {
        let mut inner = self.lock();
        let more = cells.saturating_sub(inner.woken.len());
        inner.woken.reserve(more);
    }

    /// Whether nothing was woken or nudged; if so, `waker` is woken by the next wake.
    pub(crate) fn is_empty_or_wait(&self, waker: &Waker) -> bool {
        let mut inner = self.lock();
        if std::mem::take(&mut inner.nudged) || !inner.woken.is_empty() {
            return false;
        }
        match &mut inner.scheduler {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        true
    }

    /// By which a thread knows that this queue is its own.
    #[inline]
    pub(super) fn identity(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Says that the scheduler is awake: nobody need wake it.
    pub(crate) fn awake(&self) {
        self.lock().scheduler = None;
    }

    fn push(&self, cell: u32) {
        let mut inner = self.lock();
        inner.woken.push_back(cell);
        self.filled.store(true, Ordering::Release);
        let scheduler = inner.scheduler.take();
        drop(inner);
        if let Some(scheduler) = scheduler {
            scheduler.wake();
        }
    }

    /// Ends the scheduler's wait without waking a cell.
    pub(crate) fn nudge(&self) {
        let mut inner = self.lock();
        inner.nudged = true;
        let scheduler = inner.scheduler.take();
        drop(inner);
        if let Some(scheduler) = scheduler {
            scheduler.wake();
        }
    }
}

/// Wakes one cell; waking it twice from one side before it is polled is once. (From both sides, it may be polled
/// twice: a flag for each spares its own thread all atomics that order.)
#[derive(Debug)]
pub(crate) struct CellWaker {
    cell: u32,
    /// It stands in the list of its own thread, which alone touches this.
    queued_here: AtomicBool,
    /// It stands in the queue.
    queued: AtomicBool,
    queue: Arc<ReadyQueue>,
}

impl CellWaker {
    /// Of the cell in this slot of the scheduler with this queue.
    pub(crate) fn new(cell: u32, queue: Arc<ReadyQueue>) -> Self {
        Self {
            cell,
            queued_here: AtomicBool::new(false),
            queued: AtomicBool::new(false),
            queue,
        }
    }

    /// The queue of its thread.
    pub(crate) const fn queue(&self) -> &Arc<ReadyQueue> {
        &self.queue
    }

    /// Says that the cell is about to be polled: later wakes count anew. It acquires what the wakers before it
    /// released, so that the poll sees what they woke it for.
    #[inline]
    pub(crate) fn taken(&self) {
        self.queued_here.store(false, Ordering::Relaxed);
        // One that is set right after this look has put the cell into the queue once more.
        if self.queued.load(Ordering::Relaxed) {
            self.queued.swap(false, Ordering::AcqRel);
        }
    }

    /// Wakes the cell.
    #[inline]
    pub(crate) fn wake(&self) {
        if here::is(self.queue.identity()) {
            if !self.queued_here.load(Ordering::Relaxed) {
                self.queued_here.store(true, Ordering::Relaxed);
                here::push(self.cell);
            }
        } else if !self.queued.swap(true, Ordering::AcqRel) {
            self.queue.push(self.cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Wake;

    #[test]
    fn a_cell_woken_twice_is_ready_once_until_it_is_taken() {
        let queue = Arc::new(ReadyQueue::default());
        let cell = CellWaker::new(3, Arc::clone(&queue));
        let mut ready = VecDeque::new();
        cell.wake();
        cell.wake();
        queue.drain_into(&mut ready);
        assert_eq!(ready, [3]);
        cell.taken();
        cell.wake();
        queue.drain_into(&mut ready);
        assert_eq!(ready, [3, 3]);
    }

    /// Counts wakes.
    #[derive(Default)]
    struct Count(std::sync::atomic::AtomicU64);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_scheduler_is_woken_once_for_a_wait_and_not_while_it_is_awake() {
        let queue = ReadyQueue::default();
        let wakes = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&wakes));
        assert!(queue.is_empty_or_wait(&waker));
        queue.push(1);
        queue.push(2);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        queue.drain_into(&mut VecDeque::new());
        assert!(queue.is_empty_or_wait(&waker));
        queue.awake();
        queue.push(3);
        queue.nudge();
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert!(!queue.is_empty_or_wait(&waker), "what came is not lost");
    }

    #[test]
    fn a_nudge_ends_one_wait_also_if_it_comes_before() {
        let queue = ReadyQueue::default();
        queue.nudge();
        assert!(!queue.is_empty_or_wait(Waker::noop()));
        assert!(queue.is_empty_or_wait(Waker::noop()));
    }

    #[test]
    fn what_its_own_thread_wakes_while_it_takes_turns_needs_no_lock() {
        let queue = Arc::new(ReadyQueue::default());
        let (first, second) = (
            CellWaker::new(1, Arc::clone(&queue)),
            CellWaker::new(2, Arc::clone(&queue)),
        );
        let mut ready = VecDeque::new();
        here::enter(queue.identity(), 2);
        first.wake();
        assert!(!queue.filled.load(Ordering::Relaxed));
        here::leave(&mut ready);
        second.wake();
        assert!(
            queue.filled.load(Ordering::Relaxed),
            "nobody takes turns now"
        );
        queue.drain_into(&mut ready);
        assert_eq!(ready, [1, 2]);
    }
}
