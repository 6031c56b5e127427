//! On which terms a pool takes its workers on.

use super::Pool;
use sinew_runtime::{Actor, Factory, Failure, Handler, Restart};
use std::sync::Arc;
use std::time::Duration;

/// How many jobs may wait if nothing is said.
const ROOM: usize = 256;
/// How long a job may take if nothing is said: as long as an ask.
const JOB_LIMIT: Duration = Duration::from_secs(5);
/// How long a worker that is more than needed rests before it leaves, if nothing is said.
const REST: Duration = Duration::from_secs(10);

/// On which terms workers are taken on.
pub(super) struct Terms<W> {
    pub(super) make: Arc<dyn Fn() -> Result<W, Failure> + Send + Sync>,
    pub(super) at_least: usize,
    pub(super) at_most: usize,
    pub(super) room: usize,
    pub(super) limit: Duration,
    pub(super) rest: Duration,
    pub(super) restart: Restart,
}

impl<W: Actor> Terms<W> {
    /// What builds one worker, again after its failures.
    pub(super) fn factory(&self) -> Factory<W> {
        let make = Arc::clone(&self.make);
        Factory::new(move || make())
    }
}

impl<W> Clone for Terms<W> {
    fn clone(&self) -> Self {
        Self {
            make: Arc::clone(&self.make),
            ..*self
        }
    }
}

impl<W: Handler<M>, M: Send + 'static> Pool<W, M> {
    /// A pool of workers that this closure builds, each at its start and again after its failures: one at most, and
    /// none while there is nothing to do, if nothing else is said.
    #[must_use]
    pub fn of(make: impl Fn() -> Result<W, Failure> + Send + Sync + 'static) -> Self {
        Self::on(Terms {
            make: Arc::new(make),
            at_least: 0,
            at_most: 1,
            room: ROOM,
            limit: JOB_LIMIT,
            rest: REST,
            restart: Restart::patient(),
        })
    }

    /// Keeps so many workers, work or no work.
    #[must_use]
    pub fn at_least(mut self, workers: usize) -> Self {
        self.terms.at_least = workers;
        self.terms.at_most = self.terms.at_most.max(workers);
        self
    }

    /// Has at most so many workers; one at least.
    #[must_use]
    pub fn at_most(mut self, workers: usize) -> Self {
        self.terms.at_most = workers.max(1);
        self.terms.at_least = self.terms.at_least.min(self.terms.at_most);
        self
    }

    /// Lets so many jobs wait; 256 if nothing is said.
    #[must_use]
    pub fn room(mut self, jobs: usize) -> Self {
        self.terms.room = jobs;
        self
    }

    /// Lets a job take so long, from the moment at which a worker gets it; 5 s if nothing is said.
    #[must_use]
    pub fn limit(mut self, time: Duration) -> Self {
        self.terms.limit = time;
        self
    }

    /// Lets a worker go that has rested for so long and is more than needed; after 10 s if nothing is said.
    #[must_use]
    pub fn rest(mut self, time: Duration) -> Self {
        self.terms.rest = time;
        self
    }

    /// Says how a worker is built anew after a failure: again and again, with growing pauses, if nothing is said. A
    /// limit ends the pool with the worker.
    #[must_use]
    pub fn restart(mut self, restart: Restart) -> Self {
        self.terms.restart = restart;
        self
    }
}
