//! kameo: a trait for actors, one for each message, and boxed messages in a bounded `mpsc`.

use kameo::Actor;
use kameo::actor::{ActorRef, Spawn};
use kameo::mailbox;
use kameo::message::{Context, Message};

use super::Peer;
use crate::actors::{Actors, Link, SMALL_ROOM, Script, next, ring_of};
use crate::case::Threads;
use crate::course::Tally;
use crate::payload::Payload;
use crate::scenarios::by_actors;
use crate::tasks;
use crate::worker::Worker;

/// The peer.
pub const PEER: Peer = Peer {
    name: "kameo",
    package: "kameo",
    title: "kameo",
    note: "bounded; without its tracing; through `.send().await`, because a plain `.await` boxes once more; a stop is its `kill`",
    ahead: None,
    measure: by_actors::<Kameo>,
};

struct Kameo;

/// Counts.
#[derive(Actor)]
pub struct Counter(Tally);

/// Passes on.
#[derive(Actor)]
pub struct Relay<M: Payload> {
    tally: Tally,
    link: Link<ActorRef<Relay<M>>>,
}

/// Works.
#[derive(Actor)]
struct Busy(Worker);

/// An ordinary message for a worker.
struct Job;

/// Something urgent for a worker.
struct Urgent;

impl<M: Payload> Message<M> for Counter {
    type Reply = u64;

    async fn handle(&mut self, message: M, _: &mut Context<Self, u64>) -> u64 {
        self.0.count(message.number());
        message.number()
    }
}

impl<M: Payload> Message<M> for Relay<M> {
    type Reply = ();

    async fn handle(&mut self, message: M, _: &mut Context<Self, ()>) {
        let number = message.number();
        self.tally.count(number);
        if number > 0 {
            Kameo::pass(next(&self.link), M::of(number - 1)).await;
        }
    }
}

impl Message<Job> for Busy {
    type Reply = ();

    async fn handle(&mut self, _: Job, _: &mut Context<Self, ()>) {
        self.0.work().await;
    }
}

impl Message<Urgent> for Busy {
    type Reply = ();

    async fn handle(&mut self, _: Urgent, _: &mut Context<Self, ()>) {
        self.0.urgent();
    }
}

impl Actors for Kameo {
    type Counter<M: Payload> = ActorRef<Counter>;
    type Relay<M: Payload> = ActorRef<Relay<M>>;
    type Busy = ActorRef<Busy>;

    fn counters<M: Payload, F: Script>(
        threads: Threads,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let cast = async move || {
            let spawned = tallies
                .into_iter()
                .map(|tally| Counter::spawn_with_mailbox(Counter(tally), mailbox::bounded(room)));
            spawned.collect()
        };
        tasks::play(threads, cast, scripts)
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        to.tell(message).send().await.expect("the counter lives");
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        to.ask(message).send().await.expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let counter = Counter::spawn_with_mailbox(Counter(tally), mailbox::bounded(SMALL_ROOM));
        Self::tell(&counter, message).await;
        counter.stop_gracefully().await.expect("the counter lives");
        counter.wait_for_shutdown().await;
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output {
        let cast = async move || {
            ring_of(tallies, async |tally, link| {
                Relay::spawn_with_mailbox(Relay { tally, link }, mailbox::bounded(SMALL_ROOM))
            })
            .await
        };
        tasks::play_one(cast, script)
    }

    async fn pass<M: Payload>(to: &Self::Relay<M>, message: M) {
        to.tell(message).send().await.expect("the relay lives");
    }

    fn busy<F: Script>(
        room: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output {
        let cast = async move || Busy::spawn_with_mailbox(Busy(worker), mailbox::bounded(room));
        tasks::play_one(cast, script)
    }

    async fn queue(to: &Self::Busy) {
        to.tell(Job).send().await.expect("the worker lives");
    }

    fn urge(to: &Self::Busy) {
        to.tell(Urgent).try_send().expect("there is room");
    }

    fn stop(to: &Self::Busy) {
        to.kill();
    }
}
