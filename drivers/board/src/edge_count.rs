//! How many edges were delivered, and how many are missing between them.

use crate::statistics::Counters;
use std::sync::Arc;

/// Counts edges by the numbers that they carry; the first of each opening is 1, and numbers wrap.
#[derive(Debug)]
pub(crate) struct EdgeCount {
    last: u32,
    counters: Arc<Counters>,
}

impl EdgeCount {
    /// Before the first edge; what is counted is added to these.
    pub(crate) const fn new(counters: Arc<Counters>) -> Self {
        Self { last: 0, counters }
    }

    /// An edge of this number was delivered: those between it and the last are lost.
    pub(crate) fn add(&mut self, sequence: u32) {
        let last = std::mem::replace(&mut self.last, sequence);
        let lost = sequence.wrapping_sub(last).saturating_sub(1);
        self.counters.lost_edges.add(u64::from(lost));
        self.counters.edges.add(1);
    }

    /// How many the claim is known to have lost.
    pub(crate) fn lost(&self) -> u64 {
        self.counters.lost_edges.read()
    }
}
