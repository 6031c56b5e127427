//! Who waits for room in a mailbox.

use crate::sched::here;
use std::collections::VecDeque;
use std::task::Waker;

/// Who waits for room in one mailbox. Senders that find none are let in in the order in which they came, as many at once
/// as there is room for; room is kept for each until it sends, so that nobody who came later takes it.
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
    /// Those who came before this one were let in, or left.
    let_in_below: u64,
    /// For how many of those who were let in room is kept, until they send or leave.
    kept: u64,
}

/// Wakers of senders that were let in, to be woken outside of the lock; so few at a time that they need no heap.
pub(crate) type LetIn = [Option<Waker>; 8];

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

    /// Whether room is kept for the sender with this place.
    #[inline]
    pub(crate) fn is_let_in(&self, waiter: Option<u64>) -> bool {
        let below = self.queue.as_ref().map_or(0, |queue| queue.let_in_below);
        waiter.is_some_and(|id| id < below)
    }

    /// For how many senders room is kept.
    #[inline]
    pub(crate) fn kept(&self) -> u64 {
        self.queue.as_ref().map_or(0, |queue| queue.kept)
    }

    /// Keeps room for the first of those who wait, for `most` of them at most; they are to be woken. `true`: there may
    /// be more to let in.
    pub(crate) fn let_in(&mut self, most: u64, wakers: &mut LetIn) -> bool {
        let Some(queue) = &mut self.queue else {
            return false;
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        for waker in wakers.iter_mut().take(most) {
            let Some(waiter) = queue.waiting.pop_front() else {
                return false;
            };
            queue.let_in_below = waiter.id + 1;
            queue.kept += 1;
            *waker = Some(waiter.waker);
        }
        most > wakers.len() && !queue.waiting.is_empty()
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

    /// A sender waits no more: it is taken out of the queue, or the room that was kept for it is free.
    pub(crate) fn leave(&mut self, waiter: Option<u64>) {
        if let (Some(id), Some(queue)) = (waiter, &mut self.queue) {
            if id < queue.let_in_below {
                queue.kept -= 1;
            } else {
                queue.waiting.retain(|waiter| waiter.id != id);
            }
        }
    }

    /// Forgets all senders that wait; their wakers come back.
    pub(crate) fn clear(&mut self) -> impl Iterator<Item = Waker> {
        let queue = self.queue.iter_mut();
        queue.flat_map(|queue| queue.waiting.drain(..).map(|waiter| waiter.waker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many senders that wait, by their places.
    fn waiting(room: &mut Room, senders: usize) -> Vec<Option<u64>> {
        let place = |_| {
            let mut place = None;
            room.wait(&mut place, Waker::noop());
            place
        };
        (0..senders).map(place).collect()
    }

    #[test]
    fn only_the_first_that_waits_is_first() {
        let mut room = Room::default();
        assert!(room.is_first(None), "nobody waits");
        let places = waiting(&mut room, 2);
        let first = [places[0], places[1], None].map(|place| room.is_first(place));
        assert_eq!(first, [true, false, false]);
    }

    #[test]
    fn it_is_awaited_until_the_last_was_let_in_or_left() {
        let mut room = Room::default();
        assert!(!room.is_awaited());
        let places = waiting(&mut room, 2);
        assert!(!room.let_in(1, &mut LetIn::default()));
        assert!(room.is_awaited());
        assert_eq!(room.kept(), 1);
        assert!(room.is_let_in(places[0]) && !room.is_let_in(places[1]));
        room.leave(places[1]);
        assert!(!room.is_awaited());
    }

    #[test]
    fn there_are_more_to_let_in_while_room_and_senders_are_left() {
        let few = LetIn::default().len();
        let more = |senders: usize, most: usize| {
            let mut room = Room::default();
            waiting(&mut room, senders);
            let mut wakers = LetIn::default();
            let more = room.let_in(most as u64, &mut wakers);
            (more, wakers.iter().flatten().count())
        };
        assert_eq!(more(few + 1, few + 1), (true, few));
        assert_eq!(more(few + 1, few), (false, few), "no room is left");
        assert_eq!(more(few, few + 1), (false, few), "nobody is left");
        assert_eq!(
            more(few + 1, few - 1),
            (false, few - 1),
            "less room than senders"
        );
    }
}
