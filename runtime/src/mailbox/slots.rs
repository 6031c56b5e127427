//! Where answers wait for their askers: reusable slots, so that an ask allocates nothing.

use super::ring::Ticket;
use crate::sched::here;
use crate::{AskError, Time};
use std::task::Waker;

/// The slots of one message type, made by the first ask: most types are only ever told.
pub(crate) struct Slots<R>(Option<Box<Places<R>>>);

/// All slots there are, and which of them nobody uses.
struct Places<R> {
    slots: Vec<Slot<R>>,
    free: Vec<u32>,
}

impl<R> Default for Places<R> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

/// One slot. Its turn advances each time it changes hands, so that a late answer finds a newer turn.
struct Slot<R> {
    turn: u32,
    state: State<R>,
}

enum State<R> {
    Free,
    Waiting {
        waker: Waker,
        deadline: Time,
        /// The actor that asks, if one does.
        asker: u64,
    },
    Answered(Result<R, AskError>),
}

impl<R> Slots<R> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// The slot of a ticket.
    #[inline]
    fn slot(&mut self, ticket: Ticket) -> &mut Slot<R> {
        let places = self.0.as_mut().expect("a ticket is of a slot");
        &mut places.slots[ticket.slot as usize]
    }

    /// All slots.
    fn all(&mut self) -> impl Iterator<Item = &mut Slot<R>> {
        self.0.iter_mut().flat_map(|places| &mut places.slots)
    }

    /// Takes a slot for an ask that waits until `deadline`.
    pub(crate) fn open(&mut self, waker: &Waker, deadline: Time) -> Ticket {
        let state = State::Waiting {
            waker: waker.clone(),
            deadline,
            asker: here::actor(),
        };
        let places = self.0.get_or_insert_default();
        if let Some(slot) = places.free.pop() {
            let place = &mut places.slots[slot as usize];
            place.state = state;
            Ticket {
                slot,
                turn: place.turn,
            }
        } else {
            let slot = u32::try_from(places.slots.len()).expect("asks are bounded by the mailbox");
            places.slots.push(Slot { turn: 0, state });
            Ticket { slot, turn: 0 }
        }
    }

    /// Leaves an answer, if the asker still waits; returns whom to wake.
    pub(crate) fn answer(
        &mut self,
        ticket: Ticket,
        answer: Result<R, AskError>,
    ) -> Result<Option<Waker>, Result<R, AskError>> {
        let place = self.slot(ticket);
        if place.turn != ticket.turn {
            return Err(answer);
        }
        if !matches!(place.state, State::Waiting { .. }) {
            return Err(answer);
        }
        match std::mem::replace(&mut place.state, State::Answered(answer)) {
            State::Waiting { waker, .. } => Ok(Some(waker)),
            State::Free | State::Answered(_) => Ok(None),
        }
    }

    /// Takes the answer if it is there, else renews the waker.
    pub(crate) fn collect(&mut self, ticket: Ticket, waker: &Waker) -> Option<Result<R, AskError>> {
        let place = self.slot(ticket);
        if place.turn != ticket.turn {
            return Some(Err(AskError::Closed));
        }
        match &mut place.state {
            State::Waiting { waker: known, .. } => {
                known.clone_from(waker);
                None
            }
            State::Free => Some(Err(AskError::Closed)),
            State::Answered(_) => {
                let state = std::mem::replace(&mut place.state, State::Free);
                self.retire(ticket);
                match state {
                    State::Answered(answer) => Some(answer),
                    State::Free | State::Waiting { .. } => None,
                }
            }
        }
    }

    /// Gives a slot up: whatever is answered later finds a newer turn. Returns what lay in it.
    pub(crate) fn retire(&mut self, ticket: Ticket) -> Option<Result<R, AskError>> {
        let place = self.slot(ticket);
        if place.turn != ticket.turn {
            return None;
        }
        place.turn = place.turn.wrapping_add(1);
        let state = std::mem::replace(&mut place.state, State::Free);
        if let Some(places) = &mut self.0 {
            places.free.push(ticket.slot);
        }
        match state {
            State::Answered(answer) => Some(answer),
            State::Free | State::Waiting { .. } => None,
        }
    }

    /// Answers all who wait beyond their deadline with [`AskError::TimedOut`], and names the others: who asks, and by
    /// which ticket.
    pub(crate) fn sweep(
        &mut self,
        now: Time,
        wakers: &mut Vec<Waker>,
        waiting: &mut dyn FnMut(u64, Ticket),
    ) {
        for (slot, place) in (0_u32..).zip(self.all()) {
            match place.state {
                State::Waiting { deadline, .. } if deadline <= now => {
                    place.end(AskError::TimedOut, wakers);
                }
                State::Waiting { asker, .. } => {
                    let turn = place.turn;
                    waiting(asker, Ticket { slot, turn });
                }
                State::Free | State::Answered(_) => {}
            }
        }
    }

    /// Answers one ask, if it still waits, with `error`.
    pub(crate) fn end(&mut self, ticket: Ticket, error: AskError, wakers: &mut Vec<Waker>) {
        let place = self.slot(ticket);
        if place.turn == ticket.turn {
            place.end(error, wakers);
        }
    }

    /// Answers all who wait with `error`.
    pub(crate) fn end_all(&mut self, error: &AskError, wakers: &mut Vec<Waker>) {
        for place in self.all() {
            place.end(error.clone(), wakers);
        }
    }
}

impl<R> Slot<R> {
    fn end(&mut self, error: AskError, wakers: &mut Vec<Waker>) {
        if !matches!(self.state, State::Waiting { .. }) {
            return;
        }
        let ended = State::Answered(Err(error));
        if let State::Waiting { waker, .. } = std::mem::replace(&mut self.state, ended) {
            wakers.push(waker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_answer_never_reaches_a_new_ask() {
        let mut slots = Slots::new();
        let old = slots.open(Waker::noop(), Time::NEVER);
        slots.retire(old);
        let new = slots.open(Waker::noop(), Time::NEVER);
        assert_eq!(old.slot, new.slot, "the slot is used again");
        assert!(slots.answer(old, Ok("late")).is_err());
        assert_eq!(slots.collect(new, Waker::noop()), None);
        assert!(slots.answer(new, Ok("mine")).is_ok());
        assert_eq!(slots.collect(new, Waker::noop()), Some(Ok("mine")));
    }

    #[test]
    fn a_deadline_ends_those_who_wait_and_no_others() {
        let mut slots = Slots::<u8>::new();
        let soon = slots.open(Waker::noop(), Time::from_nanos(5));
        let late = slots.open(Waker::noop(), Time::from_nanos(9));
        let (mut wakers, mut others) = (Vec::new(), Vec::new());
        slots.sweep(Time::from_nanos(5), &mut wakers, &mut |asker, ticket| {
            others.push((asker, ticket));
        });
        assert_eq!(wakers.len(), 1);
        assert_eq!(others, [(here::NOBODY, late)]);
        assert_eq!(
            slots.collect(soon, Waker::noop()),
            Some(Err(AskError::TimedOut))
        );
        assert_eq!(slots.collect(late, Waker::noop()), None);
    }
}
