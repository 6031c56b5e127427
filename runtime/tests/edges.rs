//! What an edge keeps while its receiver is busy, and what it counts.

use crate::common::{Log, Void, at_ms, edge, made, ms, simulated};
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Address, Context, Emits, Failure, Graph, Handler, Node, Restart, System,
};

/// A value on an edge. Cloning a bad one panics.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Value(u32);

const BAD: u32 = 666;

impl Clone for Value {
    fn clone(&self) -> Self {
        assert_ne!(self.0, BAD, "a bad value cannot be cloned");
        Self(self.0)
    }
}

/// Publishes what it is told to, all at once.
#[derive(Clone)]
struct Source;

impl Actor for Source {}
impl Emits<Value> for Source {}

impl Handler<Vec<u32>> for Source {
    type Reply = ();
    async fn handle(&mut self, them: Vec<u32>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for number in them {
            ctx.publish(Value(number));
        }
        Ok(())
    }
}

/// Notes what it gets; takes as many milliseconds over it as it is told.
struct Receiver {
    log: Log<u32>,
    takes: u64,
}

impl Actor for Receiver {}

impl Handler<Value> for Receiver {
    type Reply = ();
    async fn handle(&mut self, value: Value, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(value.0);
        if self.takes > 0 {
            tokio::time::sleep(ms(self.takes)).await;
        }
        Ok(())
    }
}

fn receiver(graph: &mut Graph, name: &str, takes: u64) -> (Node<Receiver>, Log<u32>) {
    let log = Log::new();
    let notes = log.clone();
    let make = move || Receiver {
        log: notes.clone(),
        takes,
    };
    (graph.add(name, made(make)), log)
}

/// Has these values published at once, and lets them be handled.
fn publish(system: &mut System, source: &Address<Source>, values: &[u32]) {
    source.try_tell(values.to_vec()).expect("there is room");
    let now = system.now();
    system.run_until(now + ms(1));
}

#[test]
fn a_reading_overwrites_the_one_before_in_place() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (receiver, log) = receiver(&mut graph, "receiver", 0);
    graph.connect(&source, &receiver);
    let mut system = simulated(graph);
    publish(&mut system, &source.address(), &[1, 2, 3]);
    publish(&mut system, &source.address(), &[4]);
    assert_eq!(log.take(), [3, 4]);
    assert_eq!(edge(&system.report(), 0), [4, 2, 2, 0]);
}

#[test]
fn of_events_the_newest_are_kept_if_so_said() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (receiver, log) = receiver(&mut graph, "receiver", 0);
    graph.connect(&source, &receiver).keep_newest(3);
    let mut system = simulated(graph);
    publish(&mut system, &source.address(), &[1, 2, 3, 4, 5]);
    publish(&mut system, &source.address(), &[6, 7]);
    assert_eq!(log.take(), [3, 4, 5, 6, 7]);
    assert_eq!(edge(&system.report(), 0), [7, 5, 2, 0]);
}

#[test]
fn of_events_the_oldest_are_kept_if_so_said() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (receiver, log) = receiver(&mut graph, "receiver", 0);
    graph.connect(&source, &receiver).keep_oldest(3);
    let mut system = simulated(graph);
    publish(&mut system, &source.address(), &[1, 2, 3, 4, 5]);
    publish(&mut system, &source.address(), &[6, 7]);
    assert_eq!(log.take(), [1, 2, 3, 6, 7]);
    assert_eq!(edge(&system.report(), 0), [7, 5, 2, 0]);
}

#[test]
fn each_edge_that_begins_at_a_node_gets_each_value_and_keeps_its_own_policy() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (latest, of_latest) = receiver(&mut graph, "latest", 0);
    let (newest, of_newest) = receiver(&mut graph, "newest", 0);
    let (oldest, of_oldest) = receiver(&mut graph, "oldest", 0);
    graph.connect(&source, &latest).latest();
    graph.connect(&source, &newest).keep_newest(2);
    graph.connect(&source, &oldest).keep_oldest(2);
    let mut system = simulated(graph);
    publish(&mut system, &source.address(), &[1, 2, 3, 4]);
    assert_eq!(of_latest.take(), [4]);
    assert_eq!(of_newest.take(), [3, 4]);
    assert_eq!(of_oldest.take(), [1, 2]);
}

#[test]
fn a_publisher_never_waits_for_its_receiver() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (receiver, log) = receiver(&mut graph, "receiver", 10);
    graph.connect(&source, &receiver);
    let mut system = simulated(graph);
    for number in 0..100 {
        publish(&mut system, &source.address(), &[number]);
    }
    assert_eq!(system.report().nodes[0].handled, 100);
    let wanted = [0, 9, 19, 29, 39, 49, 59, 69, 79, 89, 99];
    assert_eq!(
        log.take(),
        wanted,
        "one each ten milliseconds, the newest then"
    );
}

#[test]
fn what_is_published_to_an_ended_node_is_dropped_and_counted() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (receiver, log) = receiver(&mut graph, "receiver", 0);
    graph.connect(&source, &receiver);
    receiver.address().stop();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    publish(&mut system, &source.address(), &[1, 2]);
    assert_eq!(log.len(), 0);
    assert_eq!(edge(&system.report(), 0), [2, 0, 2, 0]);
}

#[test]
fn a_value_that_panics_when_it_is_cloned_fails_its_publisher_and_harms_nobody_else() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (one, of_one) = receiver(&mut graph, "one", 0);
    let (two, of_two) = receiver(&mut graph, "two", 0);
    graph.connect(&source, &one);
    graph.connect(&source, &two);
    let mut system = simulated(graph);
    publish(&mut system, &source.address(), &[BAD]);
    assert_eq!((of_one.len(), of_two.len()), (0, 0));
    system.run_until(at_ms(200));
    publish(&mut system, &source.address(), &[5]);
    assert_eq!((of_one.take(), of_two.take()), (vec![5], vec![5]));
    let report = system.report();
    assert_eq!((report.failures, report.restarts), (1, 1));
    assert!(
        report.nodes[0]
            .last_failure
            .as_ref()
            .unwrap()
            .contains("cannot be cloned")
    );
}

/// Publishes to itself what it gets, one less, until nothing is left.
struct Countdown(Log<u32>);

impl Actor for Countdown {}
impl Emits<Value> for Countdown {}

impl Handler<Value> for Countdown {
    type Reply = ();
    async fn handle(&mut self, Value(left): Value, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(left);
        if left > 0 {
            ctx.publish(Value(left - 1));
            ctx.address().try_tell(Value(0))?;
        }
        Ok(())
    }
}

#[test]
fn an_actor_may_publish_and_tell_to_itself() {
    let mut graph = Graph::new("edges");
    let log = Log::new();
    let notes = log.clone();
    let node = graph.add("countdown", made(move || Countdown(notes.clone())));
    graph.connect(&node, &node);
    node.address().try_tell(Value(3)).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    assert_eq!(log.take(), [3, 2, 0, 1, 0, 0, 0]);
}

#[test]
fn every_value_is_delivered_dropped_or_expired_whatever_happens_to_its_receiver() {
    for seed in 0..100 {
        let mut graph = Graph::new("edges");
        let source = graph.add("source", Source);
        let (slow, _) = receiver(&mut graph, "slow", 3);
        let (fast, _) = receiver(&mut graph, "fast", 0);
        graph.supervise(&slow, Restart::patient());
        graph.connect(&source, &slow).keep_oldest(4);
        graph.connect(&source, &fast).keep_newest(2);
        graph.connect(&source, &slow);
        let mut system = System::simulated(graph, seed, Box::new(Void)).unwrap();
        for round in 0..30 {
            let values: Vec<u32> = (0..(seed as u32 + round) % 7).collect();
            publish(&mut system, &source.address(), &values);
            if round == 11 {
                let fault = sinew_runtime::Injection::Panic;
                assert!(system.handle().inject("slow", fault));
            }
            if round == 20 {
                fast.address().stop();
            }
        }
        for edge in system.shut_down().edges {
            let found = edge.delivered + edge.dropped + edge.expired;
            assert_eq!(edge.published, found, "seed {seed}: {edge:?}");
            assert!(edge.delivered > 0 && edge.dropped > 0);
        }
    }
}

#[test]
fn an_edge_that_is_being_described_says_from_where_to_where_it_goes() {
    let mut graph = Graph::new("edges");
    let source = graph.add("source", Source);
    let (node, _) = receiver(&mut graph, "receiver", 0);
    let out = format!("{:?}", source.out::<Value>());
    assert_eq!(out, "Out(source)");
    let edge = format!("{:?}", graph.connect(&source, &node));
    assert!(
        edge.contains("ValueEdge") && edge.contains("source") && edge.contains("receiver"),
        "{edge}"
    );
}
