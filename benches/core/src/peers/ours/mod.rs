//! Ours: the runtime as a robot runs it, with counters, metrics, deadlines and panic capture.

mod actors;
mod caterpillar;
mod publish;
mod stage;

use std::sync::Arc;
use std::time::Duration;

use sinew_runtime::{Actor, Address, Factory, Failure, Graph, Thread};

use self::actors::{Busy, Counter, Job, Relay, Urgent};
use super::Peer;
use crate::actors::{Actors, Link, SMALL_ROOM, Script};
use crate::case::{Case, Quantity, Scenario, Threads};
use crate::course::Tally;
use crate::outcome::Outcome;
use crate::payload::{Payload, Small};
use crate::scenarios::{by_actors, of_message};
use crate::worker::Worker;

/// The peer.
pub const PEER: Peer = Peer {
    name: "ours",
    package: "sinew-runtime",
    title: "**ours**",
    note: "bounded; a tell waits for room, an ask has its deadline; counters, edge metrics and panic capture are on",
    ahead: None,
    measure,
};

struct Ours;

/// What only ours does is measured here, all else as for all.
fn measure(case: &Case, budget: Duration) -> Outcome {
    let samples = match case.scenario {
        Scenario::Publish { burst, full_turns } => {
            publish::measure::<Small>(burst, full_turns, budget)
        }
        Scenario::Caterpillar(apart) => caterpillar::measure(apart, budget),
        _ => return by_actors::<Ours>(case, budget),
    };
    let turns = match (case.scenario, case.quantity) {
        (Scenario::Publish { burst, .. }, Quantity::Turn) => publish::turns(burst),
        _ => 1.0,
    };
    let of = |sample| of_message(case.quantity, sample) / turns;
    Outcome::Samples(samples.into_iter().map(of).collect())
}

impl Actors for Ours {
    type Counter<M: Payload> = Address<Counter<M>>;
    type Relay<M: Payload> = Address<Relay<M>>;
    type Busy = Address<Busy>;

    fn counters<M: Payload, F: Script>(
        threads: Threads,
        room: usize,
        tallies: Vec<Tally>,
        scripts: impl FnOnce(Vec<Self::Counter<M>>) -> Vec<F> + Send + 'static,
    ) -> Vec<F::Output> {
        let mut graph = Graph::new("counters");
        let mut counters = Vec::with_capacity(tallies.len());
        for (number, tally) in tallies.into_iter().enumerate() {
            let node = graph.add(&format!("counter-{number}"), once(Counter::of(tally)));
            graph.capacity(&node, room);
            if matches!(threads, Threads::Two) {
                graph.place(&node, &Thread::named("receivers"));
            }
            counters.push(node.address());
        }
        let stop = stop_all(&counters);
        stage::play(graph, scripts(counters), stop)
    }

    async fn tell<M: Payload>(to: &Self::Counter<M>, message: M) {
        to.tell(message).await.expect("the counter lives");
    }

    async fn ask<M: Payload>(to: &Self::Counter<M>, message: M) -> u64 {
        to.ask(message).await.expect("the counter answers")
    }

    async fn life<M: Payload>(tally: Tally, message: M) {
        let counter = stage::spawn(once(Counter::of(tally)));
        Self::tell(&counter, message).await;
        counter.stop_when_idle();
        counter.ended().await;
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
        stage::play_one(graph, script(first), stop_all(&relays))
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
        let busy = node.address();
        let stop = stop_all(std::slice::from_ref(&busy));
        stage::play_one(graph, script(busy), stop)
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

/// Stops all of these actors.
fn stop_all<A: Actor>(addresses: &[Address<A>]) -> impl Fn() + Send + Sync + use<A> {
    let addresses: Arc<[_]> = addresses.into();
    move || addresses.iter().for_each(Address::stop)
}

/// A factory of one actor: what a measurement is made of is not built again.
fn once<A: Send + 'static>(actor: A) -> Factory<A> {
    let mut actor = Some(actor);
    Factory::new(move || actor.take().ok_or_else(|| Failure::new("it failed once")))
}
