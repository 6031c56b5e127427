//! A thread for each bus whose transactions block, for those who await them.

use crate::lookout::Lookout;
use crate::sync::lock;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// How often a bus's thread looks for its next job before it sleeps: some hundred microseconds, in which who awaited the last has
/// come back with another.
const LOOKS: u32 = 10_000;

/// What a bus's thread carries out.
pub(crate) trait Job: Debug + Send + Sync {
    /// Blocks until it is done, and wakes who awaits it.
    fn run(&self);
}

/// The threads of a board's buses; a clone is the same ones. Each starts with its first job.
#[derive(Clone, Debug, Default)]
pub(crate) struct BusThreads(Arc<Mutex<BTreeMap<String, Arc<BusThread>>>>);

impl BusThreads {
    /// The thread of this bus, such as `i2c-1`.
    ///
    /// # Errors
    ///
    /// If the operating system denies it.
    pub(crate) fn of(&self, bus: &str) -> io::Result<Arc<BusThread>> {
        let mut threads = lock(&self.0);
        if let Some(thread) = threads.get(bus) {
            return Ok(Arc::clone(thread));
        }
        let thread = Arc::new(BusThread::start(bus)?);
        threads.insert(bus.to_owned(), Arc::clone(&thread));
        Ok(thread)
    }
}

/// A thread that does one job after the other, in the order in which they came. It ends when this is gone and its jobs are
/// done.
#[derive(Debug)]
pub(crate) struct BusThread(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    some: Condvar,
    /// Whether there may be a job; only a hint.
    may_be_some: AtomicBool,
    lookout: Lookout,
}

#[derive(Debug, Default)]
struct Jobs {
    waiting: VecDeque<Arc<dyn Job>>,
    is_over: bool,
}

impl BusThread {
    fn start(name: &str) -> io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let mine = Arc::clone(&queue);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || mine.work())?;
        Ok(Self(queue))
    }

    /// Has a job done after those that wait.
    pub(crate) fn submit(&self, job: Arc<dyn Job>) {
        lock(&self.0.jobs).waiting.push_back(job);
        self.0.may_be_some.store(true, Ordering::Relaxed);
        self.0.some.notify_one();
    }
}

impl Drop for BusThread {
    fn drop(&mut self) {
        lock(&self.0.jobs).is_over = true;
        self.0.some.notify_one();
    }
}

impl Queue {
    fn work(&self) {
        while let Some(job) = self.next() {
            // A backend that panics fails its transaction (the job sees to that) and must not take the bus with it.
            let _ = catch_unwind(AssertUnwindSafe(|| job.run()));
        }
    }

    fn next(&self) -> Option<Arc<dyn Job>> {
        self.may_be_some.store(false, Ordering::Relaxed);
        let mut jobs = lock(&self.jobs);
        if jobs.waiting.is_empty() && !jobs.is_over {
            drop(jobs);
            self.lookout
                .look(LOOKS, || self.may_be_some.load(Ordering::Relaxed));
            jobs = lock(&self.jobs);
        }
        loop {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            if jobs.is_over {
                return None;
            }
            jobs = self.some.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
