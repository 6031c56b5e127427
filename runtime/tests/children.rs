//! Actors start children while they run, each of which ends with the incarnation that started it.

use crate::common::{Log, Void, at_ms, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Child, ChildStopped, Context, EndActor, Factory, Failure, Graph, Handler,
    Lifetime, NodeState, Progress, Reason, Restart, StartError, System, Time,
};

/// What a boss is told to do inside of its handler.
struct Now(Box<Deed>);

type Deed = dyn FnOnce(&mut Boss, &mut Context<Boss>) -> Result<(), Failure> + Send;

fn now(
    what: impl FnOnce(&mut Boss, &mut Context<Boss>) -> Result<(), Failure> + Send + 'static,
) -> Now {
    Now(Box::new(what))
}

/// Starts the children that it is told to at each start, and others on demand.
struct Boss {
    log: Log<String>,
    names: Vec<&'static str>,
}

impl Actor for Boss {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for name in &self.names {
            ctx.child(name, worker(&self.log)).start()?;
        }
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(format!("{} stopped: {why}", ctx.name()));
        Ok(())
    }

    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let next = if child.restarts { "restarts" } else { "ended" };
        self.log
            .add(format!("told: {} {}, {next}", child.name, child.reason));
        Ok(())
    }
}

impl Handler<Now> for Boss {
    type Reply = ();
    async fn handle(&mut self, Now(what): Now, ctx: &mut Context<Self>) -> Result<(), Failure> {
        what(self, ctx)
    }
}

/// Notes what happens to it.
struct Worker(Log<String>);

fn worker(log: &Log<String>) -> Factory<Worker> {
    let log = log.clone();
    made(move || Worker(log.clone()))
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.add("a worker dropped".to_owned());
    }
}

impl Actor for Worker {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(format!("{} started", ctx.name()));
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(format!("{} stopped: {why}", ctx.name()));
        tokio::time::sleep(ms(5)).await;
        Ok(())
    }
}

impl Handler<&'static str> for Worker {
    type Reply = u64;
    async fn handle(
        &mut self,
        word: &'static str,
        ctx: &mut Context<Self>,
    ) -> Result<u64, Failure> {
        self.0.add(format!("{} heard {word}", ctx.name()));
        match word {
            "fail" => Err(Failure::new("told to")),
            "panic" => panic!("told to"),
            "end" => Err(EndActor.into()),
            _ => Ok(ctx.restarts()),
        }
    }
}

struct Stand {
    system: System,
    boss: Address<Boss>,
    log: Log<String>,
}

/// A boss that starts these children.
fn boss(names: &[&'static str]) -> Stand {
    let mut graph = Graph::new("boss");
    let log = Log::new();
    let (notes, names) = (log.clone(), names.to_vec());
    let make = move || Boss {
        log: notes.clone(),
        names: names.clone(),
    };
    let boss = graph.add("boss", made(make)).address();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    Stand { system, boss, log }
}

impl Stand {
    /// Has the boss do something; what was noted until a millisecond later.
    fn does(
        &mut self,
        what: impl FnOnce(&mut Boss, &mut Context<Boss>) -> Result<(), Failure> + Send + 'static,
    ) -> Vec<String> {
        self.boss.try_tell(now(what)).expect("it lives");
        self.runs(1)
    }

    /// What is noted in the next milliseconds.
    fn runs(&mut self, milliseconds: u64) -> Vec<String> {
        let now = self.system.now();
        self.system.run_until(now + ms(milliseconds));
        self.log.take()
    }

    fn names(&self) -> Vec<String> {
        let nodes = self.system.report().nodes.into_iter();
        nodes.map(|node| node.name).collect()
    }
}

#[test]
fn a_child_takes_messages_at_once_and_begins_after_the_turn_that_started_it() {
    let mut stand = boss(&[]);
    let found = stand.does(|boss, ctx| {
        let child = ctx.child("one", worker(&boss.log)).start()?;
        child.try_tell("first")?;
        boss.log.add("the turn ends".to_owned());
        child.try_tell("second")?;
        Ok(())
    });
    let wanted = [
        "the turn ends",
        "boss/one started",
        "boss/one heard first",
        "boss/one heard second",
    ];
    assert_eq!(found, wanted);
    assert_eq!(stand.names(), ["boss", "boss/one"]);
}

#[test]
fn a_handler_may_ask_the_child_that_it_has_just_started() {
    let mut graph = Graph::new("asks");
    let log = Log::new();
    let asker = graph.add("asker", made(|| Asker)).address();
    asker.try_tell(log.clone()).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    let wanted = ["asker/one started", "asker/one heard question"];
    assert_eq!(log.take(), wanted);
}

/// Asks its child within one message.
struct Asker;

impl Actor for Asker {}

impl Handler<Log<String>> for Asker {
    type Reply = ();
    async fn handle(&mut self, log: Log<String>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let child = ctx.child("one", worker(&log)).start()?;
        assert_eq!(child.ask("question").await, Ok(0));
        Ok(())
    }
}

#[test]
fn a_name_belongs_to_one_living_child_and_is_free_after_its_end() {
    let mut stand = boss(&["one"]);
    stand.does(|boss, ctx| {
        let clash = ctx.child("one", worker(&boss.log)).start();
        let name = "boss/one".to_owned();
        assert_eq!(clash.err(), Some(StartError::NameTaken { name }));
        Ok(())
    });
    let ends = stand.does(|boss, ctx| {
        let two = ctx.child("two", worker(&boss.log)).start()?;
        two.try_tell("end")?;
        Ok(())
    });
    assert!(ends.contains(&"boss/two stopped: finished".to_owned()));
    let told = stand.runs(10);
    assert_eq!(told.last().unwrap(), "told: boss/two finished, ended");
    let found = stand.does(|boss, ctx| {
        ctx.child("two", worker(&boss.log)).start()?;
        Ok(())
    });
    assert_eq!(found, ["boss/two started"]);
}

#[test]
fn children_end_before_their_parents_last_word_the_last_started_first_each_before_the_next() {
    let mut stand = boss(&["a", "c", "b"]);
    stand.log.take();
    stand.boss.stop();
    let wanted = [
        "boss/b stopped: stopped",
        "a worker dropped",
        "boss/c stopped: stopped",
        "a worker dropped",
        "boss/a stopped: stopped",
        "a worker dropped",
        "boss stopped: stopped",
    ];
    assert_eq!(stand.runs(20), wanted);
    assert_eq!(stand.names(), ["boss"]);
}

#[test]
fn a_system_ends_the_children_of_its_nodes_before_them() {
    let mut stand = boss(&["a"]);
    let late = stand.system.spawn("late", worker(&stand.log)).unwrap();
    stand.runs(1);
    stand.system.shut_down();
    let found: Vec<_> = stand.log.take();
    let wanted = [
        "late stopped: stopped",
        "a worker dropped",
        "boss/a stopped: stopped",
        "a worker dropped",
        "boss stopped: stopped",
    ];
    assert_eq!(found, wanted);
    assert!(late.try_tell("too late").is_err());
    let refused = stand.system.spawn("later", worker(&stand.log));
    assert!(matches!(refused, Err(StartError::Ending { .. })));
}

#[test]
fn a_restarted_parent_starts_its_children_anew_after_the_old_ones_are_gone() {
    for panics in [false, true] {
        let mut stand = boss(&["a", "b"]);
        stand.log.take();
        let fails = now(move |_, _| {
            assert!(!panics, "told to");
            Err(Failure::new("told to"))
        });
        stand.boss.try_tell(fails).unwrap();
        let found = stand.runs(500);
        let mut wanted = vec![
            "boss/b stopped: stopped",
            "a worker dropped",
            "boss/a stopped: stopped",
            "a worker dropped",
        ];
        if !panics {
            wanted.push("boss stopped: failed: told to");
        }
        wanted.extend(["boss/a started", "boss/b started"]);
        assert_eq!(found[..wanted.len() - 2], wanted[..wanted.len() - 2]);
        let mut started = found[wanted.len() - 2..].to_vec();
        started.sort();
        assert_eq!(started, wanted[wanted.len() - 2..]);
        assert_eq!(stand.names(), ["boss", "boss/a", "boss/b"]);
    }
}

#[test]
fn an_actor_that_is_ending_starts_nobody() {
    struct Late(Log<Option<StartError>>);
    impl Actor for Late {
        async fn stopped(&mut self, _: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
            let started = ctx.child("child", crate::common::Doer).start();
            self.0.add(started.err());
            Ok(())
        }
    }
    let mut graph = Graph::new("late");
    let log = Log::new();
    let notes = log.clone();
    graph.add("late", made(move || Late(notes.clone())));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    system.shut_down();
    let name = "late/child".to_owned();
    assert_eq!(log.take(), [Some(StartError::Ending { name })]);
}

/// What the parent hears of a child that does this, for two seconds.
fn heard(word: &'static str, describe: fn(Child<'_, Worker>) -> Child<'_, Worker>) -> Vec<String> {
    let mut stand = boss(&[]);
    let mut found = stand.does(move |boss, ctx| {
        let child = describe(ctx.child("one", worker(&boss.log))).start()?;
        child.try_tell(word)?;
        Ok(())
    });
    found.extend(stand.runs(2_000));
    found.retain(|note| note.starts_with("told: "));
    found
}

#[test]
fn a_permanent_child_is_built_anew_after_each_end_a_transient_one_after_a_failure_a_temporary_one_never()
 {
    fn permanent(child: Child<'_, Worker>) -> Child<'_, Worker> {
        child.lifetime(Lifetime::Permanent)
    }
    fn temporary(child: Child<'_, Worker>) -> Child<'_, Worker> {
        child.lifetime(Lifetime::Temporary)
    }
    assert_eq!(
        heard("end", |child| child),
        ["told: boss/one finished, ended"]
    );
    assert_eq!(
        heard("end", permanent),
        ["told: boss/one finished, restarts"]
    );
    assert_eq!(heard("end", temporary), ["told: boss/one finished, ended"]);
    let failed = "told: boss/one failed: told to";
    assert_eq!(
        heard("fail", |child| child),
        [format!("{failed}, restarts")]
    );
    assert_eq!(heard("fail", permanent), [format!("{failed}, restarts")]);
    assert_eq!(heard("fail", temporary), [format!("{failed}, ended")]);
    let panicked = "told: boss/one panicked: told to";
    assert_eq!(
        heard("panic", |child| child),
        [format!("{panicked}, restarts")]
    );
    assert_eq!(heard("panic", temporary), [format!("{panicked}, ended")]);
}

#[test]
fn a_child_that_was_told_to_stop_is_not_built_anew_not_even_a_permanent_one() {
    let mut stand = boss(&[]);
    stand.does(|boss, ctx| {
        let child = ctx.child("one", worker(&boss.log));
        child.lifetime(Lifetime::Permanent).start()?.stop();
        Ok(())
    });
    stand.runs(2_000);
    assert_eq!(stand.names(), ["boss"]);
}

#[test]
fn a_child_that_exceeds_its_limit_makes_its_parent_fail_which_hears_of_it_first() {
    let mut stand = boss(&["other"]);
    stand.log.take();
    let found = stand.does(|boss, ctx| {
        let child = ctx
            .child("one", worker(&boss.log))
            .restart(Restart::never());
        child.start()?.try_tell("fail")?;
        Ok(())
    });
    assert!(found.contains(&"boss/one heard fail".to_owned()));
    let found = stand.runs(500);
    let place = |what: &str| found.iter().position(|note| note == what).unwrap();
    let told = place("told: boss/one failed: told to, ended");
    let why = "its child `boss/one` failed: told to; the child's restart limit is exceeded";
    let failed = place(&format!("boss stopped: failed: {why}"));
    assert!(told < place("boss/other stopped: stopped"));
    assert!(place("boss/other stopped: stopped") < failed);
    assert!(failed < place("boss/other started"), "a new incarnation");
    let boss = &stand.system.report().nodes[0];
    assert_eq!((boss.failures, boss.restarts), (1, 1));
    assert_eq!(boss.last_failure, Some(format!("failed: {why}")));
}

#[test]
fn limits_are_counted_for_each_child_by_itself() {
    let mut stand = boss(&[]);
    stand.does(|boss, ctx| {
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            let child = ctx.child(name, worker(&boss.log)).start()?;
            child.try_tell("fail")?;
        }
        Ok(())
    });
    stand.runs(2_000);
    let report = stand.system.report();
    assert_eq!((report.failures, report.restarts), (7, 7));
    assert_eq!(
        report.nodes[0].failures, 0,
        "seven failures of seven are borne"
    );
}

#[test]
fn grandchildren_end_first_and_a_failure_climbs_as_far_as_limits_are_exceeded() {
    struct Middle;
    impl Actor for Middle {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            let failing = Factory::<Middle>::new(|| Err(Failure::new("not there")));
            ctx.child("leaf", failing)
                .restart(Restart::never())
                .start()?;
            Ok(())
        }
    }
    struct Top;
    impl Actor for Top {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            let child = ctx.child("middle", made(|| Middle));
            child.restart(Restart::never()).start()?;
            Ok(())
        }
    }
    let mut graph = Graph::new("three");
    let top = graph.add("top", made(|| Top));
    graph.supervise(&top, Restart::never());
    let mut system = simulated(graph);
    let exceeded = "the child's restart limit is exceeded";
    let leaf = format!("its child `top/middle/leaf` failed: not there; {exceeded}");
    let middle = format!("its child `top/middle` failed: {leaf}; {exceeded}");
    let why = format!("`top` failed: {middle}; its restart limit is exceeded");
    assert_eq!(system.run_until(at_ms(10)), Progress::Ended(why));
}

#[test]
fn what_is_started_from_outside_is_a_child_of_the_system() {
    let mut stand = boss(&[]);
    let handle = stand.system.handle();
    let log = stand.log.clone();
    let other = std::thread::spawn(move || {
        let one = handle.spawn("one", worker(&log)).unwrap();
        let names = ["one", "boss"].map(|name| handle.spawn(name, worker(&log)).err());
        assert!(
            names
                .iter()
                .all(|clash| matches!(clash, Some(StartError::NameTaken { .. })))
        );
        one.try_tell("hello").unwrap();
        one
    });
    let one = other.join().unwrap();
    assert_eq!(stand.runs(1), ["one started", "one heard hello"]);
    one.try_tell("end").unwrap();
    stand.runs(10);
    stand
        .system
        .spawn("one", worker(&stand.log))
        .expect("the name is free again");
    assert_eq!(stand.runs(1), ["one started"]);
}

#[test]
fn what_is_started_from_outside_ends_the_system_when_it_exceeds_its_limit() {
    let system = boss(&[]).system;
    let handle = system.handle();
    let one = handle
        .child("one", worker(&Log::new()))
        .restart(Restart::never());
    one.start().unwrap().try_tell("fail").unwrap();
    let mut system = system;
    let why = "`one` failed: told to; its restart limit is exceeded";
    assert_eq!(
        system.run_until(at_ms(100)),
        Progress::Ended(why.to_owned())
    );
}

#[test]
fn an_empty_system_waits_for_its_first_actor_and_outlives_its_last() {
    let mut system = simulated(Graph::new("empty"));
    let log = Log::new();
    for time in 1..4 {
        let one = system.spawn("one", worker(&log)).unwrap();
        one.try_tell("end").unwrap();
        assert_eq!(system.run_until(at_ms(time * 10)), Progress::Reached);
        assert_eq!(log.len(), 4);
        log.take();
    }
}

#[test]
fn a_child_is_found_by_its_full_name_and_forgotten_after_its_end_but_for_what_it_counted() {
    let mut stand = boss(&["one"]);
    let handle = stand.system.handle();
    let status = handle.status();
    assert_eq!(status.nodes[1].name, "boss/one");
    assert_eq!(status.nodes[1].state, NodeState::Running);
    assert!(handle.inject(
        "boss/one",
        sinew_runtime::Injection::Fail("injected".to_owned())
    ));
    stand.runs(1_000);
    assert_eq!(stand.system.report().nodes[1].restarts, 1);
    stand.does(|boss, ctx| {
        let child = ctx
            .child("two", worker(&boss.log))
            .lifetime(Lifetime::Temporary);
        child.start()?.try_tell("panic")?;
        Ok(())
    });
    stand.runs(100);
    let report = stand.system.report();
    assert_eq!(stand.names(), ["boss", "boss/one"]);
    let listed: u64 = report.nodes.iter().map(|node| node.handled).sum();
    assert_eq!(
        report.messages, listed,
        "a message over which it panicked is not handled"
    );
    assert_eq!((report.failures, report.restarts), (2, 1));
    assert!(!handle.inject("boss/two", sinew_runtime::Injection::Panic));
}

#[test]
fn a_system_that_is_dropped_drops_the_children_first() {
    let stand = boss(&["a", "b"]);
    stand.log.take();
    let child = stand.system.spawn("outside", worker(&stand.log)).unwrap();
    drop(stand.system);
    assert_eq!(stand.log.take(), ["a worker dropped", "a worker dropped"]);
    assert!(child.try_tell("never began").is_err());
}

#[test]
fn the_same_seed_starts_and_ends_children_in_the_same_order() {
    let run = |seed| {
        let mut graph = Graph::new("seeded");
        let log = Log::new();
        let notes = log.clone();
        let make = move || Boss {
            log: notes.clone(),
            names: vec!["a", "b", "c", "d", "e", "f"],
        };
        let boss = graph.add("boss", made(make)).address();
        let mut system = System::simulated(graph, seed, Box::new(Void)).unwrap();
        system.run_until(at_ms(1));
        boss.try_tell(now(|_, _| Err(Failure::new("told to"))))
            .unwrap();
        system.run_until(at_ms(1_000));
        (system.shut_down().trace_hash, log.take())
    };
    assert_eq!(run(3), run(3));
    assert_ne!(
        run(3).1,
        run(4).1,
        "who begins first is decided by the seed"
    );
}

#[test]
fn a_child_keeps_time_and_restarts_like_a_node() {
    #[derive(Clone)]
    struct Ticks(Log<Time>);
    impl Actor for Ticks {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            ctx.every(ms(10), ());
            Ok(())
        }
    }
    impl Handler<()> for Ticks {
        type Reply = ();
        async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
            self.0.add(ctx.now());
            Ok(())
        }
    }
    let mut system = simulated(Graph::new("ticks"));
    let log = Log::new();
    system.run_until(at_ms(3));
    system.spawn("ticks", Ticks(log.clone())).unwrap();
    system.run_until(at_ms(50));
    assert_eq!(log.take(), [13, 23, 33, 43].map(at_ms));
}

/// Starts a child that ends at once, and panics when it hears of it.
struct Nervous;

impl Actor for Nervous {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let calm = ctx.restarts() > 0;
        ctx.child("child", crate::common::Doer).start()?;
        if !calm {
            ctx.child("brief", crate::common::Doer).start()?.stop();
        }
        Ok(())
    }

    async fn child_stopped(
        &mut self,
        _: &ChildStopped,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        panic!("too much")
    }
}

#[test]
fn a_panic_over_the_end_of_a_child_is_a_panic_like_any_other() {
    let mut graph = Graph::new("nervous");
    graph.add("nervous", made(|| Nervous));
    let mut system = simulated(graph);
    assert_eq!(system.run_until(at_ms(500)), Progress::Reached);
    let report = system.report();
    let last = report.nodes[0].last_failure.as_deref();
    assert_eq!(last, Some("panicked: too much"));
    let names: Vec<_> = report.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(
        (names, report.restarts),
        (vec!["nervous", "nervous/child"], 1)
    );
}

/// Has a child like itself until the depth is reached; its last word takes so long.
struct Chain {
    depth: u32,
    stops_for: std::time::Duration,
    log: Log<String>,
}

impl Actor for Chain {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if self.depth > 0 {
            let (depth, stops_for, log) = (self.depth - 1, self.stops_for, self.log.clone());
            let below = made(move || Chain {
                depth,
                stops_for,
                log: log.clone(),
            });
            ctx.child("below", below).start()?;
        }
        Ok(())
    }

    async fn stopped(&mut self, _: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        tokio::time::sleep(self.stops_for).await;
        let seconds = ctx.now().nanos() / 100_000_000;
        self.log.add(format!("{} at {seconds}", self.depth));
        Ok(())
    }
}

fn chain(stops_for: std::time::Duration) -> (sinew_runtime::Report, Vec<String>) {
    let mut graph = Graph::new("chain");
    let log = Log::new();
    let notes = log.clone();
    let make = move || Chain {
        depth: 4,
        stops_for,
        log: notes.clone(),
    };
    graph.add("chain", made(make));
    let mut system = simulated(graph);
    system.run_until(at_ms(0));
    (system.shut_down(), log.take())
}

#[test]
fn a_parent_is_as_patient_as_its_children_are_deep() {
    let (report, log) = chain(ms(1_900));
    assert_eq!(log, ["0 at 19", "1 at 38", "2 at 57", "3 at 76", "4 at 95"]);
    assert_eq!((report.failures, report.unresponsive), (0, 0));
}

#[test]
fn a_child_whose_last_word_hangs_is_dropped_and_reported_and_its_parent_goes_on() {
    let (report, log) = chain(ms(60_000));
    assert_eq!(log, [""; 0]);
    assert_eq!((report.failures, report.unresponsive), (5, 5));
}
