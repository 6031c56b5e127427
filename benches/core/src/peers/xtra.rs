//! xtra: a handler for each type of message, boxed, in a bounded heap ordered by priority.

use xtra::{Actor, Address, Context, Handler, Mailbox};

use super::Peer;
use crate::actors::{Actors, Link, SMALL_ROOM, Script, at_once, next, ring_of};
use crate::case::Threads;
use crate::course::Tally;
use crate::payload::Payload;
use crate::scenarios::by_actors;
use crate::tasks;
use crate::worker::Worker;

/// The peer.
pub const PEER: Peer = Peer {
    name: "xtra",
    package: "xtra",
    title: "xtra",
    note: "bounded; a tell is a detached ask; what is urgent has a higher priority, a stop is such a message",
    ahead: None,
    measure: by_actors::<Xtra>,
};

struct Xtra;

/// Counts.
pub struct Counter(Tally);

/// Passes on.
pub struct Relay<M: Payload> {
    tally: Tally,
    link: Link<Address<Relay<M>>>,
}

/// Works.
struct Busy(Worker);

/// An ordinary message for a worker.
struct Job;

/// Something urgent for a worker.
struct Urgent;

/// The end of a worker.
struct Halt;

impl Actor for Counter {
    type Stop = ();

    async fn stopped(self) {}
}

impl<M: Payload> Actor for Relay<M> {
    type Stop = ();

    async fn stopped(self) {}
}

impl Actor for Busy {
    type Stop = ();

    async fn stopped(self) {}
}

impl<M: Payload> Handler<M> for Counter {
    type Return = u64;

    async fn handle(&mut self, message: M, _: &mut Context<Self>) -> u64 {
        self.0.count(message.number());
        message.number()
    }
}

impl<M: Payload> Handler<M> for Relay<M> {
    type Return = ();

    async fn handle(&mut self, message: M, _: &mut Context<Self>) {
        let number = message.number();
        self.tally.count(number);
        if number > 0 {
            Xtra::pass(next(&self.link), M::of(number - 1)).await;
        }
    }
}

impl Handler<Job> for Busy {
    type Return = ();

    async fn handle(&mut self, _: Job, _: &mut Context<Self>) {
        self.0.work().await;
    }
}

impl Handler<Urgent> for Busy {
    type Return = ();

    async fn handle(&mut self, _: Urgent, _: &mut Context<Self>) {
        self.0.urgent();
    }
}

impl Handler<Halt> for Busy {
    type Return = ();

    async fn handle(&mut self, _: Halt, ctx: &mut Context<Self>) {
        ctx.stop_self();
    }
}

/// Spawns an actor with so much room.
fn spawn<A: Actor<Stop = ()>>(actor: A, room: usize) -> Address<A> {
    xtra::spawn_tokio(actor, Mailbox::bounded(room))
}

impl Actors for Xtra {
    type Counter<M: Payload> = Address<Counter>;
    type Relay<M: Payload> = Address<Relay<M>>;
    type Busy = Address<Busy>;

    fn counters<M: Payload, F: Script>(
        threads: Threads,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let cast = async move || {
            let tallies = tallies.into_iter();
            tallies.map(|tally| spawn(Counter(tally), room)).collect()
        };
        tasks::play(threads, cast, scripts)
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        let sent = to.send(message).detach().await;
        assert!(sent.is_ok(), "the counter lives");
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        to.send(message).await.expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let (address, mailbox) = Mailbox::bounded(SMALL_ROOM);
        let task = tokio::spawn(xtra::run(mailbox, Counter(tally)));
        Self::tell(&address, message).await;
        drop(address);
        task.await.expect("the counter does not panic");
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output {
        let cast = async move || {
            ring_of(tallies, async |tally, link| {
                spawn(Relay { tally, link }, SMALL_ROOM)
            })
            .await
        };
        tasks::play_one(cast, script)
    }

    async fn pass<M: Payload>(to: &Self::Relay<M>, message: M) {
        let sent = to.send(message).detach().await;
        assert!(sent.is_ok(), "the relay lives");
    }

    fn busy<F: Script>(
        room: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output {
        tasks::play_one(async move || spawn(Busy(worker), room), script)
    }

    async fn queue(to: &Self::Busy) {
        assert!(to.send(Job).detach().await.is_ok(), "the worker lives");
    }

    fn urge(to: &Self::Busy) {
        let sent = at_once(to.send(Urgent).priority(1).detach());
        assert!(sent.is_ok(), "the worker lives");
    }

    fn stop(to: &Self::Busy) {
        let sent = at_once(to.send(Halt).priority(1).detach());
        assert!(sent.is_ok(), "the worker lives");
    }
}
