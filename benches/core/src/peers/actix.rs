//! actix: a synchronous handler for each type of message, boxed, in a queue that `do_send` fills without a limit.

use std::sync::mpsc;

use actix::{Actor, ActorContext, Addr, Arbiter, Context, Handler, Message, System};

use super::Peer;
use crate::actors::{Actors, Link, Script, next, ring_of};
use crate::case::Threads;
use crate::course::Tally;
use crate::payload::Payload;
use crate::scenarios::by_actors;
use crate::worker::Worker;

/// The peer.
pub const PEER: Peer = Peer {
    name: "actix",
    package: "actix",
    title: "actix",
    note: "a tell is `do_send`, which ignores the mailbox's limit; two threads are two arbiters; a stop is a message",
    ahead: Some(
        "handlers are synchronous, `do_send` has no bound and drops silently when its actor has ended",
    ),
    measure: by_actors::<Actix>,
};

struct Actix;

/// A value for a counter or a relay.
pub struct Value<M>(M);

/// An ordinary message for a worker.
struct Job;

/// Something urgent for a worker.
struct Urgent;

/// The end of an actor.
struct Halt;

impl<M: Payload> Message for Value<M> {
    type Result = u64;
}

impl Message for Job {
    type Result = ();
}

impl Message for Urgent {
    type Result = ();
}

impl Message for Halt {
    type Result = ();
}

/// Counts.
pub struct Counter {
    tally: Tally,
    /// Says that it has ended.
    end: Option<tokio::sync::oneshot::Sender<()>>,
}

/// Passes on.
pub struct Relay<M: Payload> {
    tally: Tally,
    link: Link<Addr<Relay<M>>>,
}

/// Works.
struct Busy(Worker);

impl Actor for Counter {
    type Context = Context<Self>;
}

impl<M: Payload> Actor for Relay<M> {
    type Context = Context<Self>;
}

impl Actor for Busy {
    type Context = Context<Self>;
}

impl<M: Payload> Handler<Value<M>> for Counter {
    type Result = u64;

    fn handle(&mut self, Value(message): Value<M>, _: &mut Context<Self>) -> u64 {
        self.tally.count(message.number());
        message.number()
    }
}

impl Handler<Halt> for Counter {
    type Result = ();

    fn handle(&mut self, _: Halt, ctx: &mut Context<Self>) {
        ctx.stop();
    }
}

/// Whoever waits for the end hears of it once the tally is handed in.
impl Drop for Counter {
    fn drop(&mut self) {
        self.tally.end();
        if let Some(end) = self.end.take() {
            // Nobody may wait for it.
            let _ = end.send(());
        }
    }
}

impl<M: Payload> Handler<Value<M>> for Relay<M> {
    type Result = u64;

    fn handle(&mut self, Value(message): Value<M>, _: &mut Context<Self>) -> u64 {
        let number = message.number();
        self.tally.count(number);
        if number > 0 {
            next(&self.link).do_send(Value(M::of(number - 1)));
        }
        number
    }
}

impl Handler<Job> for Busy {
    type Result = ();

    fn handle(&mut self, _: Job, _: &mut Context<Self>) {
        self.0.work_now();
    }
}

impl Handler<Urgent> for Busy {
    type Result = ();

    fn handle(&mut self, _: Urgent, _: &mut Context<Self>) {
        self.0.urgent();
    }
}

impl Handler<Halt> for Busy {
    type Result = ();

    fn handle(&mut self, _: Halt, ctx: &mut Context<Self>) {
        ctx.stop();
    }
}

/// As [`tasks::play`](crate::tasks::play), with actix' own runtimes.
fn play<T, F>(
    threads: Threads,
    cast: impl AsyncFnOnce() -> T + Send + 'static,
    scripts: impl FnOnce(T) -> Vec<F>,
) -> Vec<F::Output>
where
    T: Send + 'static,
    F: Script,
{
    let system = System::new();
    let cast = match threads {
        Threads::One => system.block_on(cast()),
        Threads::Two => on_another_arbiter(cast),
    };
    system.block_on(async {
        let running: Vec<_> = scripts(cast).into_iter().map(actix::spawn).collect();
        let mut outputs = Vec::with_capacity(running.len());
        for script in running {
            outputs.push(script.await.expect("a script does not panic"));
        }
        outputs
    })
}

fn play_one<T: Send + 'static, F: Script>(
    cast: impl AsyncFnOnce() -> T + Send + 'static,
    script: impl FnOnce(T) -> F,
) -> F::Output {
    let mut outputs = play(Threads::One, cast, |cast| vec![script(cast)]);
    outputs.swap_remove(0)
}

fn on_another_arbiter<T: Send + 'static>(cast: impl AsyncFnOnce() -> T + Send + 'static) -> T {
    let (started, cast_of) = mpsc::channel();
    let spawned = Arbiter::new().spawn_fn(move || {
        actix::spawn(async move {
            let cast = cast().await;
            started.send(cast).expect("the first thread waits for it");
        });
    });
    assert!(spawned, "a new arbiter lives");
    cast_of.recv().expect("the cast does not panic")
}

impl Actors for Actix {
    type Counter<M: Payload> = Addr<Counter>;
    type Relay<M: Payload> = Addr<Relay<M>>;
    type Busy = Addr<Busy>;

    fn counters<M: Payload, F: Script>(
        threads: Threads,
        _: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let cast = async move || {
            let counters = tallies
                .into_iter()
                .map(|tally| Counter { tally, end: None });
            counters.map(Counter::start).collect()
        };
        play(threads, cast, scripts)
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        to.do_send(Value(message));
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        to.send(Value(message)).await.expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let (end, ended) = tokio::sync::oneshot::channel();
        let end = Some(end);
        let counter = Counter { tally, end }.start();
        Self::tell(&counter, message).await;
        counter.do_send(Halt);
        ended.await.expect("the counter says that it ends");
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output {
        let cast =
            async move || ring_of(tallies, async |tally, link| Relay { tally, link }.start()).await;
        play_one(cast, script)
    }

    async fn pass<M: Payload>(to: &Self::Relay<M>, message: M) {
        to.do_send(Value(message));
    }

    fn busy<F: Script>(
        _: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output {
        play_one(async move || Busy(worker).start(), script)
    }

    async fn queue(to: &Self::Busy) {
        to.do_send(Job);
    }

    fn urge(to: &Self::Busy) {
        to.do_send(Urgent);
    }

    fn stop(to: &Self::Busy) {
        to.do_send(Halt);
    }
}
