//! Who waits for room in a mailbox.

use crate::sched::here;
use std::collections::VecDeque;
use std::task::Waker;

/// Who waits for room in one mailbox. Senders that find none are served in the order in which they came.
#[derive(Default)]
pub(crate) struct Room {
    /// Made by the first sender that finds none.
    queue: Option<Box<Queue>>,
}

/// The senders that wait for room, in the order in which they came.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiter>,
    next: u64,
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
    /// Whether a sender with this place among the waiting (if it has one) comes first.
    #[inline]
    pub(crate) fn is_first(&self, waiter: Option<u64>) -> bool {
        let first = self.first().map(|waiter| waiter.id);
        first.is_none() || first == waiter
    }

    /// The waker of the first sender that waits.
    #[inline]
    pub(crate) fn first_waker(&self) -> Option<Waker> {
        self.first().map(|waiter| waiter.waker.clone())
    }

    /// Whether any sender waits.
    #[inline]
    pub(crate) fn is_awaited(&self) -> bool {
        self.first().is_some()
    }

    /// Queues a sender, or renews its waker.
    pub(crate) fn wait(&mut self, waiter: &mut Option<u64>, waker: &Waker) {
        let known = waiter.and_then(|id| self.find(id));
        if let Some(known) = known {
            known.waker.clone_from(waker);
            return;
        }
        let queue = self.queue.get_or_insert_default();
        let id = queue.next;
        queue.next += 1;
        queue.waiting.push_back(Waiter {
            id,
            waker: waker.clone(),
            sender: here::actor(),
            doomed: None,
        });
        *waiter = Some(id);
    }

    #[inline]
    fn first(&self) -> Option<&Waiter> {
        self.queue.as_ref()?.waiting.front()
    }

    fn find(&mut self, id: u64) -> Option<&mut Waiter> {
        let mut waiting = self.queue.as_mut()?.waiting.iter_mut();
        waiting.find(|waiter| waiter.id == id)
    }

    /// Names the senders that wait: who sends, and its place among those who wait.
    pub(crate) fn name_waiting(&self, waiting: &mut dyn FnMut(u64, u64)) {
        for waiter in self.queue.iter().flat_map(|queue| &queue.waiting) {
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
        if let (Some(id), Some(queue)) = (waiter, &mut self.queue) {
            queue.waiting.retain(|waiter| waiter.id != id);
        }
    }

    /// Forgets all senders that wait; their wakers come back.
    pub(crate) fn clear(&mut self) -> impl Iterator<Item = Waker> {
        let queue = self.queue.iter_mut();
        queue.flat_map(|queue| queue.waiting.drain(..).map(|waiter| waiter.waker))
    }
}
