//! The same seed gives the same trace, byte for byte; any difference gives another.

use crate::common::{Log, Void, at_ms, made, ms};
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Leased, Report, Silence, System, Tap, Time,
};
use std::process::Command;
use std::time::Duration;

/// A reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Reading {
    value: u64,
    level: f64,
}

/// Reads by chance, at moments of chance.
struct Sensor {
    /// Replaces one reading, or shifts one by a nanosecond.
    change: Option<Change>,
    count: u64,
}

/// The smallest differences that there are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Bit,
    Swap,
    Nanosecond,
}

/// The reading that a change is made to.
const CHANGED: u64 = 50;

impl Emits<Reading> for Sensor {}

impl Actor for Sensor {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.after(ms(1), ());
        Ok(())
    }
}

impl Handler<()> for Sensor {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.count += 1;
        let change = self.change.filter(|_| self.count == CHANGED);
        let mut value = self.count;
        if change == Some(Change::Bit) {
            value ^= 1 << 40;
        }
        let level = ctx.random_ratio();
        let mut readings = [
            Reading { value, level },
            Reading {
                value: value + 1,
                level,
            },
        ];
        if change == Some(Change::Swap) {
            readings.swap(0, 1);
        }
        readings.into_iter().for_each(|it| ctx.publish(it));
        let late = u64::from(change == Some(Change::Nanosecond));
        let pause = 1_000_000 + ctx.random() % 3_000_000 + late;
        ctx.after(Duration::from_nanos(pause), ());
        Ok(())
    }
}

/// Turns readings into commands; sleeps now and then, fails now and then.
#[derive(Clone, Default)]
struct Thinker(u64);

impl Actor for Thinker {}
impl Emits<u32> for Thinker {}

impl Handler<Reading> for Thinker {
    type Reply = ();
    async fn handle(&mut self, it: Reading, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0 += 1;
        if it.value.is_multiple_of(7) {
            tokio::time::sleep(ms(2)).await;
        }
        if ctx.random().is_multiple_of(40) {
            return Err(Failure::new("by chance"));
        }
        ctx.publish(it.value as u32);
        Ok(())
    }
}

impl Handler<Silence<Reading>> for Thinker {
    type Reply = ();
    async fn handle(
        &mut self,
        _: Silence<Reading>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        ctx.publish(0);
        Ok(())
    }
}

/// Obeys.
#[derive(Clone)]
struct Wheel;

impl Actor for Wheel {}
impl Emits<u64> for Wheel {}

impl Handler<Leased<u32>> for Wheel {
    type Reply = ();
    async fn handle(&mut self, it: Leased<u32>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(u64::from(*it.value()) * 2);
        Ok(())
    }
}

/// Three lines of sensor, thinker and wheel beside each other.
fn graph(change: Option<Change>) -> Graph {
    let mut graph = Graph::new("determinism");
    for line in 0..3 {
        let change = change.filter(|_| line == 1);
        let sensor = made(move || Sensor { change, count: 0 });
        let sensor = graph.add(&format!("sensor {line}"), sensor);
        let thinker = graph.add(&format!("thinker {line}"), Thinker::default());
        graph.supervise(&thinker, sinew_runtime::Restart::patient());
        let wheel = graph.add(&format!("wheel {line}"), Wheel);
        graph
            .connect(&sensor, &thinker)
            .keep_newest(4)
            .silence_after(ms(3));
        graph.command(&thinker, &wheel).lease(ms(50));
    }
    graph
}

fn run(seed: u64, change: Option<Change>) -> Report {
    let system = System::simulated(graph(change), seed, Box::new(Void));
    let mut system = system.expect("the graph is sound");
    system.run_until(at_ms(300));
    system.shut_down()
}

#[test]
fn one_seed_gives_one_trace_a_hundred_times_of_a_hundred() {
    let first = run(7, None);
    assert!(first.messages > 500 && first.failures > 0 && first.restarts > 0);
    for _ in 1..100 {
        assert_eq!(run(7, None), first, "the whole report, trace hash and all");
    }
}

#[test]
fn a_hundred_seeds_give_a_hundred_traces() {
    let mut hashes: Vec<_> = (0..100).map(|seed| run(seed, None).trace_hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 100);
}

#[test]
fn one_bit_one_swapped_pair_and_one_nanosecond_give_another_trace() {
    let plain = run(7, None).trace_hash;
    for change in [Change::Bit, Change::Swap, Change::Nanosecond] {
        assert_ne!(run(7, Some(change)).trace_hash, plain, "{change:?}");
    }
}

/// The variable by which this program is asked to print the trace hash of one run.
const ASKED: &str = "SINEW_TEST_PRINT_HASH";

#[test]
fn two_processes_agree() {
    let here = run(11, None).trace_hash;
    if std::env::var_os(ASKED).is_some() {
        println!("hash={here:016x}");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args(["--exact", "determinism::two_processes_agree", "--nocapture"])
        .env(ASKED, "1")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains(&format!("hash={here:016x}")),
        "{here:016x}: {text}"
    );
}

#[test]
fn an_actor_more_does_not_shift_the_chances_of_the_others() {
    let chances = |more: bool| {
        let mut graph = Graph::new("chances");
        if more {
            graph.add(
                "more",
                made(|| Sensor {
                    change: None,
                    count: 0,
                }),
            );
        }
        let log = Log::new();
        let notes = log.clone();
        graph.add("chancer", made(move || Chancer(notes.clone())));
        let mut system = System::simulated(graph, 3, Box::new(Void)).expect("it is sound");
        system.run_until(at_ms(50));
        log.take()
    };
    assert_eq!(chances(false), chances(true));
}

/// Notes its random numbers.
struct Chancer(Log<u64>);

impl Actor for Chancer {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for _ in 0..10 {
            self.0.add(ctx.random());
            let ratio = ctx.random_ratio();
            assert!((0.0..1.0).contains(&ratio));
        }
        Ok(())
    }
}

/// Keeps all that it sees.
struct Recorder(Log<(Time, u32, u64, Vec<u8>)>);

impl Tap for Recorder {
    fn edge(&mut self, time: Time, edge: u32, sequence: u64, bytes: &[u8]) {
        self.0.add((time, edge, sequence, bytes.to_vec()));
    }
    fn turn(&mut self, _: Time, _: u64) {}
}

#[test]
fn a_tap_sees_every_value_on_every_edge_with_its_time_its_number_and_its_bytes() {
    let log = Log::new();
    let mut system = System::simulated(graph(None), 7, Box::new(Void)).unwrap();
    system.tap(Box::new(Recorder(log.clone())));
    system.run_until(at_ms(300));
    let report = system.shut_down();
    assert_eq!(report.trace_hash, run(7, None).trace_hash, "the hash stays");
    let seen = log.take();
    for (place, edge) in report.edges.iter().enumerate() {
        let of_edge: Vec<_> = seen.iter().filter(|it| it.1 == place as u32).collect();
        assert_eq!(of_edge.len() as u64, edge.published);
        let in_order = of_edge.iter().map(|it| it.2).eq(1..=edge.published);
        assert!(in_order, "numbered from one");
        assert!(of_edge.iter().map(|it| it.0).is_sorted());
    }
    let first = seen.iter().find(|it| it.1 == 0).unwrap();
    assert_eq!(first.0, at_ms(1));
    let reading: Reading = postcard::from_bytes(&first.3).unwrap();
    assert_eq!(reading.value, 1);
}

/// Takes numbers.
#[derive(Clone)]
struct Sink;

impl Actor for Sink {}

impl Handler<u8> for Sink {
    type Reply = ();
    async fn handle(&mut self, _: u8, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// Notes who took a turn.
struct Turns(Log<u64>);

impl Tap for Turns {
    fn edge(&mut self, _: Time, _: u32, _: u64, _: &[u8]) {}

    fn turn(&mut self, _: Time, node: u64) {
        self.0.add(node);
    }
}

/// What two sinks make of ten numbers each: whose turns there were, and the trace.
fn ten_to_each_of_two(full: bool) -> (Vec<u64>, u64) {
    let mut graph = Graph::new("turns");
    let sinks = ["left", "right"].map(|name| graph.add(name, Sink).address());
    let mut system = System::simulated(graph, 7, Box::new(Void)).unwrap();
    if full {
        system.full_turns();
    }
    system.run_until(at_ms(1));
    let turns = Log::new();
    system.tap(Box::new(Turns(turns.clone())));
    for number in 0..10 {
        for sink in &sinks {
            sink.try_tell(number).unwrap();
        }
    }
    system.run_until(at_ms(2));
    let report = system.report();
    assert_eq!(report.messages, 20);
    (turns.take(), report.trace_hash)
}

#[test]
fn an_actor_takes_a_turn_for_each_message_or_one_for_all_that_wait() {
    let (turns, trace) = ten_to_each_of_two(false);
    assert_eq!(turns.len(), 20, "none to see that nothing is left");
    assert!(turns.windows(2).any(|two| two[0] != two[1]), "{turns:?}");
    let (full_turns, full_trace) = ten_to_each_of_two(true);
    assert_eq!(full_turns.len(), 2);
    assert_ne!(trace, full_trace);
    assert_eq!(ten_to_each_of_two(false), (turns, trace));
    assert_eq!(ten_to_each_of_two(true), (full_turns, full_trace));
}
