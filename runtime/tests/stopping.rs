//! A system ends in order: the last added first, each with its last word, each with a deadline.

use crate::common::{Doer, Feed, Gate, Log, at_ms, job, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, AskError, Context, Factory, Failure, Graph, Handler, Node, NodeState, Progress,
    Reason, Restart, System, Time,
};

/// How an actor ends.
#[derive(Clone, Copy, Default)]
struct How {
    /// How long its `started` and its `stopped` take, in milliseconds.
    starts_for: u64,
    stops_for: u64,
}

/// Notes its end.
struct Worker {
    how: How,
    log: Log<String>,
    feed: Feed<u8>,
    gate: Gate,
}

impl Worker {
    fn note(&self, what: &str, ctx: &Context<Self>) {
        let now = ctx.now().nanos() / 1_000_000;
        self.log.add(format!("{now} {} {what}", ctx.name()));
    }
}

/// Notes its drop.
struct Guard(Log<String>, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.add(format!("{} dropped", self.1));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.log.add("actor dropped".to_owned());
    }
}

impl Actor for Worker {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.input("feed", self.feed.stream());
        if self.how.starts_for > 0 {
            let _guard = Guard(self.log.clone(), "start");
            tokio::time::sleep(ms(self.how.starts_for)).await;
        }
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.note(&format!("{why}, {} inputs", self.feed.streams()), ctx);
        if self.how.stops_for > 0 {
            let _guard = Guard(self.log.clone(), "stop");
            tokio::time::sleep(ms(self.how.stops_for)).await;
            self.note("stopped", ctx);
        }
        Ok(())
    }
}

impl Handler<u8> for Worker {
    type Reply = ();
    async fn handle(&mut self, number: u8, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match number {
            0 => {
                let _guard = Guard(self.log.clone(), "handler");
                self.gate.passed().await;
            }
            1 => ctx.stop(),
            2 => return Err(Failure::new("told to")),
            _ => self.note("handled", ctx),
        }
        Ok(())
    }
}

fn worker(graph: &mut Graph, name: &str, how: How, log: &Log<String>) -> Node<Worker> {
    let notes = log.clone();
    let make = move || Worker {
        how,
        log: notes.clone(),
        feed: Feed::new(),
        gate: Gate::default(),
    };
    graph.add(name, made(make))
}

fn one(how: How) -> (System, Address<Worker>, Log<String>) {
    let mut graph = Graph::new("one");
    let log = Log::new();
    let node = worker(&mut graph, "one", how, &log);
    (simulated(graph), node.address(), log)
}

#[test]
fn nodes_end_in_reverse_order_each_before_the_next_begins() {
    let mut graph = Graph::new("three");
    let log = Log::new();
    let how = How {
        stops_for: 10,
        ..How::default()
    };
    for name in ["first", "second", "third"] {
        worker(&mut graph, name, how, &log);
    }
    let mut system = simulated(graph);
    system.run_until(at_ms(5));
    let report = system.shut_down();
    let wanted = [
        "5 third stopped, 0 inputs",
        "15 third stopped",
        "stop dropped",
        "actor dropped",
        "15 second stopped, 0 inputs",
        "25 second stopped",
        "stop dropped",
        "actor dropped",
        "25 first stopped, 0 inputs",
        "35 first stopped",
        "stop dropped",
        "actor dropped",
    ];
    assert_eq!(log.take(), wanted);
    assert!(
        report
            .nodes
            .iter()
            .all(|node| node.state == NodeState::Ended)
    );
    assert_eq!(
        (report.ended, report.failures),
        (None, 0),
        "it did not end by itself"
    );
}

#[test]
fn the_others_go_on_while_one_ends() {
    let mut graph = Graph::new("two");
    let log = Log::new();
    let how = How {
        stops_for: 100,
        ..How::default()
    };
    let first = worker(&mut graph, "first", How::default(), &log).address();
    worker(&mut graph, "second", how, &log);
    let doer = graph.add("third", Doer);
    let mut system = simulated(graph);
    drop(doer);
    system.run_until(at_ms(1));
    first.try_tell(9).unwrap();
    system.shut_down();
    let found = log.take();
    let place = |what: &str| found.iter().position(|it| it.ends_with(what)).unwrap();
    assert!(
        place("first handled") < place("second stopped"),
        "{found:?}"
    );
}

#[test]
fn a_handler_that_waits_is_dropped_and_stopped_runs_after_it() {
    let (mut system, one, log) = one(How::default());
    one.try_tell(0).unwrap();
    one.try_tell(9).unwrap();
    system.run_until(at_ms(3));
    let report = system.shut_down();
    let wanted = [
        "handler dropped",
        "3 one stopped, 0 inputs",
        "actor dropped",
    ];
    assert_eq!(log.take(), wanted);
    assert_eq!(report.nodes[0].undelivered, 1);
}

#[test]
fn a_start_that_waits_is_dropped_and_stopped_runs_after_it() {
    for by_address in [true, false] {
        let (mut system, one, log) = one(How {
            starts_for: 1_000,
            ..How::default()
        });
        system.run_until(at_ms(3));
        if by_address {
            one.stop();
            system.run_until(at_ms(3));
        } else {
            system.shut_down();
        }
        let wanted = ["start dropped", "3 one stopped, 0 inputs", "actor dropped"];
        assert_eq!(log.take(), wanted);
    }
}

#[test]
fn a_last_word_that_hangs_is_dropped_after_two_seconds_and_the_report_says_so() {
    let mut graph = Graph::new("two");
    let log = Log::new();
    let how = How {
        stops_for: 60_000,
        ..How::default()
    };
    worker(&mut graph, "first", How::default(), &log);
    worker(&mut graph, "hangs", how, &log);
    let mut system = simulated(graph);
    system.run_until(at_ms(5));
    let report = system.shut_down();
    let wanted = [
        "5 hangs stopped, 0 inputs",
        "stop dropped",
        "actor dropped",
        "2005 first stopped, 0 inputs",
        "actor dropped",
    ];
    assert_eq!(log.take(), wanted);
    let told = report.nodes[1].last_failure.clone().unwrap();
    assert!(told.contains("took too long and was dropped"), "{told}");
    let unresponsive = report.nodes.iter().map(|node| node.unresponsive);
    assert_eq!(unresponsive.collect::<Vec<_>>(), [false, true]);
    assert_eq!(report.unresponsive, 1);
    assert_eq!(report.failures, 1);
    assert_eq!(report.nodes[0].last_failure, None);
}

#[test]
fn a_second_end_does_nothing_more() {
    let (mut system, one, log) = one(How::default());
    system.run_until(at_ms(1));
    let first = system.shut_down();
    log.take();
    assert_eq!(system.shut_down(), first);
    let ended = Progress::Ended("it was shut down".to_owned());
    assert_eq!(system.run_until(at_ms(100)), ended);
    assert_eq!(log.len(), 0);
    assert!(one.try_tell(9).is_err());
}

#[test]
fn a_system_that_never_ran_ends_without_building_anything() {
    let (mut system, one, log) = one(How::default());
    one.try_tell(9).unwrap();
    let report = system.shut_down();
    assert_eq!(log.len(), 0);
    assert_eq!((report.messages, report.nodes[0].undelivered), (0, 1));
}

#[test]
fn a_node_that_waits_to_be_built_anew_can_be_stopped_there() {
    for by_address in [true, false] {
        let mut graph = Graph::new("waits");
        let log = Log::new();
        let tries = log.clone();
        let factory = Factory::<Worker>::new(move || {
            tries.add("tried".to_owned());
            Err(Failure::new("not there"))
        });
        let node = graph.add("waits", factory);
        let pause = Restart {
            first_pause: ms(60_000),
            longest_pause: ms(60_000),
            ..Restart::patient()
        };
        graph.supervise(&node, pause);
        let mut system = simulated(graph);
        system.run_until(at_ms(1));
        if by_address {
            node.address().stop();
            system.run_until(at_ms(2));
        } else {
            system.shut_down();
        }
        assert_eq!(system.report().nodes[0].state, NodeState::Ended);
        assert!(system.now() <= at_ms(2), "it ended at once");
        assert_eq!(log.take(), ["tried"]);
    }
}

#[test]
fn an_actor_is_told_why_it_ends() {
    for (number, why) in [(1, "finished"), (2, "failed: told to")] {
        let (mut system, one, log) = one(How::default());
        one.try_tell(number).unwrap();
        system.run_until(at_ms(0));
        assert_eq!(log.take()[0], format!("0 one {why}, 0 inputs"));
    }
}

#[test]
fn a_node_that_fails_while_its_system_ends_is_not_built_anew() {
    let mut graph = Graph::new("two");
    let log = Log::new();
    let how = How {
        stops_for: 500,
        ..How::default()
    };
    let first = worker(&mut graph, "first", How::default(), &log).address();
    worker(&mut graph, "second", how, &log);
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    // The first fails while the second takes its time; it waits to be built anew when its own end comes.
    first.try_tell(2).unwrap();
    let report = system.shut_down();
    assert_eq!(report.nodes[0].state, NodeState::Ended);
    assert_eq!(report.failures, 1);
}

#[test]
fn after_a_restart_limit_the_others_still_end_in_order() {
    let mut graph = Graph::new("two");
    let log = Log::new();
    worker(&mut graph, "first", How::default(), &log);
    let broken = graph.add("broken", Factory::<Worker>::new(|| panic!("never")));
    graph.supervise(&broken, Restart::never());
    let mut system = simulated(graph);
    let Progress::Ended(why) = system.run_until(at_ms(1)) else {
        panic!("the limit was exceeded");
    };
    assert_eq!(
        why,
        "`broken` panicked: never; its restart limit is exceeded"
    );
    log.take();
    let report = system.shut_down();
    assert_eq!(report.ended.as_ref(), Some(&why));
    let found = log.take();
    assert!(found.is_empty() || found == ["0 first stopped, 0 inputs", "actor dropped"]);
}

/// Panics over its last word.
struct Dramatic;

impl Actor for Dramatic {
    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        panic!("it is over")
    }
}

#[test]
fn a_panic_over_the_last_word_is_told_and_not_followed_by_a_restart() {
    let mut graph = Graph::new("drama");
    graph.add("actor", made(|| Dramatic));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    let report = system.shut_down();
    assert_eq!((report.failures, report.restarts), (1, 0));
    let told = report.nodes[0].last_failure.as_deref();
    assert_eq!(told, Some("panicked: it is over"));
}

/// Panics when it is dropped unhandled.
struct Mine(Log<u8>);

impl Drop for Mine {
    fn drop(&mut self) {
        self.0.add(1);
        panic!("a mine was dropped");
    }
}

impl Handler<Mine> for Worker {
    type Reply = ();
    async fn handle(&mut self, mine: Mine, _: &mut Context<Self>) -> Result<(), Failure> {
        std::mem::forget(mine);
        Ok(())
    }
}

#[test]
fn messages_that_panic_when_they_are_dropped_do_not_keep_a_system_from_its_end() {
    let (mut system, one, _) = one(How::default());
    let drops = Log::new();
    one.try_tell(0).unwrap();
    system.run_until(at_ms(1));
    for _ in 0..3 {
        one.try_tell(Mine(drops.clone())).unwrap();
    }
    let report = system.shut_down();
    assert_eq!(drops.len(), 3);
    assert_eq!((report.nodes[0].undelivered, report.restarts), (3, 0));
    assert_eq!(report.nodes[0].state, NodeState::Ended);
}

#[test]
fn a_system_that_is_dropped_drops_its_actors_last_first_and_answers_who_asks() {
    let mut graph = Graph::new("dropped");
    let log = Log::new();
    let oracle = worker(&mut graph, "oracle", How::default(), &log).address();
    let named = |name: &'static str| {
        let log = log.clone();
        made(move || Named(Guard(log.clone(), name)))
    };
    graph.add("second", named("second"));
    graph.add("third", named("third"));
    let mut system = simulated(graph);
    oracle.try_tell(0).unwrap();
    system.run_until(at_ms(1));
    let mut ask = Box::pin(oracle.ask(9_u8));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(ask.as_mut().poll(&mut cx).is_pending());
    drop(system);
    let found = log.take();
    let wanted = [
        "third dropped",
        "second dropped",
        "handler dropped",
        "actor dropped",
    ];
    assert_eq!(found, wanted, "no last word was run");
    assert_eq!(
        ask.as_mut().poll(&mut cx),
        std::task::Poll::Ready(Err(AskError::Closed))
    );
}

/// Holds a guard with its name.
struct Named(Guard);

impl Actor for Named {}

impl Handler<Time> for Named {
    type Reply = &'static str;
    async fn handle(&mut self, _: Time, _: &mut Context<Self>) -> Result<&'static str, Failure> {
        Ok(self.0.1)
    }
}

#[test]
fn the_last_word_of_a_stop_by_another_actor_is_run_too() {
    let mut graph = Graph::new("two");
    let log = Log::new();
    let one = worker(&mut graph, "one", How::default(), &log).address();
    let doer = graph.add("doer", Doer).address();
    let stops = one.clone();
    doer.try_tell(job(move || async move {
        tokio::time::sleep(ms(7)).await;
        stops.stop();
    }))
    .unwrap();
    one.try_tell(0).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(20));
    let wanted = [
        "handler dropped",
        "7 one stopped, 0 inputs",
        "actor dropped",
    ];
    assert_eq!(log.take(), wanted);
}
