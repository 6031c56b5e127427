//! How many told and asked messages may wait, and who waits for room among them.

use crate::sched::here;
use std::collections::VecDeque;
use std::task::Waker;

/// How many told and asked messages may wait if the graph says nothing else.
pub(super) const DEFAULT_CAPACITY: usize = 64;

/// The room of one mailbox. Senders that find none are served in the order in which they came.
pub(crate) struct Room {
    capacity: usize,
    /// How many were ever let in.
    entered: u64,
    waiting: VecDeque<Waiter>,
    next_waiter: u64,
}

/// A sender that waits for room.
struct Waiter {
    id: u64,
    waker: Waker,
    /// The actor that sends, if one does.
    sender: u64,
    /// It would wait for ever, and why.
    doomed: Option<String>,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self {
            capacity: DEFAULT_CAPACITY,
            entered: 0,
            waiting: VecDeque::new(),
            next_waiter: 0,
        }
    }

    pub(crate) fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity.max(1);
    }

    /// Whether a sender with this place among the waiting (if it has one) may push now that the owner took so many.
    #[inline]
    pub(crate) fn is_there_for(&self, waiter: Option<u64>, taken: u64) -> bool {
        let first = self.waiting.front().map(|waiter| waiter.id);
        self.is_free(taken) && (first.is_none() || first == waiter)
    }

    #[inline]
    fn is_free(&self, taken: u64) -> bool {
        self.entered - taken < self.capacity as u64
    }

    /// Counts a message in.
    #[inline]
    pub(crate) fn take(&mut self) {
        self.entered += 1;
    }

    /// The waker of the first sender that waits, if there is room for it now that the owner took so many.
    #[inline]
    pub(crate) fn first_waiter(&self, taken: u64) -> Option<Waker> {
        let first = self.waiting.front();
        first
            .filter(|_| self.is_free(taken))
            .map(|waiter| waiter.waker.clone())
    }

    /// Whether any sender waits.
    #[inline]
    pub(crate) fn is_awaited(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Queues a sender, or renews its waker.
    pub(crate) fn wait(&mut self, waiter: &mut Option<u64>, waker: &Waker) {
        let known = waiter.and_then(|id| self.find(id));
        if let Some(known) = known {
            known.waker.clone_from(waker);
            return;
        }
        let id = self.next_waiter;
        self.next_waiter += 1;
        self.waiting.push_back(Waiter {
            id,
            waker: waker.clone(),
            sender: here::actor(),
            doomed: None,
        });
        *waiter = Some(id);
    }

    fn find(&mut self, id: u64) -> Option<&mut Waiter> {
        self.waiting.iter_mut().find(|waiter| waiter.id == id)
    }

    /// Names the senders that wait: who sends, and its place among those who wait.
    pub(crate) fn name_waiting(&self, waiting: &mut dyn FnMut(u64, u64)) {
        for waiter in &self.waiting {
            waiting(waiter.sender, waiter.id);
        }
    }

    /// Tells a sender that it would wait for ever; returns whom to wake.
    pub(crate) fn doom(&mut self, id: u64, why: &str) -> Option<Waker> {
        let waiter = self.find(id)?;
        waiter.doomed = Some(why.to_owned());
        Some(waiter.waker.clone())
    }

    /// Why a sender would wait for ever, if it was told so.
    pub(crate) fn doomed(&mut self, waiter: Option<u64>) -> Option<String> {
        self.find(waiter?)?.doomed.take()
    }

    /// Takes a sender out of the queue.
    pub(crate) fn leave(&mut self, waiter: Option<u64>) {
        if let Some(id) = waiter {
            self.waiting.retain(|waiter| waiter.id != id);
        }
    }

    /// Forgets all senders that wait; their wakers come back.
    pub(crate) fn clear(&mut self) -> impl Iterator<Item = Waker> {
        self.waiting.drain(..).map(|waiter| waiter.waker)
    }
}
