//! What passed through a claim.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// What passed through one claim since the board was made; restarts of its actor do not reset it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Edges that the input delivered.
    pub edges: u64,
    /// Edges that the input lost, by the gaps in their sequence numbers.
    pub lost_edges: u64,
    /// Transactions on I2C or SPI, failed ones included.
    pub transactions: u64,
    /// Transactions that failed.
    pub bus_errors: u64,
    /// Bytes that a serial port received.
    pub bytes_read: u64,
    /// Bytes that a serial port sent.
    pub bytes_written: u64,
}

/// The same as counters that any thread raises.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) edges: Counter,
    pub(crate) lost_edges: Counter,
    pub(crate) transactions: Counter,
    pub(crate) bus_errors: Counter,
    pub(crate) bytes_read: Counter,
    pub(crate) bytes_written: Counter,
}

impl Counters {
    pub(crate) fn read(&self) -> Statistics {
        Statistics {
            edges: self.edges.read(),
            lost_edges: self.lost_edges.read(),
            transactions: self.transactions.read(),
            bus_errors: self.bus_errors.read(),
            bytes_read: self.bytes_read.read(),
            bytes_written: self.bytes_written.read(),
        }
    }
}

/// One number that only grows. Nothing else hangs on it, so no order is asked for.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
