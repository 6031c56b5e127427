//! The typed queues behind a mailbox's ports.

use super::slots::Slots;
use crate::contain::contain;
use crate::sched::here;
use crate::{AskError, Leased, Time};
use std::any::Any;
use std::collections::VecDeque;
use std::task::Waker;

/// A port's queue without its type.
pub(crate) trait Ring: Any + Send {
    /// Empties the queue; what was in it, if anything was, is returned so that it is dropped outside of the lock.
    fn clear(&mut self) -> Option<(usize, Box<dyn Lost>)>;

    /// Ends all asks; returns who waits for an answer.
    fn end_asks(&mut self, wakers: &mut Vec<Waker>) {
        let _ = wakers;
    }

    /// Ends the asks whose deadline has passed, and names those that wait.
    fn sweep(&mut self, now: Time, wakers: &mut Vec<Waker>, waiting: &mut dyn FnMut(u64, Ticket)) {
        let _ = (now, wakers, waiting);
    }

    /// Ends one ask with this error.
    fn end_ask(&mut self, ticket: Ticket, error: AskError, wakers: &mut Vec<Waker>) {
        let _ = (ticket, error, wakers);
    }
}

/// Values that nobody will handle.
pub(crate) trait Lost: Send {
    /// The type of the messages among them that were told or asked, and how many they are.
    fn letters(&self) -> Option<(&'static str, usize)>;
    /// Drops them one by one: one that panics over it takes no other along.
    fn drop_each(self: Box<Self>);
}

impl<M: Send> Lost for VecDeque<Envelope<M>> {
    fn letters(&self) -> Option<(&'static str, usize)> {
        (!self.is_empty()).then(|| (std::any::type_name::<M>(), self.len()))
    }

    fn drop_each(self: Box<Self>) {
        drop_each(*self);
    }
}

fn drop_each<T>(values: VecDeque<T>) {
    for value in values {
        if let Err(panic) = contain(|| drop(value)) {
            tracing::error!(panic, "a message panicked while it was dropped");
        }
    }
}

/// What was told or asked, and where the answer goes.
pub(crate) struct Envelope<M> {
    pub(crate) message: M,
    pub(crate) ask: Ticket,
    /// The actor that sent it, or [`NOBODY`](crate::sched::here::NOBODY).
    pub(crate) sender: u64,
}

impl<M> Envelope<M> {
    /// What was told, by whoever takes its turn on this thread.
    pub(crate) fn told(message: M) -> Self {
        Self::asked(message, Ticket::NONE)
    }

    /// What was asked.
    pub(crate) fn asked(message: M, ask: Ticket) -> Self {
        Self {
            message,
            ask,
            sender: here::actor(),
        }
    }
}

/// The place of one ask's answer: a slot and the turn in which it is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) slot: u32,
    pub(crate) turn: u32,
}

impl Ticket {
    /// Nobody waits for an answer.
    pub(crate) const NONE: Self = Self {
        slot: u32::MAX,
        turn: 0,
    };

    /// Whether anybody waits for an answer.
    #[inline]
    pub(crate) fn is_some(self) -> bool {
        self.slot != u32::MAX
    }
}

/// Told and asked messages of one type, with the slots that answers are left in.
pub(crate) struct DirectRing<M, R> {
    pub(crate) queue: VecDeque<Envelope<M>>,
    pub(crate) slots: Slots<R>,
}

impl<M, R> DirectRing<M, R> {
    /// A queue with room for so many messages; beyond, it grows at first use.
    pub(crate) fn with_room(messages: usize) -> Self {
        Self {
            queue: VecDeque::with_capacity(messages),
            slots: Slots::new(),
        }
    }

    /// Puts a message in. The first makes room for itself alone: many actors never have two that wait.
    #[inline]
    pub(crate) fn push(&mut self, envelope: Envelope<M>) {
        if self.queue.capacity() == 0 {
            self.queue.reserve_exact(1);
        }
        self.queue.push_back(envelope);
    }
}

impl<M: Send + 'static, R: Send + 'static> Ring for DirectRing<M, R> {
    fn clear(&mut self) -> Option<(usize, Box<dyn Lost>)> {
        let queue = std::mem::take(&mut self.queue);
        (!queue.is_empty()).then(|| (queue.len(), Box::new(queue) as _))
    }

    fn end_asks(&mut self, wakers: &mut Vec<Waker>) {
        self.slots.end_all(&AskError::Closed, wakers);
    }

    fn sweep(&mut self, now: Time, wakers: &mut Vec<Waker>, waiting: &mut dyn FnMut(u64, Ticket)) {
        self.slots.sweep(now, wakers, waiting);
    }

    fn end_ask(&mut self, ticket: Ticket, error: AskError, wakers: &mut Vec<Waker>) {
        self.slots.end(ticket, error, wakers);
    }
}

/// Values of an edge that nobody will handle.
pub(crate) struct LostValues<M>(pub(crate) VecDeque<M>);

impl<M: Send> Lost for LostValues<M> {
    fn letters(&self) -> Option<(&'static str, usize)> {
        None
    }

    fn drop_each(self: Box<Self>) {
        drop_each(self.0);
    }
}

/// How an edge holds what its receiver has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// So many of the newest: a newer value displaces the oldest.
    Newest(usize),
    /// So many of the oldest: a newer value is dropped.
    Oldest(usize),
}

/// What became of a value that was offered to a queue.
pub(crate) enum Offered<M> {
    /// It stands in the queue as one more.
    Queued,
    /// It stands in the queue instead of this older one.
    Displaced(M),
    /// There was no room for it.
    Dropped(M),
}

/// Up to here an edge's room is reserved when it is wired; beyond, it grows at first use.
const MOST_RESERVED: usize = 1_024;

/// Readings or events of one edge.
pub(crate) struct EdgeRing<M> {
    keep: Keep,
    queue: VecDeque<(Time, M)>,
    /// How many values were ever taken out.
    taken: u64,
}

impl<M> EdgeRing<M> {
    pub(crate) fn new(keep: Keep) -> Self {
        let (Keep::Newest(room) | Keep::Oldest(room)) = keep;
        Self {
            keep,
            queue: VecDeque::with_capacity(room.min(MOST_RESERVED)),
            taken: 0,
        }
    }

    /// Offers a value that is published at `now`, when the receiver has begun with so many: what is in its hands counts
    /// as kept.
    pub(crate) fn offer(&mut self, now: Time, value: M, delivered: u64) -> Offered<M> {
        let in_hand = usize::try_from(self.taken - delivered).unwrap_or(usize::MAX);
        match self.keep {
            Keep::Newest(room) if self.queue.len() >= room => {
                let oldest = self.queue.pop_front();
                self.queue.push_back((now, value));
                oldest.map_or(Offered::Queued, |(_, oldest)| Offered::Displaced(oldest))
            }
            Keep::Oldest(room) if self.queue.len() + in_hand >= room => Offered::Dropped(value),
            _ => {
                self.queue.push_back((now, value));
                Offered::Queued
            }
        }
    }

    /// Takes the oldest value, with the moment at which it was published.
    pub(crate) fn take(&mut self) -> Option<(Time, M)> {
        let value = self.queue.pop_front();
        self.taken += u64::from(value.is_some());
        value
    }

    /// Hands all values over to their receiver, whose batch is empty, if no newer value may displace them.
    pub(crate) fn hand_over(&mut self, batch: &mut VecDeque<(Time, M)>) {
        if matches!(self.keep, Keep::Oldest(_)) {
            self.taken += self.queue.len() as u64;
            std::mem::swap(&mut self.queue, batch);
        }
    }
}

impl<M: Send + 'static> Ring for EdgeRing<M> {
    fn clear(&mut self) -> Option<(usize, Box<dyn Lost>)> {
        let queue = std::mem::take(&mut self.queue);
        (!queue.is_empty()).then(|| (queue.len(), Box::new(LostValues(queue)) as _))
    }
}

/// The newest command of one edge.
pub(crate) struct CommandRing<M> {
    newest: Option<(Time, Leased<M>)>,
}

impl<M> CommandRing<M> {
    pub(crate) const fn new() -> Self {
        Self { newest: None }
    }

    pub(crate) fn offer(&mut self, now: Time, command: Leased<M>) -> Offered<Leased<M>> {
        self.newest
            .replace((now, command))
            .map_or(Offered::Queued, |(_, older)| Offered::Displaced(older))
    }

    /// Takes the command, with the moment at which it was published.
    pub(crate) fn take(&mut self) -> Option<(Time, Leased<M>)> {
        self.newest.take()
    }
}

impl<M: Send + 'static> Ring for CommandRing<M> {
    fn clear(&mut self) -> Option<(usize, Box<dyn Lost>)> {
        let newest = self.newest.take()?;
        Some((1, Box::new(LostValues(VecDeque::from([newest])))))
    }
}

/// Nothing: the end has no value.
pub(super) struct LastRing;

impl Ring for LastRing {
    fn clear(&mut self) -> Option<(usize, Box<dyn Lost>)> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn the_newest_are_kept_and_the_oldest_given_back() {
        let mut ring = EdgeRing::new(Keep::Newest(2));
        assert!(matches!(ring.offer(Time::ZERO, 1, 0), Offered::Queued));
        assert!(matches!(ring.offer(Time::ZERO, 2, 0), Offered::Queued));
        assert!(matches!(
            ring.offer(Time::ZERO, 3, 0),
            Offered::Displaced(1)
        ));
        ring.hand_over(&mut VecDeque::new());
        let mut take = || ring.take().map(|(_, value)| value);
        assert_eq!((take(), take(), take()), (Some(2), Some(3), None));
    }

    #[test]
    fn the_oldest_are_kept_and_the_newer_given_back() {
        let mut ring = EdgeRing::new(Keep::Oldest(2));
        assert!(matches!(ring.offer(Time::ZERO, 1, 0), Offered::Queued));
        assert!(matches!(ring.offer(Time::ZERO, 2, 0), Offered::Queued));
        assert!(matches!(ring.offer(Time::ZERO, 3, 0), Offered::Dropped(3)));
        let mut batch = VecDeque::new();
        ring.hand_over(&mut batch);
        assert_eq!(batch, [(Time::ZERO, 1), (Time::ZERO, 2)]);
        assert!(
            matches!(ring.offer(Time::ZERO, 4, 0), Offered::Dropped(4)),
            "two are in hand"
        );
        assert!(matches!(ring.offer(Time::ZERO, 5, 1), Offered::Queued));
        assert_eq!(ring.take(), Some((Time::ZERO, 5)));
        assert_eq!(ring.take(), None);
    }

    #[test]
    fn one_command_stands_and_it_is_the_newest() {
        let mut ring = CommandRing::new();
        assert!(matches!(
            ring.offer(Time::ZERO, Leased::new(1, Time::ZERO)),
            Offered::Queued
        ));
        assert!(matches!(
            ring.offer(Time::ZERO, Leased::new(2, Time::ZERO)),
            Offered::Displaced(_)
        ));
        assert_eq!(ring.take().map(|(_, it)| it.into_value()), Some(2));
        assert!(ring.take().is_none());
    }

    #[test]
    fn the_first_message_makes_room_for_itself_alone() {
        let mut ring = DirectRing::<u8, ()>::with_room(0);
        ring.push(Envelope::told(1));
        assert_eq!(ring.queue.capacity(), 1);
    }

    #[test]
    fn messages_are_dead_letters_and_values_of_edges_are_none() {
        let mut told = DirectRing::<u8, ()>::with_room(0);
        told.push(Envelope::told(1));
        let mut values = EdgeRing::new(Keep::Newest(2));
        assert!(matches!(values.offer(Time::ZERO, 1_u8, 0), Offered::Queued));
        let letters = |ring: &mut dyn Ring| ring.clear().map(|(_, lost)| lost.letters());
        assert_eq!(letters(&mut told), Some(Some(("u8", 1))));
        assert_eq!(letters(&mut values), Some(None));
        assert_eq!(letters(&mut told), None, "nothing is left");
    }

    #[test]
    fn a_value_that_panics_as_it_is_dropped_takes_no_other_along() {
        struct Fragile(Arc<AtomicU32>);
        impl Drop for Fragile {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
                panic!("broken");
            }
        }
        let dropped = Arc::new(AtomicU32::new(0));
        let mut ring = EdgeRing::new(Keep::Newest(2));
        for _ in 0..2 {
            let value = Fragile(Arc::clone(&dropped));
            assert!(matches!(ring.offer(Time::ZERO, value, 0), Offered::Queued));
        }
        let (_, lost) = ring.clear().expect("there are two");
        lost.drop_each();
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
    }
}
