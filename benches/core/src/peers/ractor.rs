//! ractor: one enum of messages an actor, boxed, in an unbounded `mpsc`, with ports for signals beside it.

use std::marker::PhantomData;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call};

use super::Peer;
use crate::actors::{Actors, Link, Script, next, ring_of};
use crate::case::Threads;
use crate::course::Tally;
use crate::payload::Payload;
use crate::scenarios::by_actors;
use crate::tasks;
use crate::worker::Worker;

/// The peer.
pub const PEER: Peer = Peer {
    name: "ractor",
    package: "ractor",
    title: "ractor",
    note: "unbounded; an actor has started when its spawn returns; without spans; a stop is its `stop`, a life ends by `drain`",
    ahead: None,
    measure: by_actors::<Ractor>,
};

struct Ractor;

/// What a counter is sent.
pub enum Letter<M> {
    Value(M),
    Question(M, RpcReplyPort<u64>),
}

/// What a worker is sent.
enum Work {
    Job,
    Urgent,
}

/// Counts.
struct Counter<M>(PhantomData<fn(M)>);

/// Passes on.
struct Relay<M>(PhantomData<fn(M)>);

/// Works.
struct Busy;

impl<M: Payload> Actor for Counter<M> {
    type Msg = Letter<M>;
    type State = Tally;
    type Arguments = Tally;

    async fn pre_start(
        &self,
        _: ActorRef<Letter<M>>,
        tally: Tally,
    ) -> Result<Tally, ActorProcessingErr> {
        Ok(tally)
    }

    async fn handle(
        &self,
        _: ActorRef<Letter<M>>,
        letter: Letter<M>,
        tally: &mut Tally,
    ) -> Result<(), ActorProcessingErr> {
        match letter {
            Letter::Value(value) => tally.count(value.number()),
            Letter::Question(value, reply) => {
                tally.count(value.number());
                reply.send(value.number())?;
            }
        }
        Ok(())
    }
}

impl<M: Payload> Actor for Relay<M> {
    type Msg = M;
    type State = (Tally, Link<ActorRef<M>>);
    type Arguments = Self::State;

    async fn pre_start(
        &self,
        _: ActorRef<M>,
        state: Self::State,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(state)
    }

    async fn handle(
        &self,
        _: ActorRef<M>,
        value: M,
        (tally, link): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let number = value.number();
        tally.count(number);
        if number > 0 {
            next(link).cast(M::of(number - 1))?;
        }
        Ok(())
    }
}

impl Actor for Busy {
    type Msg = Work;
    type State = Worker;
    type Arguments = Worker;

    async fn pre_start(
        &self,
        _: ActorRef<Work>,
        worker: Worker,
    ) -> Result<Worker, ActorProcessingErr> {
        Ok(worker)
    }

    async fn handle(
        &self,
        _: ActorRef<Work>,
        work: Work,
        worker: &mut Worker,
    ) -> Result<(), ActorProcessingErr> {
        match work {
            Work::Job => worker.work().await,
            Work::Urgent => worker.urgent(),
        }
        Ok(())
    }
}

/// Spawns an actor without a name.
async fn spawn<A: Actor>(actor: A, state: A::Arguments) -> ActorRef<A::Msg> {
    let spawned = Actor::spawn(None, actor, state).await;
    spawned.expect("it has no name that could be taken").0
}

impl Actors for Ractor {
    type Counter<M: Payload> = ActorRef<Letter<M>>;
    type Relay<M: Payload> = ActorRef<M>;
    type Busy = ActorRef<Work>;

    fn counters<M: Payload, F: Script>(
        threads: Threads,
        _: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let cast = async move || {
            let mut counters = Vec::with_capacity(tallies.len());
            for tally in tallies {
                counters.push(spawn(Counter::<M>(PhantomData), tally).await);
            }
            counters
        };
        tasks::play(threads, cast, scripts)
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        to.cast(Letter::Value(message)).expect("the counter lives");
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        call!(to, Letter::Question, message).expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let spawned = Actor::spawn(None, Counter::<M>(PhantomData), tally).await;
        let (counter, end) = spawned.expect("it has no name that could be taken");
        Self::tell(&counter, message).await;
        counter.drain().expect("the counter lives");
        end.await.expect("the counter does not panic");
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output {
        let cast = async move || {
            ring_of(tallies, async |tally, link| {
                spawn(Relay::<M>(PhantomData), (tally, link)).await
            })
            .await
        };
        tasks::play_one(cast, script)
    }

    async fn pass<M: Payload>(to: &Self::Relay<M>, message: M) {
        to.cast(message).expect("the relay lives");
    }

    fn busy<F: Script>(
        _: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output {
        tasks::play_one(async move || spawn(Busy, worker).await, script)
    }

    async fn queue(to: &Self::Busy) {
        to.cast(Work::Job).expect("the worker lives");
    }

    fn urge(to: &Self::Busy) {
        to.cast(Work::Urgent).expect("the worker lives");
    }

    fn stop(to: &Self::Busy) {
        to.stop(None);
    }
}
