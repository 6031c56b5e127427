//! A graph says on which thread each node runs; in virtual time all threads are one.

use crate::common::{Log, Void, at_ms, made, ms};
use sinew_runtime::{
    Actor, Address, Context, Emits, Failure, Graph, Handler, Progress, Realtime, Reason, Restart,
    System, Tap, Thread, Time,
};
use std::sync::mpsc;
use std::time::Duration;

/// Says on which thread it handles, and passes a number on.
struct Teller {
    log: Log<String>,
}

impl Teller {
    fn note(&self, what: &str, name: &str) {
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("main").to_owned();
        self.log.add(format!("{name} {what} on {thread}"));
    }
}

impl Emits<u32> for Teller {}

impl Actor for Teller {
    async fn stopped(&mut self, _: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.note("stopped", ctx.name());
        Ok(())
    }
}

impl Handler<u32> for Teller {
    type Reply = u32;
    async fn handle(&mut self, number: u32, ctx: &mut Context<Self>) -> Result<u32, Failure> {
        self.note(&format!("got {number}"), ctx.name());
        ctx.publish(number + 1);
        Ok(number)
    }
}

/// Has a child say where it runs.
struct Start;

impl Handler<Start> for Teller {
    type Reply = ();
    async fn handle(&mut self, _: Start, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let log = self.log.clone();
        let child = ctx.child("child", made(move || Teller { log: log.clone() }));
        let child = child.start()?;
        child.try_tell(100)?;
        Ok(())
    }
}

/// Three in a row, the second and third on threads of their own.
fn chain(log: &Log<String>) -> (Graph, Address<Teller>) {
    let (graph, ends) = chain_with_its_ends(log);
    (graph, ends[0].clone())
}

fn chain_with_its_ends(log: &Log<String>) -> (Graph, [Address<Teller>; 2]) {
    let mut graph = Graph::new("chain");
    let mut add = |name: &str| {
        let log = log.clone();
        graph.add(name, made(move || Teller { log: log.clone() }))
    };
    let (a, b, c, d) = (add("a"), add("b"), add("c"), add("d"));
    graph.connect(&a, &b).keep_oldest(8);
    graph.connect(&b, &c).keep_oldest(8);
    graph.connect(&c, &d).keep_oldest(8);
    let bus = Thread::named("bus");
    graph.place(&b, &bus);
    graph.place(&d, &Thread::named("bus"));
    graph.place(&c, &Thread::pool("pool", 2));
    let ends = [a.address(), d.address()];
    (graph, ends)
}

/// Runs on the real clock until so much was noted; fails after ten seconds.
fn run_until_noted(system: &mut System, log: &Log<String>, count: usize) {
    for _ in 0..10_000 {
        if log.len() >= count {
            return;
        }
        let until = system.now() + ms(1);
        system.run_until(until);
    }
    panic!("{:?}", log.take());
}

#[test]
fn nodes_run_where_the_graph_says_and_end_in_reverse_order_wherever_they_are() {
    let log = Log::new();
    let (graph, first) = chain(&log);
    first.try_tell(1).unwrap();
    let mut system = System::real(graph, None).unwrap();
    run_until_noted(&mut system, &log, 4);
    let here = std::thread::current().name().unwrap_or("main").to_owned();
    assert_eq!(
        log.take(),
        [
            format!("a got 1 on {here}"),
            "b got 2 on bus".to_owned(),
            "c got 3 on pool-0".to_owned(),
            "d got 4 on bus".to_owned()
        ]
    );
    let report = system.shut_down();
    assert_eq!(
        log.take(),
        [
            "d stopped on bus".to_owned(),
            "c stopped on pool-0".to_owned(),
            "b stopped on bus".to_owned(),
            format!("a stopped on {here}")
        ]
    );
    assert_eq!(
        (report.messages, report.failures, report.unresponsive),
        (4, 0, 0)
    );
    assert!(
        report
            .edges
            .iter()
            .all(|edge| (edge.published, edge.delivered) == (1, 1))
    );
}

#[test]
fn in_virtual_time_all_threads_are_one_and_the_trace_is_the_same() {
    let run = |placed: bool| {
        let log = Log::new();
        let (mut graph, first) = chain(&log);
        if !placed {
            graph = chain(&log).0;
        }
        let _ = first.try_tell(1);
        let mut system = System::simulated(graph, 7, Box::new(Void)).unwrap();
        system.run_until(at_ms(10));
        let lines = log.take();
        (lines, system.shut_down().trace_hash)
    };
    let (lines, hash) = run(true);
    assert_eq!(lines.len(), 4);
    assert!(
        lines
            .iter()
            .all(|line| !line.contains("bus") && !line.contains("pool")),
        "{lines:?}"
    );
    assert_eq!(run(true).1, hash);
    assert_ne!(run(false).1, hash, "nobody was told anything there");
}

#[test]
fn children_live_on_the_thread_of_their_parent() {
    let log = Log::new();
    let notes = log.clone();
    let mut graph = Graph::new("family");
    let parent = graph.add("parent", made(move || Teller { log: notes.clone() }));
    graph.place(&parent, &Thread::named("nursery"));
    parent.address().try_tell(Start).unwrap();
    let mut system = System::real(graph, None).unwrap();
    run_until_noted(&mut system, &log, 1);
    assert_eq!(log.take(), ["parent/child got 100 on nursery"]);
    system.shut_down();
    assert_eq!(
        log.take(),
        [
            "parent/child stopped on nursery",
            "parent stopped on nursery"
        ]
    );
}

#[test]
fn an_ask_across_threads_is_answered_and_wakes_both() {
    let log = Log::new();
    let (graph, [_, last]) = chain_with_its_ends(&log);
    let mut system = System::real(graph, None).unwrap();
    let handle = system.handle();
    /// Asks another, and says what came.
    struct Asker(Address<Teller>, mpsc::Sender<u32>);
    impl Actor for Asker {
        async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
            for number in 0..100 {
                let answer = self.0.ask(number).await?;
                self.1.send(answer)?;
            }
            Ok(())
        }
    }
    let (sender, answers) = mpsc::channel();
    let asker = made(move || Asker(last.clone(), sender.clone()));
    handle.spawn("asker", asker).unwrap();
    run_until_noted(&mut system, &log, 100);
    let until = system.now() + ms(50);
    system.run_until(until);
    let answers: Vec<_> = answers.try_iter().collect();
    assert_eq!(answers, (0..100).collect::<Vec<_>>());
    assert_eq!(system.shut_down().failures, 0);
}

/// Fails or blocks when it is told to.
#[derive(Clone)]
struct Trouble;

/// What it shall do.
enum Make {
    Failure,
    Block(Duration),
}

impl Actor for Trouble {}

#[allow(
    clippy::disallowed_methods,
    reason = "holding its thread is what is tested"
)]
impl Handler<Make> for Trouble {
    type Reply = ();
    async fn handle(&mut self, make: Make, _: &mut Context<Self>) -> Result<(), Failure> {
        match make {
            Make::Failure => Err(Failure::new("no oil")),
            Make::Block(time) => {
                std::thread::sleep(time);
                Ok(())
            }
        }
    }
}

#[test]
fn a_node_that_gives_up_on_its_thread_ends_the_system() {
    let mut graph = Graph::new("trouble");
    let quiet = graph.add("quiet", Trouble);
    let trouble = graph.add("trouble", Trouble);
    graph.place(&trouble, &Thread::named("apart"));
    graph.supervise(&trouble, Restart::never());
    trouble.address().try_tell(Make::Failure).unwrap();
    let mut system = System::real(graph, None).unwrap();
    let Progress::Ended(why) = system.run_until(Time::NEVER) else {
        panic!("it ends");
    };
    assert!(why.contains("`trouble` failed: no oil"), "{why}");
    let report = system.shut_down();
    assert_eq!(report.nodes[0].name, "quiet");
    assert_eq!(
        report.nodes.iter().filter(|node| node.unresponsive).count(),
        0
    );
    drop(quiet);
}

#[test]
fn a_system_whose_actors_have_all_ended_on_all_threads_ends() {
    let mut graph = Graph::new("short");
    let (here, there) = (graph.add("here", Trouble), graph.add("there", Trouble));
    graph.place(&there, &Thread::named("apart"));
    here.address().stop();
    there.address().stop();
    let mut system = System::real(graph, None).unwrap();
    assert_eq!(
        system.run_until(Time::NEVER),
        Progress::Ended("every actor has ended".to_owned())
    );
}

#[test]
fn one_that_holds_its_thread_is_named_counted_and_not_waited_for() {
    let mut graph = Graph::new("held");
    let holder = graph.add("holder", Trouble);
    graph.place(&holder, &Thread::named("apart"));
    holder
        .address()
        .try_tell(Make::Block(Duration::from_secs(8)))
        .unwrap();
    let mut system = System::real(graph, None).unwrap();
    let handle = system.handle();
    while handle.status().nodes[0].held_too_long == 0 {
        let until = system.now() + ms(20);
        assert_eq!(system.run_until(until), Progress::Reached);
    }
    let began = system.now();
    let report = system.shut_down();
    assert!(report.nodes[0].unresponsive, "{report:?}");
    assert!(
        system.now().since(began) < Duration::from_secs(7),
        "nobody waited for it"
    );
}

/// Counts what it sees.
struct Counts(mpsc::Sender<u32>);

impl Tap for Counts {
    fn edge(&mut self, _: Time, edge: u32, _: u64, _: &[u8]) {
        let _ = self.0.send(edge);
    }
    fn turn(&mut self, _: Time, _: u64) {}
}

#[test]
fn a_tap_sees_the_edges_of_all_threads() {
    let log = Log::new();
    let (graph, first) = chain(&log);
    first.try_tell(1).unwrap();
    let mut system = System::real(graph, None).unwrap();
    let (sender, seen) = mpsc::channel();
    system.tap(Box::new(Counts(sender)));
    run_until_noted(&mut system, &log, 4);
    system.shut_down();
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_realtime_thread_runs_also_where_it_is_not_permitted() {
    let log = Log::new();
    let notes = log.clone();
    let mut graph = Graph::new("control");
    let node = graph.add("loop", made(move || Teller { log: notes.clone() }));
    graph.place(
        &node,
        &Thread::named("control").realtime(Realtime {
            priority: 1,
            cpu: None,
        }),
    );
    node.address().try_tell(1).unwrap();
    let mut system = System::real(graph, None).unwrap();
    run_until_noted(&mut system, &log, 1);
    assert_eq!(log.take(), ["loop got 1 on control"]);
    system.shut_down();
}

#[test]
fn actors_of_threads_that_never_started_are_dropped_with_their_system() {
    let log = Log::new();
    let (graph, first) = chain(&log);
    let system = System::real(graph, None).unwrap();
    drop(system);
    assert!(first.try_tell(1).is_err(), "it has ended");
}
