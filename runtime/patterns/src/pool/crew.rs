//! The workers of a pool: who is there, who works on what, and who rests since when.

use sinew_runtime::{Actor, Address, Time};

/// All workers.
pub(super) struct Crew<W: Actor>(Vec<Worker<W>>);

/// One worker.
pub(super) struct Worker<W: Actor> {
    pub(super) number: u64,
    pub(super) address: Address<W>,
    pub(super) state: State,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It waits for work since then.
    Rests(Time),
    /// It failed then, and is built anew after its pause.
    Recovers(Time),
    /// It works, on a job of this key if that has one.
    Works(Option<u64>),
    /// It was told to end, and is not gone yet.
    Leaves,
}

impl<W: Actor> Crew<W> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many there are, those counted that leave.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn add(&mut self, worker: Worker<W>) {
        self.0.push(worker);
    }

    /// The worker of this number, unless it is gone.
    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Worker<W>> {
        self.0.iter_mut().find(|worker| worker.number == number)
    }

    /// Strikes off the worker of this name. `true`: there was one.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|worker| worker.address.name() != name);
        self.0.len() < before
    }

    /// How many work.
    pub(super) fn working(&self) -> usize {
        let works = |worker: &&Worker<W>| matches!(worker.state, State::Works(_));
        self.0.iter().filter(works).count()
    }

    /// Whether somebody works on a job of this key.
    pub(super) fn works_on(&self, key: u64) -> bool {
        let mut workers = self.0.iter();
        workers.any(|worker| worker.state == State::Works(Some(key)))
    }

    /// Who gets the next job: of those that rest the one that rests for the shortest time, so that the others come to
    /// rest long enough to leave.
    pub(super) fn rested(&mut self) -> Option<&mut Worker<W>> {
        self.idle(|state| matches!(state, State::Rests(_)))
            .max_by_key(rested_since)
    }

    /// Who gets it otherwise: one that failed and is built anew.
    pub(super) fn recovering(&mut self) -> Option<&mut Worker<W>> {
        self.idle(|state| matches!(state, State::Recovers(_)))
            .min_by_key(rested_since)
    }

    /// Who has no job for the longest time, and since when.
    pub(super) fn most_rested(&mut self) -> Option<(Time, &mut Worker<W>)> {
        let idle = self.idle(|state| matches!(state, State::Rests(_) | State::Recovers(_)));
        let most = idle.min_by_key(rested_since)?;
        Some((rested_since(&most).0, most))
    }

    fn idle(&mut self, is: impl Fn(State) -> bool) -> impl Iterator<Item = &mut Worker<W>> {
        self.0.iter_mut().filter(move |worker| is(worker.state))
    }

    /// How many are there and do not leave.
    pub(super) fn staying(&self) -> usize {
        let stays = |worker: &&Worker<W>| worker.state != State::Leaves;
        self.0.iter().filter(stays).count()
    }

    /// The addresses of those that do not leave.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Address<W>> {
        let stays = |worker: &&Worker<W>| worker.state != State::Leaves;
        self.0.iter().filter(stays).map(|worker| &worker.address)
    }
}

/// Since when a worker has no job; of two since one moment the one taken on first comes first.
fn rested_since<W: Actor>(worker: &&mut Worker<W>) -> (Time, u64) {
    let since = match worker.state {
        State::Rests(since) | State::Recovers(since) => since,
        State::Works(_) | State::Leaves => Time::NEVER,
    };
    (since, worker.number)
}

impl<W: Actor> Worker<W> {
    /// Tells it to end; what it works on is dropped where it waits.
    pub(super) fn leave(&mut self) {
        self.address.stop();
        self.state = State::Leaves;
    }
}
