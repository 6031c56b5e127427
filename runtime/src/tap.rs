//! The one place where all that happens in a system can be seen.

use crate::Time;
use crate::mixer::Mixer;
use siphasher::sip::SipHasher13;
use std::cell::RefCell;
use std::hash::Hasher;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sees every turn, every message that an actor begins with, and every value that is published along an edge, as bytes.
/// Without a tap nothing is encoded.
pub trait Tap {
    /// A value went along edge number `edge`; `sequence` counts that edge's values from 1.
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]);

    /// Node number `node` took its turn: the nodes of the graph have their places in it, those that were started
    /// since the numbers after, none twice.
    fn turn(&mut self, time: Time, node: u64);

    /// An actor begins with a message, within its turn. What was told or asked need not be encodable, so the message
    /// itself is not to be seen here.
    fn delivery(&mut self, time: Time, delivery: &Delivery) {
        let _ = (time, delivery);
    }
}

/// A message of any kind that an actor begins with: told, asked, from an edge, an input or a timer, or news of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The number of the actor that begins with it, as in [`Tap::turn`].
    pub receiver: u64,
    /// The number of the actor that told or asked it; `None` for all that no actor sent.
    pub sender: Option<u64>,
    /// The type of the message, as the compiler names it.
    pub message: &'static str,
    /// Counts the receiver's messages from 1, from the moment at which there is a tap.
    pub sequence: u64,
}

/// A tap that several threads share.
#[derive(Clone)]
pub(crate) struct SharedTap(Arc<Mutex<Box<dyn Tap + Send>>>);

impl SharedTap {
    pub(crate) fn new(tap: Box<dyn Tap + Send>) -> Self {
        Self(Arc::new(Mutex::new(tap)))
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn Tap + Send>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tap for SharedTap {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.lock().edge(time, edge, sequence, bytes);
    }

    fn turn(&mut self, time: Time, node: u64) {
        self.lock().turn(time, node);
    }

    fn delivery(&mut self, time: Time, delivery: &Delivery) {
        self.lock().delivery(time, delivery);
    }
}

/// Begins what is hashed of a delivery: the second word of no edge, whose number would have to be this large.
const DELIVERY: u64 = 1 << 63;

/// How many names of message types are remembered with their hashes.
const NAMES: usize = 64;

/// A hash over all that happened: one bit, one order, one nanosecond changes it.
#[derive(Clone, Debug)]
pub(crate) struct TraceHash {
    all: Mixer,
    /// The hashes of the names met last, so that a name is hashed once and not with each message. Where a name lies
    /// decides only where its hash is remembered, never what it is.
    names: Box<[(&'static str, u64); NAMES]>,
}

impl TraceHash {
    /// The hash of nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            all: Mixer::new(),
            names: Box::new([("", 0); NAMES]),
        }
    }

    /// The hash of what was seen so far.
    pub(crate) fn value(&self) -> u64 {
        self.all.value()
    }

    /// The hash of a name, which begins where it began when it was met before.
    fn name(&mut self, name: &'static str) -> u64 {
        let place = (name.as_ptr().addr() >> 3) % NAMES;
        let (known, hash) = self.names[place];
        if std::ptr::eq(known, name) {
            return hash;
        }
        let mut hasher = SipHasher13::new_with_keys(0, 0);
        hasher.write(name.as_bytes());
        let hash = hasher.finish();
        self.names[place] = (name, hash);
        hash
    }
}

impl Tap for TraceHash {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.all.add(time.nanos());
        self.all.add(u64::from(edge) << 32 | bytes.len() as u64);
        self.all.add(sequence);
        self.all.add_bytes(bytes);
    }

    fn turn(&mut self, time: Time, node: u64) {
        self.all.add(time.nanos());
        self.all.add(u64::MAX - node);
    }

    fn delivery(&mut self, _: Time, delivery: &Delivery) {
        // When and to whom stands in the turn that it belongs to, and its number follows from those before it.
        let name = self.name(delivery.message);
        self.all
            .add(DELIVERY | delivery.sender.map_or(0, |sender| sender + 1));
        self.all.add(name);
    }
}

/// The trace hash, kept where the report can read it.
pub(crate) struct HashTap(pub(crate) Rc<RefCell<TraceHash>>);

impl Tap for HashTap {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.0.borrow_mut().edge(time, edge, sequence, bytes);
    }

    fn turn(&mut self, time: Time, node: u64) {
        self.0.borrow_mut().turn(time, node);
    }

    fn delivery(&mut self, time: Time, delivery: &Delivery) {
        self.0.borrow_mut().delivery(time, delivery);
    }
}

/// The trace hash and a user's tap.
pub(crate) struct BothTaps(pub(crate) HashTap, pub(crate) SharedTap);

impl Tap for BothTaps {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.0.edge(time, edge, sequence, bytes);
        self.1.edge(time, edge, sequence, bytes);
    }

    fn turn(&mut self, time: Time, node: u64) {
        self.0.turn(time, node);
        self.1.turn(time, node);
    }

    fn delivery(&mut self, time: Time, delivery: &Delivery) {
        self.0.delivery(time, delivery);
        self.1.delivery(time, delivery);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(records: &[(u64, u32, &[u8])]) -> u64 {
        let mut hash = TraceHash::new();
        for (index, (time, edge, bytes)) in records.iter().enumerate() {
            hash.edge(Time::from_nanos(*time), *edge, index as u64, bytes);
        }
        hash.value()
    }

    #[test]
    fn one_bit_one_swap_and_one_nanosecond_change_the_hash() {
        let run = hash(&[(1, 0, &[1, 2]), (1, 1, &[3])]);
        assert_eq!(run, hash(&[(1, 0, &[1, 2]), (1, 1, &[3])]));
        assert_ne!(run, hash(&[(1, 0, &[1, 3]), (1, 1, &[3])]));
        assert_ne!(run, hash(&[(1, 1, &[3]), (1, 0, &[1, 2])]));
        assert_ne!(run, hash(&[(2, 0, &[1, 2]), (1, 1, &[3])]));
        assert_ne!(run, hash(&[(1, 0, &[1, 2]), (1, 1, &[])]));
    }

    #[test]
    fn the_sender_and_the_type_of_a_message_change_the_hash() {
        let hash = |deliveries: &[(Option<u64>, &'static str)]| {
            let mut hash = TraceHash::new();
            for (sender, message) in deliveries {
                let delivery = Delivery {
                    receiver: 0,
                    sender: *sender,
                    message,
                    sequence: 1,
                };
                hash.delivery(Time::ZERO, &delivery);
            }
            hash.value()
        };
        let run = hash(&[(Some(1), "Go"), (Some(2), "Go")]);
        assert_eq!(run, hash(&[(Some(1), "Go"), (Some(2), "Go")]));
        assert_ne!(run, hash(&[(Some(2), "Go"), (Some(1), "Go")]));
        assert_ne!(run, hash(&[(Some(1), "Go"), (None, "Go")]));
        assert_ne!(hash(&[(Some(0), "Go")]), hash(&[(None, "Go")]));
        assert_ne!(run, hash(&[(Some(1), "Go"), (Some(2), "Halt")]));
    }
}
