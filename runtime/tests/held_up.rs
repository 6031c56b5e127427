//! What a test does to the pace of an actor and to an edge.

use crate::common::{Log, made, ms, simulated};
use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Injection, System, Time};
use std::time::Duration;

/// Publishes its count each 10 ms.
#[derive(Clone, Default)]
struct Source(u32);

#[derive(Clone)]
struct Tick;

impl Actor for Source {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(10), Tick);
        Ok(())
    }
}

impl Emits<u32> for Source {}

impl Handler<Tick> for Source {
    type Reply = ();
    async fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0 += 1;
        ctx.publish(self.0);
        Ok(())
    }
}

struct Sink(Log<(u64, u32)>);

impl Actor for Sink {}

impl Handler<u32> for Sink {
    type Reply = ();
    async fn handle(&mut self, value: u32, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add((ctx.now().nanos() / 1_000_000, value));
        Ok(())
    }
}

/// A source and a sink that keeps all, and what the sink got.
fn stand() -> (System, Log<(u64, u32)>) {
    let mut graph = Graph::new("stand");
    let source = graph.add("source", Source::default());
    let log = Log::new();
    let noted = log.clone();
    let sink = graph.add("sink", made(move || Sink(noted.clone())));
    graph.connect(source.out::<u32>(), &sink).keep_oldest(64);
    (simulated(graph), log)
}

fn run(system: &mut System, until: u64) {
    let _ = system.run_until(Time::ZERO + Duration::from_millis(until));
}

#[test]
fn an_actor_that_hangs_handles_nothing_meanwhile_and_then_all_that_waits() {
    let (mut system, log) = stand();
    run(&mut system, 25);
    assert!(system.handle().inject("sink", Injection::Hang(ms(50))));
    run(&mut system, 100);
    let got = log.copy();
    assert_eq!(got[..2], [(10, 1), (20, 2)]);
    let late: Vec<u32> = got[2..].iter().map(|entry| entry.1).collect();
    assert_eq!(late[..5], [3, 4, 5, 6, 7], "in their order");
    assert!(got[2].0 >= 75, "nothing before it is over: {got:?}");
    assert_eq!(got.last(), Some(&(100, 10)), "it goes on as before");
}

#[test]
fn a_slow_actor_takes_its_time_before_each_message_and_is_quick_again() {
    let (mut system, log) = stand();
    run(&mut system, 5);
    let (each, lasts) = (ms(4), ms(50));
    assert!(
        system
            .handle()
            .inject("sink", Injection::Slow { each, lasts })
    );
    run(&mut system, 100);
    let got = log.copy();
    let late = got
        .iter()
        .filter(|(at, value)| *at == u64::from(*value) * 10 + 4);
    assert!(late.count() >= 3, "{got:?}");
    assert_eq!(got.last(), Some(&(100, 10)));
    assert_eq!(got.len(), 10, "none is lost");
}

#[test]
fn an_actor_that_hangs_is_stopped_all_the_same() {
    let (mut system, log) = stand();
    assert!(
        system
            .handle()
            .inject("sink", Injection::Hang(Duration::from_secs(3600)))
    );
    run(&mut system, 50);
    system.handle().stop();
    run(&mut system, 200);
    assert_eq!(log.len(), 0);
}

#[test]
fn a_cut_edge_loses_what_is_published_counts_it_and_can_be_mended() {
    let (mut system, log) = stand();
    run(&mut system, 15);
    let handle = system.handle();
    assert!(handle.lose("source", "sink", 1_000));
    assert!(
        !handle.lose("sink", "source", 1_000),
        "there is no such edge"
    );
    run(&mut system, 45);
    assert!(handle.lose("source", "sink", 0));
    run(&mut system, 60);
    let got: Vec<u32> = log.copy().iter().map(|entry| entry.1).collect();
    assert_eq!(got, [1, 5, 6]);
    assert_eq!(handle.metrics().edges[0].dropped, 3);
}

#[test]
fn an_edge_that_loses_some_loses_them_evenly() {
    let (mut system, log) = stand();
    assert!(system.handle().lose("source", "sink", 250));
    run(&mut system, 85);
    let got: Vec<u32> = log.copy().iter().map(|entry| entry.1).collect();
    assert_eq!(got, [1, 2, 3, 5, 6, 7]);
}

#[test]
fn a_slow_edge_delivers_late_in_order_and_loses_nothing() {
    let (mut system, log) = stand();
    run(&mut system, 15);
    let handle = system.handle();
    assert!(handle.delay("source", "sink", Duration::from_millis(33)));
    assert!(!handle.delay("sink", "source", Duration::from_millis(33)));
    run(&mut system, 45);
    assert!(handle.delay("source", "sink", Duration::ZERO));
    run(&mut system, 90);
    let (millis, got): (Vec<u64>, Vec<u32>) = log.copy().into_iter().unzip();
    assert_eq!(got, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Those of 50 to 70 ms wait behind that of 40 ms, which comes at 73.
    assert_eq!(millis, [10, 53, 63, 73, 73, 73, 73, 80, 90]);
    assert_eq!(handle.metrics().edges[0].dropped, 0);
}
