//! Threads: an OS thread for each actor, and bounded channels of crossbeam.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, JoinHandle, Thread};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Peer;
use crate::actors::{Actors, Link, SMALL_ROOM, Script, at_once, next, ring_of};
use crate::case::{Case, Scenario, Threads as Places};
use crate::course::Tally;
use crate::payload::Payload;
use crate::scenarios::by_actors;
use crate::worker::Worker;

/// The peer.
pub const PEER: Peer = Peer {
    name: "threads",
    package: "crossbeam-channel",
    title: "thread + crossbeam",
    note: "an OS thread for each actor and each producer; bounded; an ask is a channel of one; a stop is a message",
    ahead: Some(
        "a thread that always runs needs no wake-up, and a thread for each actor is given up everywhere else",
    ),
    measure: by_actors::<Threads>,
};

struct Threads;

/// What a counter is sent.
pub enum Letter<M> {
    Value(M),
    Question(M, Sender<u64>),
}

/// What a worker is sent.
enum Work {
    Job,
    Urgent,
    Halt,
}

fn count<M: Payload>(letters: &Receiver<Letter<M>>, mut tally: Tally) {
    for letter in letters {
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

fn relay<M: Payload>(values: &Receiver<M>, mut tally: Tally, link: &Link<Sender<M>>) {
    for value in values {
        let number = value.number();
        tally.count(number);
        if number > 0 {
            let sent = next(link).send(M::of(number - 1));
            assert!(sent.is_ok(), "the relay lives");
        }
    }
}

fn work(letters: &Receiver<Work>, mut worker: Worker) {
    for letter in letters {
        match letter {
            Work::Job => block_on(worker.work()),
            Work::Urgent => worker.urgent(),
            Work::Halt => return,
        }
    }
}

/// Starts a thread with a channel that has so much room.
fn start<T: Send + 'static>(
    room: usize,
    run: impl FnOnce(&Receiver<T>) + Send + 'static,
) -> (Sender<T>, JoinHandle<()>) {
    let (sender, receiver) = bounded(room);
    (sender, thread::spawn(move || run(&receiver)))
}

/// Runs a script on a thread, which sleeps while the script waits.
fn block_on<F: Future>(script: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut script = pin!(script);
    loop {
        if let Poll::Ready(output) = script.as_mut().poll(&mut context) {
            return output;
        }
        thread::park();
    }
}

impl Actors for Threads {
    type Counter<M: Payload> = Sender<Letter<M>>;
    type Relay<M: Payload> = Sender<M>;
    type Busy = Sender<Work>;

    /// Each has a stack.
    const MANY: usize = 1_000;

    fn lacks(case: &Case) -> Option<&'static str> {
        match case.scenario {
            Scenario::Tell | Scenario::Ask | Scenario::FanIn | Scenario::FanOut
                if case.threads == Places::One =>
            {
                Some("it has a thread for each actor")
            }
            _ => None,
        }
    }

    fn counters<M: Payload, F: Script>(
        _: Places,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let started = tallies
            .into_iter()
            .map(|tally| start(room, |letters| count::<M>(letters, tally)).0);
        let scripts = scripts(started.collect()).into_iter();
        let running: Vec<_> = scripts
            .map(|script| thread::spawn(|| block_on(script)))
            .collect();
        let outputs = running.into_iter().map(JoinHandle::join);
        outputs
            .map(|output| output.expect("a script does not panic"))
            .collect()
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        assert!(to.send(Letter::Value(message)).is_ok(), "the counter lives");
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        let (reply, answer) = bounded(1);
        let sent = to.send(Letter::Question(message, reply));
        assert!(sent.is_ok(), "the counter lives");
        answer.recv().expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let (counter, thread) = start(SMALL_ROOM, |letters| count::<M>(letters, tally));
        Self::tell(&counter, message).await;
        drop(counter);
        thread.join().expect("the counter does not panic");
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output {
        let first = at_once(ring_of(tallies, async |tally, link| {
            start(SMALL_ROOM, move |values| relay(values, tally, &link)).0
        }));
        block_on(script(first))
    }

    async fn pass<M: Payload>(to: &Self::Relay<M>, message: M) {
        assert!(to.send(message).is_ok(), "the relay lives");
    }

    fn busy<F: Script>(
        room: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output {
        let (busy, _) = start(room, |letters| work(letters, worker));
        block_on(script(busy))
    }

    async fn queue(to: &Self::Busy) {
        assert!(to.send(Work::Job).is_ok(), "the worker lives");
    }

    fn urge(to: &Self::Busy) {
        assert!(to.send(Work::Urgent).is_ok(), "the worker lives");
    }

    fn stop(to: &Self::Busy) {
        assert!(to.send(Work::Halt).is_ok(), "the worker lives");
    }
}
