//! What a peer must be able to do, so that the scenarios can be written once for all.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use crate::case::{Case, Threads};
use crate::course::Tally;
use crate::payload::Payload;
use crate::worker::Worker;

/// Messages that may wait in a mailbox, where the peer bounds them.
pub const ROOM: usize = 1_024;
/// The same for actors that are many: those that are spawned and stopped, idle, or in a ring.
pub const SMALL_ROOM: usize = 64;

/// The next member of a ring, known once all are spawned.
pub type Link<T> = Arc<OnceLock<T>>;

/// What drives a measurement.
pub trait Script: Future<Output: Send> + Send + 'static {}

impl<F: Future<Output: Send> + Send + 'static> Script for F {}

/// A library of actors whose drivers can be futures.
///
/// A [`Script`] runs where an actor of the peer would run on the first thread: as a task, or in a handler. Its
/// counterparts live on the same thread, or all on the second.
pub trait Actors: 'static {
    /// The address of an actor that counts what it is told, and answers with the number.
    type Counter<M: Payload>: Clone + Send + Sync + 'static;
    /// The address of an actor that counts what it is told, and tells the next one the number below.
    type Relay<M: Payload>: Clone + Send + Sync + 'static;
    /// The address of an actor that does as a [`Worker`] does.
    type Busy: Send + Sync + 'static;

    /// How many actors are started to see what an idle one takes.
    const MANY: usize = 20_000;

    /// Why this case cannot be measured, if it cannot.
    fn lacks(case: &Case) -> Option<&'static str> {
        let _ = case;
        None
    }

    /// Starts a counter with so much room for each tally, then runs the scripts that are made of their addresses.
    fn counters<M: Payload, F: Script>(
        threads: Threads,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output>;

    /// Tells a counter, waiting for room if the peer bounds it.
    fn tell<M: Payload>(to: &Self::Counter<M>, message: M) -> impl Future<Output = ()> + Send;

    /// Asks a counter.
    fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> impl Future<Output = u64> + Send;

    /// Spawns a counter, tells it one message, stops it once it has handled that, and waits for its end.
    fn life<M: Payload>(tally: Tally, message: M) -> impl Future<Output = ()> + Send;

    /// Starts a ring of relays, then runs the script that is made of the first one's address.
    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output;

    /// Tells a relay.
    fn pass<M: Payload>(to: &Self::Relay<M>, message: M) -> impl Future<Output = ()> + Send;

    /// Starts a worker with so much room, then runs the script that is made of its address.
    fn busy<F: Script>(
        room: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output;

    /// Puts an ordinary message into the worker's mailbox.
    fn queue(to: &Self::Busy) -> impl Future<Output = ()> + Send;

    /// Sends the worker a message by the quickest way that the peer has.
    fn urge(to: &Self::Busy);

    /// Has the worker stopped by the quickest way that the peer has.
    fn stop(to: &Self::Busy);
}

/// Spawns the members of a ring, links each to the next, and hands back the first.
pub async fn ring_of<T: Clone>(
    tallies: Vec<Tally>,
    mut spawn: impl AsyncFnMut(Tally, Link<T>) -> T,
) -> T {
    let links: Vec<Link<T>> = tallies.iter().map(|_| Link::default()).collect();
    let mut members = Vec::with_capacity(links.len());
    for (tally, link) in tallies.into_iter().zip(&links) {
        members.push(spawn(tally, Arc::clone(link)).await);
    }
    close_ring(&members, &links);
    members.swap_remove(0)
}

/// Links each member of a ring to the next.
pub fn close_ring<T: Clone>(members: &[T], links: &[Link<T>]) {
    for (place, link) in links.iter().enumerate() {
        let next = members[(place + 1) % members.len()].clone();
        assert!(link.set(next).is_ok(), "each link is set once");
    }
}

/// The next member of a ring.
pub fn next<T>(link: &Link<T>) -> &T {
    link.get()
        .expect("the ring is closed before a message goes round")
}

/// What a future comes to that need not wait.
pub fn at_once<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("there was room, so that nothing had to wait"),
    }
}
