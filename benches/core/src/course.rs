//! The course of a measurement: chunks of messages, each checked and timed from its first send to its last arrival.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::heap;

/// Chunks that are measured at least, however slow a peer is.
const FEWEST: usize = 3;
/// Chunks that are measured at most, however fast it is.
const MOST: usize = 20_000;

/// Time and heap at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    at: Instant,
    allocations: u64,
}

impl Reading {
    /// Now.
    pub fn now() -> Reading {
        Reading {
            at: Instant::now(),
            allocations: heap::allocations(),
        }
    }
}

/// What a chunk cost, by message.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Nanoseconds.
    pub nanos: f64,
    /// Heap allocations.
    pub allocations: f64,
}

/// What has come of a chunk.
#[derive(Debug, Default)]
struct Arrived {
    receivers: usize,
    seen: u64,
    sum: u64,
    last: Option<Reading>,
}

/// Whom receivers tell. It allocates nothing, or it would be counted.
#[derive(Debug)]
struct Office {
    receivers: usize,
    arrived: Mutex<Arrived>,
    complete: Notify,
    /// Messages seen by receivers that have ended.
    heard: AtomicU64,
}

impl Office {
    fn arrived(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts what one receiver gets, and reports after each chunk.
#[derive(Debug)]
pub struct Tally {
    seen: u64,
    sum: u64,
    each: u64,
    office: Arc<Office>,
}

impl Tally {
    /// Counts one message.
    #[inline]
    pub fn count(&mut self, number: u64) {
        self.sum = self.sum.wrapping_add(number);
        self.seen += 1;
        if self.seen == self.each {
            self.report();
        }
    }

    #[cold]
    fn report(&mut self) {
        let mut arrived = self.office.arrived();
        arrived.receivers += 1;
        arrived.seen += std::mem::take(&mut self.seen);
        arrived.sum = arrived.sum.wrapping_add(std::mem::take(&mut self.sum));
        if arrived.receivers == self.office.receivers {
            arrived.last = Some(Reading::now());
            drop(arrived);
            self.office.complete.notify_one();
        }
    }
}

impl Tally {
    /// Hands in what it has seen, as it also does when it is dropped.
    pub fn end(&mut self) {
        let seen = std::mem::take(&mut self.seen);
        self.office.heard.fetch_add(seen, Relaxed);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a chunk must come to, or its rate is no rate.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// How many receivers there are.
    pub receivers: usize,
    /// Messages to each of them.
    pub each: u64,
    /// The sum of the numbers of all messages.
    pub sum: u64,
}

impl Chunk {
    /// Messages of a chunk.
    pub const fn messages(self) -> u64 {
        self.receivers as u64 * self.each
    }
}

/// The numbers below `end`, added up.
pub const fn sum_below(end: u64) -> u64 {
    end * end.saturating_sub(1) / 2
}

/// Chunk after chunk until the time is over.
#[derive(Debug)]
pub struct Course {
    chunk: Chunk,
    budget: Duration,
    began: Option<Instant>,
    office: Arc<Office>,
    samples: Vec<Sample>,
}

impl Course {
    /// A course of such chunks that takes about this long.
    pub fn new(chunk: Chunk, budget: Duration) -> Course {
        Course {
            chunk,
            budget,
            began: None,
            office: Arc::new(Office {
                receivers: chunk.receivers,
                arrived: Mutex::default(),
                complete: Notify::new(),
                heard: AtomicU64::new(0),
            }),
            samples: Vec::new(),
        }
    }

    /// Its chunk.
    pub fn chunk(&self) -> Chunk {
        self.chunk
    }

    /// A tally for each receiver.
    pub fn tallies(&self) -> Vec<Tally> {
        (0..self.chunk.receivers).map(|_| self.tally()).collect()
    }

    /// A tally for one receiver.
    pub fn tally(&self) -> Tally {
        Tally {
            seen: 0,
            sum: 0,
            each: self.chunk.each,
            office: Arc::clone(&self.office),
        }
    }

    /// Whether there is another chunk.
    pub fn goes_on(&self) -> bool {
        let over = self.began.is_some_and(|at| at.elapsed() >= self.budget);
        self.samples.len() < FEWEST || (!over && self.samples.len() < MOST)
    }

    /// Waits until all receivers have their messages, checks them, and takes the time until the last came.
    pub async fn arrived(&mut self, began: Reading) {
        let last = self.checked().await;
        self.take(began, last);
    }

    /// As [`arrived`](Self::arrived), where the measurement ended here and not with the last arrival.
    pub async fn ended(&mut self, began: Reading, ended: Reading) {
        self.checked().await;
        self.take(began, ended);
    }

    /// Takes a chunk of actors that have ended, and what they heard before.
    ///
    /// # Panics
    /// When they did not hear one message each.
    pub fn lived(&mut self, began: Reading, ended: Reading) {
        let heard = self.office.heard.swap(0, Relaxed);
        assert_eq!(heard, self.chunk.each, "messages that were heard");
        self.take(began, ended);
    }

    /// Waits until all receivers have their messages, and checks them. The moment at which the last came.
    ///
    /// # Panics
    /// When some were lost or doubled: a rate of lost messages is no rate.
    pub async fn checked(&mut self) -> Reading {
        self.office.complete.notified().await;
        let arrived = std::mem::take(&mut *self.office.arrived());
        assert_eq!(arrived.seen, self.chunk.messages(), "messages that came");
        assert_eq!(arrived.sum, self.chunk.sum, "the sum of what came");
        arrived.last.expect("the last receiver has noted it")
    }

    /// Takes a chunk that was checked. The first one warms the caches and grows the queues; it is not kept.
    pub fn take(&mut self, began: Reading, ended: Reading) {
        if self.began.is_none() {
            self.began = Some(Instant::now());
            return;
        }
        let messages = self.chunk.messages() as f64;
        self.samples.push(Sample {
            nanos: ended.at.duration_since(began.at).as_nanos() as f64 / messages,
            allocations: (ended.allocations - began.allocations) as f64 / messages,
        });
    }

    /// Every sample, in the order in which they were taken.
    pub fn samples(self) -> Vec<Sample> {
        self.samples
    }
}
