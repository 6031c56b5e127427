//! A throttle lets at most one value through in a period, and the newest of a burst always arrives.

use crate::common::{Heard, Log, Mouth, Say, Void, at_ms, ear, edge, mouth, ms, say_at, simulated};
use sinew_patterns::Throttle;
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Injection, Leased, Node, System, Time,
};
use std::time::Duration;

/// A source, a throttle of 100 ms and a listener, connected as readings.
fn readings() -> (System, Node<Mouth<u32>>, Log<Heard<u32>>) {
    let mut graph = Graph::new("throttle");
    let source = mouth(&mut graph, "source");
    let (sink, log) = ear(&mut graph, "sink");
    let throttle = graph.add("throttle", Throttle::every(ms(100)));
    graph.connect(&source, &throttle);
    graph.connect(&throttle, &sink);
    (simulated(graph), source, log)
}

/// The same, connected as commands, with this lease.
fn commands(lease: Duration) -> (System, Node<Mouth<u32>>, Log<Heard<u32>>) {
    let mut graph = Graph::new("throttle");
    let source = mouth(&mut graph, "source");
    let (sink, log) = ear(&mut graph, "sink");
    let throttle = graph.add("throttle", Throttle::every(ms(100)));
    graph.command(&source, &throttle).lease(lease);
    graph.command(&throttle, &sink).lease(ms(1_000));
    (simulated(graph), source, log)
}

#[test]
fn the_first_value_passes_at_once_and_the_newest_of_the_rest_at_the_end_of_the_period() {
    let (mut system, source, log) = readings();
    for (at, value) in [(10, 1), (20, 2), (30, 3), (109, 4)] {
        say_at(&mut system, at, &source, value);
    }
    system.run_until(at_ms(500));
    let wanted = [Heard::Value(1, 10), Heard::Value(4, 110)];
    assert_eq!(log.take(), wanted);
    assert_eq!(edge(&system.report(), 0), [4, 4, 0, 0]);
    assert_eq!(edge(&system.report(), 1), [2, 2, 0, 0]);
}

#[test]
fn what_comes_no_faster_than_the_period_is_not_delayed() {
    let (mut system, source, log) = readings();
    for (at, value) in [(0, 1), (100, 2), (200, 3), (450, 4)] {
        say_at(&mut system, at, &source, value);
    }
    system.run_until(at_ms(1_000));
    let passed = [(1, 0), (2, 100), (3, 200), (4, 450)];
    assert_eq!(
        log.take(),
        passed.map(|(value, at)| Heard::Value(value, at))
    );
}

#[test]
fn a_source_of_a_kilohertz_is_heard_ten_times_a_second_and_its_last_word_is_not_lost() {
    let (mut system, source, log) = readings();
    for at in 0..1_000 {
        say_at(&mut system, at, &source, u32::try_from(at).unwrap());
    }
    system.run_until(at_ms(3_000));
    let mut wanted: Vec<_> = (0..10)
        .map(|n| Heard::Value(n * 100, u64::from(n) * 100))
        .collect();
    for heard in &mut wanted[1..] {
        // At the end of a period what came just then has not been handled, or has: both stand in one millisecond.
        let Heard::Value(value, _) = heard else {
            unreachable!()
        };
        *value -= 1;
    }
    wanted.push(Heard::Value(999, 1_000));
    assert_eq!(log.take(), wanted);
}

/// Publishes a number every 50 ms.
#[derive(Clone)]
struct Metronome(u32);

#[derive(Clone)]
struct Tick;

impl Actor for Metronome {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(50), Tick);
        Ok(())
    }
}

impl Emits<u32> for Metronome {}

impl Handler<Tick> for Metronome {
    type Reply = ();
    async fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0 += 1;
        ctx.publish(self.0);
        Ok(())
    }
}

#[test]
fn what_comes_at_the_very_end_of_a_period_is_never_overtaken_by_what_was_held() {
    for seed in 0..50 {
        let mut graph = Graph::new("throttle");
        let source = graph.add("source", Metronome(0));
        let (sink, log) = ear(&mut graph, "sink");
        let throttle = graph.add("throttle", Throttle::every(ms(100)));
        graph.connect(&source, &throttle);
        graph.connect(&throttle, &sink).keep_newest(8);
        let mut system = System::simulated(graph, seed, Box::new(Void)).unwrap();
        system.run_until(at_ms(1_000));
        let heard = log.take();
        assert_eq!(heard.len(), 10, "seed {seed}: {heard:?}");
        let values = heard.iter().map(|it| match it {
            Heard::Value(value, _) => *value,
            other => panic!("{other:?}"),
        });
        assert!(values.is_sorted_by(|a, b| a < b), "seed {seed}: {heard:?}");
    }
}

#[test]
fn a_command_that_is_held_keeps_the_end_of_its_lease() {
    let (mut system, source, log) = commands(ms(250));
    say_at(&mut system, 0, &source, 1);
    say_at(&mut system, 40, &source, 2);
    system.run_until(at_ms(500));
    let wanted = [Heard::Command(1, 0, 250), Heard::Command(2, 100, 290)];
    assert_eq!(log.take(), wanted);
}

#[test]
fn a_command_whose_lease_ends_while_it_is_held_is_forgotten() {
    let (mut system, source, log) = commands(ms(60));
    say_at(&mut system, 0, &source, 1);
    say_at(&mut system, 40, &source, 2);
    system.run_until(at_ms(300));
    say_at(&mut system, 300, &source, 3);
    say_at(&mut system, 341, &source, 4);
    system.run_until(at_ms(700));
    let wanted = [
        Heard::Command(1, 0, 60),
        Heard::Command(3, 300, 360),
        Heard::Command(4, 400, 401),
    ];
    assert_eq!(log.take(), wanted);
}

#[test]
fn a_lease_that_the_source_shortened_stays_short() {
    let (mut system, source, log) = commands(ms(500));
    let command = |value, until| Say(Leased::new(value, at_ms(until)));
    source.address().try_tell(command(1, 30)).unwrap();
    system.run_until(at_ms(10));
    source.address().try_tell(command(2, 130)).unwrap();
    system.run_until(at_ms(500));
    let wanted = [Heard::Command(1, 0, 30), Heard::Command(2, 100, 130)];
    assert_eq!(log.take(), wanted);
}

#[test]
fn a_restart_forgets_the_command_that_was_held() {
    let (mut system, source, log) = commands(ms(1_000));
    say_at(&mut system, 0, &source, 1);
    say_at(&mut system, 10, &source, 2);
    system.run_until(at_ms(20));
    assert!(system.handle().inject("throttle", Injection::Panic));
    system.run_until(at_ms(900));
    assert_eq!(log.take(), [Heard::Command(1, 0, 1_000)]);
    say_at(&mut system, 900, &source, 3);
    system.run_until(at_ms(901));
    assert_eq!(log.take(), [Heard::Command(3, 900, 1_900)]);
}

#[test]
fn a_period_of_zero_lets_all_pass() {
    let mut graph = Graph::new("throttle");
    let source = mouth(&mut graph, "source");
    let (sink, log) = ear(&mut graph, "sink");
    let throttle = graph.add("throttle", Throttle::every(Duration::ZERO));
    graph.connect(&source, &throttle).keep_newest(9);
    graph.connect(&throttle, &sink).keep_newest(9);
    let mut system = simulated(graph);
    for value in 1..=5 {
        say_at(&mut system, 7, &source, value);
    }
    system.run_until(Time::from_nanos(7_000_001));
    assert_eq!(
        log.take(),
        [1, 2, 3, 4, 5].map(|value| Heard::Value(value, 7))
    );
}
