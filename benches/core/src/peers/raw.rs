//! Raw tokio: `mpsc` and a task with a match loop. The base of all ratios.

use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

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
    name: "tokio",
    package: "tokio",
    title: "raw tokio",
    note: "`mpsc` and a task with a match loop; an ask is a `oneshot`, without a deadline; a stop aborts the task",
    ahead: None,
    measure: by_actors::<Raw>,
};

/// Tasks and channels by hand.
struct Raw;

/// What a counter's mailbox carries.
pub enum Letter<M> {
    Value(M),
    Question(M, oneshot::Sender<u64>),
}

/// What a worker's mailbox carries.
enum Work {
    Job,
    Urgent,
}

/// A worker's mailbox, and its task.
struct Busy {
    letters: mpsc::Sender<Work>,
    task: AbortHandle,
}

async fn count<M: Payload>(mut letters: mpsc::Receiver<Letter<M>>, mut tally: Tally) {
    while let Some(letter) = letters.recv().await {
        match letter {
            Letter::Value(value) => tally.count(value.number()),
            Letter::Question(value, reply) => {
                tally.count(value.number());
                // Whoever asked may have gone.
                let _ = reply.send(value.number());
            }
        }
    }
}

async fn relay<M: Payload>(
    mut letters: mpsc::Receiver<M>,
    mut tally: Tally,
    link: Link<mpsc::Sender<M>>,
) {
    while let Some(value) = letters.recv().await {
        let number = value.number();
        tally.count(number);
        if number > 0 {
            Raw::pass(next(&link), M::of(number - 1)).await;
        }
    }
}

async fn work(mut letters: mpsc::Receiver<Work>, mut worker: Worker) {
    while let Some(letter) = letters.recv().await {
        match letter {
            Work::Job => worker.work().await,
            Work::Urgent => worker.urgent(),
        }
    }
}

impl Actors for Raw {
    type Counter<M: Payload> = mpsc::Sender<Letter<M>>;
    type Relay<M: Payload> = mpsc::Sender<M>;
    type Busy = Busy;

    fn counters<M: Payload, F: Script>(
        threads: Threads,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let cast = async move || {
            let spawned = tallies.into_iter().map(|tally| {
                let (sender, receiver) = mpsc::channel(room);
                tokio::spawn(count::<M>(receiver, tally));
                sender
            });
            spawned.collect()
        };
        tasks::play(threads, cast, scripts)
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        let sent = to.send(Letter::Value(message)).await;
        assert!(sent.is_ok(), "the counter lives");
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        let (reply, answer) = oneshot::channel();
        let sent = to.send(Letter::Question(message, reply)).await;
        assert!(sent.is_ok(), "the counter lives");
        answer.await.expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let (sender, receiver) = mpsc::channel(SMALL_ROOM);
        let task = tokio::spawn(count::<M>(receiver, tally));
        Self::tell(&sender, message).await;
        drop(sender);
        task.await.expect("the counter does not panic");
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output {
        let cast = async move || {
            ring_of(tallies, async |tally, link| {
                let (sender, receiver) = mpsc::channel(SMALL_ROOM);
                tokio::spawn(relay::<M>(receiver, tally, link));
                sender
            })
            .await
        };
        tasks::play_one(cast, script)
    }

    async fn pass<M: Payload>(to: &Self::Relay<M>, message: M) {
        assert!(to.send(message).await.is_ok(), "the relay lives");
    }

    fn busy<F: Script>(
        room: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output {
        let cast = async move || {
            let (letters, receiver) = mpsc::channel(room);
            let task = tokio::spawn(work(receiver, worker)).abort_handle();
            Busy { letters, task }
        };
        tasks::play_one(cast, script)
    }

    async fn queue(to: &Self::Busy) {
        assert!(to.letters.send(Work::Job).await.is_ok(), "the worker lives");
    }

    fn urge(to: &Self::Busy) {
        assert!(to.letters.try_send(Work::Urgent).is_ok(), "there is room");
    }

    fn stop(to: &Self::Busy) {
        to.task.abort();
    }
}
