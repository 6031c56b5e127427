//! Ours: the runtime as a robot runs it, with counters, metrics, deadlines and panic capture.

mod actors;
mod stage;

use std::sync::Arc;

use sinew_runtime::{Address, Factory, Failure, Graph};

use self::actors::{Busy, Counter, Job, Relay, Urgent};
use super::Peer;
use crate::actors::{Actors, Link, SMALL_ROOM, Script};
use crate::case::{Case, Scenario, Threads};
use crate::course::Tally;
use crate::payload::Payload;
use crate::scenarios::by_actors;
use crate::worker::Worker;

/// The peer.
pub const PEER: Peer = Peer {
    name: "ours",
    title: "**ours**",
    note: "bounded; a tell waits for room, an ask has its deadline; counters, edge metrics and panic capture are on",
    ahead: None,
    measure: by_actors::<Ours>,
};

struct Ours;

impl Actors for Ours {
    type Counter<M: Payload> = Address<Counter<M>>;
    type Relay<M: Payload> = Address<Relay<M>>;
    type Busy = Address<Busy>;

    fn lacks(case: &Case) -> Option<&'static str> {
        match (case.scenario, case.threads) {
            (Scenario::Life, _) => Some("not measured yet: dynamic actors are being built"),
            (_, Threads::Two) => Some("not measured yet: named threads are being built"),
            _ => None,
        }
    }

    fn counters<M: Payload, F: Script>(
        _: Threads,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let mut graph = Graph::new("counters");
        let mut counters = Vec::with_capacity(tallies.len());
        for (number, tally) in tallies.into_iter().enumerate() {
            let node = graph.add(&format!("counter-{number}"), once(Counter::of(tally)));
            graph.capacity(&node, room);
            counters.push(node.address());
        }
        let addresses = counters.clone();
        stage::play(graph, scripts(counters), move || {
            addresses.iter().for_each(Address::stop);
        })
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        to.tell(message).await.expect("the counter lives");
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        to.ask(message).await.expect("the counter answers")
    }

    async fn life<M: Payload>(_: Tally, _: M) {
        unreachable!("`lacks` says so");
    }

    fn ring<M: Payload, F: Script>(
        tallies: Vec<Tally>,
        script: impl FnOnce(Self::Relay<M>) -> F + Send + 'static,
    ) -> F::Output {
        let mut graph = Graph::new("ring");
        let links: Vec<Link<Self::Relay<M>>> = tallies.iter().map(|_| Link::default()).collect();
        let mut relays = Vec::with_capacity(links.len());
        for (number, (tally, link)) in tallies.into_iter().zip(&links).enumerate() {
            let relay = once(Relay::new(tally, Arc::clone(link)));
            let node = graph.add(&format!("relay-{number}"), relay);
            graph.capacity(&node, SMALL_ROOM);
            relays.push(node.address());
        }
        crate::actors::close_ring(&relays, &links);
        let first = relays[0].clone();
        stage::play_one(graph, script(first), move || {
            relays.iter().for_each(Address::stop);
        })
    }

    async fn pass<M: Payload>(to: &Self::Relay<M>, message: M) {
        to.tell(message).await.expect("the relay lives");
    }

    fn busy<F: Script>(
        room: usize,
        worker: Worker,
        script: impl FnOnce(Self::Busy) -> F + Send + 'static,
    ) -> F::Output {
        let mut graph = Graph::new("busy");
        let node = graph.add("busy", once(Busy(worker)));
        graph.capacity(&node, room);
        let address = node.address();
        stage::play_one(graph, script(address.clone()), move || address.stop())
    }

    async fn queue(to: &Self::Busy) {
        to.tell(Job).await.expect("the worker lives");
    }

    fn urge(to: &Self::Busy) {
        to.try_tell_urgent(Urgent).expect("there is room");
    }

    fn stop(to: &Self::Busy) {
        to.stop();
    }
}

/// A factory of one actor: what a measurement is made of is not built again.
fn once<A: Send + 'static>(actor: A) -> Factory<A> {
    let mut actor = Some(actor);
    Factory::new(move || actor.take().ok_or_else(|| Failure::new("it failed once")))
}
