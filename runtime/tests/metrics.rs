//! A snapshot tells from any thread what was counted about each node and each edge.

use crate::common::elsewhere::{Elsewhere, LONG};
use crate::common::{Gate, Void, at_ms, made, ms};
use sinew_runtime::{
    Actor, Address, Context, EdgeMetrics, Emits, Failure, Graph, Handler, Leased, Restart, Silence,
    System,
};
use std::thread;

/// Publishes what it is told; zero is a failure.
#[derive(Clone)]
struct Source;

impl Actor for Source {}
impl Emits<u32> for Source {}

impl Handler<u32> for Source {
    type Reply = ();
    async fn handle(&mut self, number: u32, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if number == 0 {
            return Err(Failure::new("nothing to say"));
        }
        ctx.publish(number);
        Ok(())
    }
}

/// Takes readings while its gate is open, and commands.
struct Sink(Gate);

impl Actor for Sink {}

impl Handler<u32> for Sink {
    type Reply = ();
    async fn handle(&mut self, _: u32, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.passed().await;
        Ok(())
    }
}

impl Handler<Leased<u32>> for Sink {
    type Reply = ();
    async fn handle(&mut self, _: Leased<u32>, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

impl Handler<Silence<u32>> for Sink {
    type Reply = ();
    async fn handle(&mut self, _: Silence<u32>, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A source with an edge of events, one of readings, and one of commands to a sink.
fn wired(graph: &mut Graph, gate: &Gate) -> Address<Source> {
    let source = graph.add("source", Source);
    graph.supervise(&source, Restart::patient());
    let inside = gate.clone();
    let sink = graph.add("sink", made(move || Sink(inside.clone())));
    graph.connect(&source, &sink).keep_oldest(3);
    graph.connect(&source, &sink).silence_after(ms(400));
    graph.command(&source, &sink).lease(ms(100));
    source.address()
}

/// Published, delivered, dropped, expired, silences, depth, capacity.
fn counts(edge: &EdgeMetrics) -> [u64; 7] {
    [
        edge.published,
        edge.delivered,
        edge.dropped,
        edge.expired,
        edge.silences,
        edge.depth,
        edge.capacity,
    ]
}

#[test]
fn each_counter_of_nodes_and_edges_is_in_the_snapshot() {
    let mut graph = Graph::new("counted");
    let gate = Gate::default();
    let source = wired(&mut graph, &gate);
    let mut system = System::simulated(graph, 1, Box::new(Void)).expect("it is sound");
    let handle = system.handle();
    for number in 1..=5 {
        source.try_tell(number).expect("there is room");
        system.run_until(at_ms(u64::from(number)));
    }
    let before = handle.metrics();
    assert_eq!(before.at_ns, 5_000_000);
    assert_eq!(before.nodes.len(), 2);
    // A command came first and one reading is in hand: the rest waits or was lost.
    let waiting: u64 = before.edges.iter().map(|edge| edge.depth).sum();
    let lost: u64 = before.edges.iter().map(|edge| edge.dropped).sum();
    let taken: u64 = before.edges.iter().map(|edge| edge.delivered).sum();
    assert_eq!((waiting, waiting + lost + taken), (5, 15));

    source.try_tell(0).expect("there is room");
    system.run_until(at_ms(500));
    gate.open();
    system.run_until(at_ms(2_000));
    let after = handle.metrics();
    let [node, sink] = &after.nodes[..] else {
        panic!("there are two");
    };
    assert_eq!(
        (
            node.name.as_str(),
            node.handled,
            node.failures,
            node.restarts
        ),
        ("source", 6, 1, 1)
    );
    assert_eq!((sink.name.as_str(), sink.failures), ("sink", 0));
    let [events, readings, commands] = &after.edges[..] else {
        panic!("there are three");
    };
    let names = (events.from.as_str(), events.to.as_str(), events.message);
    assert_eq!(names, ("source", "sink", "u32"));
    let sums =
        [events, readings, commands].map(|edge| edge.delivered + edge.dropped + edge.expired);
    assert_eq!(sums, [5; 3], "nothing waits any more");
    let [_, _, lost, expired, silences, depth, capacity] = counts(events);
    assert!(
        (1..=2).contains(&lost),
        "three had room, one may be in hand"
    );
    assert_eq!([expired, silences, depth, capacity], [0, 0, 0, 3]);
    let [_, _, lost, expired, silences, depth, capacity] = counts(readings);
    assert!((3..=4).contains(&lost), "one had room, one may be in hand");
    assert_eq!([expired, silences, depth, capacity], [0, 1, 0, 1]);
    let [_, _, _, expired, silences, depth, capacity] = counts(commands);
    assert_eq!([expired, silences, depth, capacity], [1, 0, 0, 1]);
    assert_eq!(system.report().edges[0].dropped, events.dropped);
}

#[test]
fn a_snapshot_is_taken_from_any_thread_while_the_system_runs_and_counters_only_grow() {
    let gate = Gate::default();
    gate.open();
    let (system, source) = Elsewhere::run(move |graph| wired(graph, &gate));
    let handle = system.handle.clone();
    let watcher = thread::spawn(move || {
        let mut last = handle.metrics();
        for _ in 0..200 {
            let next = handle.metrics();
            assert!(next.at_ns >= last.at_ns);
            assert!(next.nodes[0].handled >= last.nodes[0].handled);
            for (next, last) in next.edges.iter().zip(&last.edges) {
                assert!(next.published >= last.published && next.delivered >= last.delivered);
            }
            last = next;
        }
    });
    for number in 1..=200 {
        assert_eq!(source.call_within(number, LONG), Ok(()));
    }
    watcher.join().expect("it only reads");
    let handled = system.handle.metrics().nodes[0].handled;
    assert!(
        handled >= 199,
        "the last reply may come before its count: {handled}"
    );
    system.stop();
}

#[test]
fn a_snapshot_can_be_encoded() {
    let mut graph = Graph::new("encoded");
    wired(&mut graph, &Gate::default());
    let system = System::simulated(graph, 1, Box::new(Void)).expect("it is sound");
    let metrics = system.handle().metrics();
    let bytes = postcard::to_stdvec(&metrics).expect("it is plain data");
    for name in ["source", "sink", "u32"] {
        let found = bytes
            .windows(name.len())
            .any(|part| part == name.as_bytes());
        assert!(found, "{name}");
    }
}

/// Takes numbers while its gate is open.
struct Slow(Gate);

impl Actor for Slow {}

impl Handler<u32> for Slow {
    type Reply = ();
    async fn handle(&mut self, _: u32, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.passed().await;
        Ok(())
    }
}

#[test]
fn a_mailbox_counts_what_waits_what_is_refused_and_who_had_to_wait() {
    let mut graph = Graph::new("room");
    let gate = Gate::default();
    let inside = gate.clone();
    let slow = graph.add("slow", made(move || Slow(inside.clone())));
    graph.capacity(&slow, 2);
    let address = slow.address();
    let doer = graph.add("doer", crate::common::Doer).address();
    let to = address.clone();
    let tells = crate::common::job(move || async move {
        for number in 0..6 {
            to.tell(number).await.unwrap();
        }
    });
    doer.try_tell(tells).unwrap();
    let mut system = crate::common::simulated(graph);
    system.run_until(at_ms(1));
    assert!(address.try_tell(9).is_err());
    let found = system.handle().metrics().nodes[0].mailbox.clone();
    assert_eq!(
        (found.depth, found.highest_depth, found.capacity),
        (2, 2, 2)
    );
    assert_eq!(
        (found.refused, found.waited),
        (1, 2),
        "two tells waited so far"
    );
    gate.open();
    system.run_until(at_ms(2));
    let found = system.handle().metrics().nodes[0].mailbox.clone();
    assert_eq!((found.depth, found.highest_depth, found.refused), (0, 2, 1));
    assert!(
        (2..=5).contains(&found.waited),
        "each tell counts once: {found:?}"
    );
}

#[test]
fn an_edge_knows_how_old_its_values_were_when_they_were_handled() {
    let mut graph = Graph::new("ages");
    let gate = Gate::default();
    let source = wired(&mut graph, &gate);
    let mut system = crate::common::simulated(graph);
    source.try_tell(1).unwrap();
    system.run_until(at_ms(10));
    source.try_tell(2).unwrap();
    system.run_until(at_ms(50));
    gate.open();
    system.run_until(at_ms(51));
    let edges = system.handle().metrics().edges;
    let ages: Vec<_> = edges
        .iter()
        .map(|edge| (edge.last_age_ns, edge.longest_age_ns))
        .collect();
    let ms = |ms: u64| Some(ms * 1_000_000);
    // The first value was taken in hand at once and held the actor until 50 ms; the newer ones had waited since 10 ms.
    assert_eq!(ages[0], (ms(40), ms(40)));
    assert_eq!(ages[1], (ms(40), ms(40)));
    assert_eq!(ages[2], (ms(40), ms(40)), "the newer command");
}
