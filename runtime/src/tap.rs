//! The one place where all that travels edges can be seen.

use crate::Time;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sees every value that is published along an edge, as bytes. Without a tap nothing is encoded.
pub trait Tap {
    /// A value went along edge number `edge`; `sequence` counts that edge's values from 1.
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]);

    /// Node number `node` took its turn: the nodes of the graph have their places in it, those that were started
    /// since the numbers after, none twice.
    fn turn(&mut self, time: Time, node: u64);
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
}

/// A hash over all that happened: one bit, one order, one nanosecond changes it.
#[derive(Clone, Debug)]
pub(crate) struct TraceHash(SipHasher13);

impl TraceHash {
    /// The hash of nothing yet.
    pub(crate) fn new() -> Self {
        Self(SipHasher13::new_with_keys(0, 0))
    }

    /// The hash of what was seen so far.
    pub(crate) fn value(&self) -> u64 {
        self.0.finish()
    }
}

impl Tap for TraceHash {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.0.write_u64(time.nanos());
        self.0.write_u64(u64::from(edge) << 32 | bytes.len() as u64);
        self.0.write_u64(sequence);
        self.0.write(bytes);
    }

    fn turn(&mut self, time: Time, node: u64) {
        self.0.write_u64(time.nanos());
        self.0.write_u64(u64::MAX - node);
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
}
