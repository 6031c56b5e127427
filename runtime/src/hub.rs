//! What all actors of one thread share: the clock's reading, the tap, the seed.

use crate::cell::AnyCell;
use crate::directory::Directory;
use crate::edge::Outs;
use crate::mailbox::Shared;
use crate::tap::{Delivery, Tap};
use crate::{Message, Time};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// The shared state of one thread's actors.
pub(crate) struct Hub {
    now: Cell<Time>,
    /// Reads the clock where time passes by itself; absent in virtual time.
    pub(crate) clock: Option<crate::clock::RealClock>,
    pub(crate) seed: u64,
    pub(crate) shared: Arc<Shared>,
    /// Whether there is a tap.
    tapped: Cell<bool>,
    pub(crate) directory: Arc<Directory>,
    /// The edges of those from whom none begins.
    pub(crate) no_outs: Rc<Outs>,
    /// Cells that were made in this turn, for the scheduler to take after it.
    newborns: RefCell<VecDeque<Box<dyn AnyCell>>>,
    tap: RefCell<Option<TapState>>,
    /// What a test has come late, by its moment and in the order in which it was published.
    late: RefCell<BTreeMap<(Time, u64), Deliver>>,
    /// How much came late so far.
    late_count: Cell<u64>,
}

/// Carries on with what was held back.
pub(crate) type Deliver = Box<dyn FnOnce(&Hub)>;

/// A tap and the buffer that values are encoded into.
struct TapState {
    tap: Box<dyn Tap>,
    buffer: Vec<u8>,
}

impl Hub {
    pub(crate) fn new(
        clock: Option<crate::clock::RealClock>,
        seed: u64,
        shared: Arc<Shared>,
        directory: Arc<Directory>,
    ) -> Self {
        Self {
            now: Cell::new(Time::ZERO),
            clock,
            seed,
            shared,
            tapped: Cell::new(false),
            directory,
            no_outs: Rc::default(),
            newborns: RefCell::default(),
            tap: RefCell::new(None),
            late: RefCell::default(),
            late_count: Cell::new(0),
        }
    }

    /// Holds something back until a moment.
    #[cold]
    pub(crate) fn hold_until(&self, moment: Time, deliver: Deliver) {
        let number = self.late_count.get();
        self.late_count.set(number + 1);
        self.late.borrow_mut().insert((moment, number), deliver);
    }

    /// When the first of what is held back is to go on.
    pub(crate) fn next_late(&self) -> Option<Time> {
        let late = self.late.borrow();
        late.first_key_value().map(|((moment, _), _)| *moment)
    }

    /// Lets go on what was held back until now.
    pub(crate) fn deliver_late(&self, now: Time) {
        while self.next_late().is_some_and(|moment| moment <= now) {
            let first = self.late.borrow_mut().pop_first();
            if let Some((_, deliver)) = first {
                deliver(self);
            }
        }
    }

    /// Hands a new cell to the scheduler.
    pub(crate) fn bear(&self, cell: Box<dyn AnyCell>) {
        self.shared.fate.count_in();
        self.newborns.borrow_mut().push_back(cell);
    }

    /// Takes the first of the new cells.
    pub(crate) fn take_newborn(&self) -> Option<Box<dyn AnyCell>> {
        self.newborns.borrow_mut().pop_front()
    }

    /// Sets the tap.
    pub(crate) fn set_tap(&self, tap: Box<dyn Tap>) {
        self.tapped.set(true);
        *self.tap.borrow_mut() = Some(TapState {
            tap,
            buffer: vec![0; 256],
        });
    }

    /// Now.
    #[inline]
    pub(crate) fn now(&self) -> Time {
        match &self.clock {
            Some(clock) => clock.now(),
            None => self.now.get(),
        }
    }

    /// Whether it is earlier than `moment`; the clock is not read if it was seen to be later.
    #[inline]
    pub(crate) fn is_before(&self, moment: Time) -> bool {
        self.seen() < moment && self.now() < moment
    }

    /// The moment at which the scheduler last looked at the clock: what counts where it need not be the very moment.
    #[inline]
    pub(crate) fn seen(&self) -> Time {
        self.now.get()
    }

    /// Moves the reading of the clock.
    pub(crate) fn set_now(&self, now: Time) {
        self.now.set(now);
        self.shared.set_now(now);
    }

    /// Shows a turn to the tap.
    #[inline]
    pub(crate) fn tap_turn(&self, node: u64) {
        if !self.tapped.get() {
            return;
        }
        if let Some(state) = self.tap.borrow_mut().as_mut() {
            state.tap.turn(self.now(), node);
        }
    }

    /// Whether there is a tap.
    #[inline]
    pub(crate) fn is_tapped(&self) -> bool {
        self.tapped.get()
    }

    /// Shows a message that an actor begins with to the tap.
    pub(crate) fn tap_delivery(&self, delivery: &Delivery) {
        if let Some(state) = self.tap.borrow_mut().as_mut() {
            state.tap.delivery(self.now(), delivery);
        }
    }

    /// Shows a published value to the tap, once for each edge: (edge, sequence) pairs.
    pub(crate) fn tap_value<M: Message>(&self, value: &M, edges: impl Iterator<Item = (u32, u64)>) {
        if !self.tapped.get() {
            edges.for_each(drop);
            return;
        }
        let mut tap = self.tap.borrow_mut();
        let Some(TapState { tap, buffer }) = tap.as_mut() else {
            return;
        };
        let length = encode(value, buffer).unwrap_or_else(|error| {
            tracing::error!(%error, "a message could not be encoded; the trace holds it as empty");
            0
        });
        let (now, bytes) = (self.now(), &buffer[..length]);
        edges.for_each(|(edge, sequence)| tap.edge(now, edge, sequence, bytes));
    }
}

/// Encodes a message into the buffer, which grows if it has to; how long it is.
fn encode<M: Message>(message: &M, buffer: &mut Vec<u8>) -> postcard::Result<usize> {
    match postcard::to_slice(message, buffer) {
        Ok(bytes) => Ok(bytes.len()),
        Err(postcard::Error::SerializeBufferFull) => {
            *buffer = postcard::to_stdvec(message)?;
            Ok(buffer.len())
        }
        Err(error) => Err(error),
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_encoded_whole_whatever_the_size_of_the_buffer() {
        let mut buffer = vec![0; 4];
        for message in [vec![1_u8; 2], vec![2; 300], vec![3; 5], Vec::new()] {
            let length = encode(&message, &mut buffer).unwrap();
            assert_eq!(buffer[..length], postcard::to_stdvec(&message).unwrap());
        }
        assert_eq!(buffer.len(), 302, "it has grown once, for the longest");
    }
}
