//! Any thread may end a system, and several run in one process without a trace of each other.

use crate::common::elsewhere::{Elsewhere, LONG};
use crate::common::{Doer, Log, Void, at_ms, job, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Context, Emits, Failure, Graph, Handler, Inbox, Progress, Reason, Recipient,
    RecvError, Report, System, SystemHandle,
};
use std::sync::mpsc;
use std::thread;

fn asked() -> Progress {
    Progress::Ended("it was asked to stop".to_owned())
}

/// Counts its ticks, publishes each, and notes its end.
struct Clock(u64, Log<String>);

impl Actor for Clock {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(1), ());
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.1.add(format!("{} {why}", ctx.name()));
        Ok(())
    }
}

impl Emits<u64> for Clock {}

impl Handler<()> for Clock {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0 += 1;
        let noise = ctx.random() % 1_000;
        ctx.publish(self.0 * 1_000 + noise);
        Ok(())
    }
}

/// Adds up.
#[derive(Clone)]
struct Sum(u64);

impl Actor for Sum {}

impl Handler<u64> for Sum {
    type Reply = u64;
    async fn handle(&mut self, number: u64, _: &mut Context<Self>) -> Result<u64, Failure> {
        self.0 += number;
        Ok(self.0)
    }
}

/// Two clocks whose ticks are added up.
fn clocks(graph: &mut Graph, log: &Log<String>) -> Address<Sum> {
    let sum = graph.add("sum", Sum(0));
    for name in ["left", "right"] {
        let notes = log.clone();
        let clock = graph.add(name, made(move || Clock(0, notes.clone())));
        graph.connect(&clock, &sum).keep_newest(8);
    }
    sum.address()
}

/// Does nothing; says when it is there, and when it ends.
struct Sleepy(Recipient<String>);

impl Actor for Sleepy {
    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(self.0.try_tell("there".to_owned())?)
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        Ok(self.0.try_tell(format!("{} {why}", ctx.name()))?)
    }
}

#[test]
fn another_thread_ends_a_system_that_sleeps_and_its_nodes_end_in_order() {
    let mut inbox = Inbox::keep_oldest(4);
    let to = inbox.recipient();
    let (system, ()) = Elsewhere::run(move |graph| {
        for name in ["first", "second"] {
            let to = to.clone();
            graph.add(name, made(move || Sleepy(to.clone())));
        }
    });
    for _ in 0..2 {
        assert_eq!(inbox.recv_timeout(LONG), Ok("there".to_owned()));
    }
    let silence = inbox.recv_timeout(ms(50));
    assert_eq!(silence, Err(RecvError::TimedOut), "it sleeps by now");
    let handle = system.handle.clone();
    let asleep = handle.status().now;
    let (progress, report) = system.stop();
    let slept = handle.status().now.since(asleep);
    assert!(slept < LONG / 2, "it did not sleep to the end: {slept:?}");
    assert_eq!(progress, asked());
    assert_eq!(report.ended.as_deref(), Some("it was asked to stop"));
    assert!(report.nodes.iter().all(|node| node.state.word() == "ended"));
    for end in ["second stopped", "first stopped"] {
        assert_eq!(inbox.recv_timeout(LONG), Ok(end.to_owned()));
    }
    let gone = inbox.recv_timeout(LONG);
    assert_eq!(gone, Err(RecvError::Closed), "the graph is gone");
}

#[test]
fn a_system_that_was_asked_to_end_before_it_ran_takes_no_turn() {
    let mut graph = Graph::new("early");
    clocks(&mut graph, &Log::new());
    let mut system = simulated(graph);
    system.handle().stop();
    for _ in 0..2 {
        assert_eq!(system.run_until(at_ms(10)), asked());
        assert_eq!(system.now(), at_ms(0));
    }
    assert_eq!(system.report().messages, 0);
}

/// Ends its system at the third tick.
struct Ender(SystemHandle, u8);

impl Actor for Ender {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(7), ());
        Ok(())
    }
}

impl Handler<()> for Ender {
    type Reply = ();
    async fn handle(&mut self, (): (), _: &mut Context<Self>) -> Result<(), Failure> {
        self.1 += 1;
        if self.1 == 3 {
            self.0.stop();
        }
        Ok(())
    }
}

#[test]
fn an_actor_ends_its_simulated_system_at_the_very_moment_and_each_run_alike() {
    let run = || {
        let mut graph = Graph::new("ending");
        let (to, from) = mpsc::channel();
        let make = move || Ender(from.recv().expect("a handle was sent"), 0);
        graph.add("ender", made(make));
        let log = Log::new();
        clocks(&mut graph, &log);
        let mut system = simulated(graph);
        to.send(system.handle()).expect("the factory listens");
        assert_eq!(system.run_until(at_ms(1_000)), asked());
        assert_eq!(system.now(), at_ms(21));
        let report = system.shut_down();
        assert_eq!(log.take(), ["right stopped", "left stopped"]);
        (report.trace_hash, report.messages)
    };
    assert_eq!(run(), run());
}

/// What a simulated system does with this seed.
fn simulation(seed: u64) -> Report {
    let mut graph = Graph::new("simulated");
    clocks(&mut graph, &Log::new());
    let mut system = System::simulated(graph, seed, Box::new(Void)).expect("it is sound");
    system.run_until(at_ms(200));
    system.report()
}

#[test]
fn a_simulation_is_the_same_whether_or_not_another_system_runs_beside_it() {
    let alone = simulation(3);
    let (beside, sum) = Elsewhere::run(|graph| clocks(graph, &Log::new()));
    // It is busy before, between and after.
    sum.call_within(0, LONG).expect("it runs");
    let first = simulation(3);
    let both = thread::spawn(|| simulation(3));
    let second = simulation(3);
    let third = both.join().expect("it ran without a panic");
    sum.call_within(0, LONG).expect("it still runs");
    let (_, other) = beside.stop();
    assert!(other.messages >= 2 && other.trace_hash == 0);
    assert_eq!(alone.messages, 800);
    assert_eq!([&first, &second, &third], [&alone; 3]);
    assert_ne!(simulation(4).trace_hash, alone.trace_hash);
}

#[test]
fn two_systems_on_one_thread_take_turns_and_one_tells_the_other() {
    let (mut ones, mut others) = (Graph::new("one"), Graph::new("other"));
    let sum = others.add("sum", Sum(0)).address();
    let doer = ones.add("doer", Doer).address();
    let log = Log::new();
    let (notes, far) = (log.clone(), sum.clone());
    let asks = job(move || async move {
        far.tell(4).await.expect("it is open");
        notes.add(far.ask(5).await);
    });
    doer.try_tell(asks).expect("there is room");
    let (mut one, mut other) = (simulated(ones), simulated(others));
    one.run_until(at_ms(1));
    assert_eq!(log.len(), 0, "the other does not run");
    other.run_until(at_ms(5));
    one.handle().stop();
    assert_eq!(one.run_until(at_ms(2)), asked());
    assert_eq!(other.run_until(at_ms(6)), Progress::Reached);
    assert_eq!((one.now(), other.now()), (at_ms(1), at_ms(6)));
    one.shut_down();
    sum.try_tell(6).expect("the other is open");
    other.run_until(at_ms(7));
    assert_eq!(other.report().messages, 3);
}

#[test]
fn real_systems_on_two_threads_ask_each_other() {
    let (left, to_left) = Elsewhere::run(|graph| graph.add("sum", Sum(100)).address());
    let (right, doer) = Elsewhere::run(|graph| graph.add("doer", Doer).address());
    let log = Log::new();
    let notes = log.clone();
    let asks = job(move || async move {
        for number in 0..100 {
            notes.add(to_left.ask(number).await);
        }
    });
    assert_eq!(doer.call_within(asks, LONG), Ok(()));
    right.stop();
    assert_eq!(left.stop().1.messages, 100);
    let found = log.take();
    assert_eq!((found.len(), found.last()), (100, Some(&Ok(100 + 4_950))));
}
