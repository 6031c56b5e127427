//! Actors that are supervised together are stopped in reverse order, and opened in order once all of them are gone.

use crate::common::{Log, Void, at_ms, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, ChildStopped, Context, Emits, Factory, Failure, Graph, GraphFinding, Handler,
    Leased, Lifetime, Node, Reason, Strategy, System, Time,
};
use std::time::Duration;

/// How a member behaves.
#[derive(Clone, Copy, Default)]
struct Way {
    /// How long its `started` and its `stopped` take.
    starts_for: Duration,
    stops_for: Duration,
    /// Which of its starts fails.
    fails_at_start: Option<u64>,
    /// Whether its last word panics.
    panics_at_stop: bool,
}

/// Notes what happens to it.
struct Member {
    log: Log<String>,
    way: Way,
    name: String,
}

impl Drop for Member {
    fn drop(&mut self) {
        self.log.add(format!("{} gone", self.name));
    }
}

impl Actor for Member {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.name = ctx.name().trim_start_matches("parent/").to_owned();
        self.log.add(format!("{} opens", self.name));
        if self.way.fails_at_start == Some(ctx.restarts()) {
            return Err(Failure::new("at its start"));
        }
        if !self.way.starts_for.is_zero() {
            tokio::time::sleep(self.way.starts_for).await;
        }
        self.log.add(format!("{} runs", self.name));
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(format!("{} {why}", self.name));
        if !self.way.stops_for.is_zero() {
            tokio::time::sleep(self.way.stops_for).await;
        }
        if self.way.panics_at_stop {
            panic!("over its last word");
        }
        Ok(())
    }
}

impl Handler<&'static str> for Member {
    type Reply = ();
    async fn handle(&mut self, word: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        match word {
            "fail" => Err(Failure::new("told to")),
            "panic" => panic!("told to"),
            _ => {
                self.log.add(format!("{} heard {word}", self.name));
                Ok(())
            }
        }
    }
}

fn member(log: &Log<String>, way: Way) -> Factory<Member> {
    let log = log.clone();
    made(move || Member {
        log: log.clone(),
        way,
        name: String::new(),
    })
}

struct Stand {
    system: System,
    log: Log<String>,
    members: Vec<Address<Member>>,
}

/// Nodes called `a` to `d`, of which `b`, `c` and `d` are supervised together.
fn nodes(strategy: Strategy, ways: [Way; 4]) -> Stand {
    let mut graph = Graph::new("members");
    let log = Log::new();
    let names = ["a", "b", "c", "d"];
    let nodes: Vec<Node<Member>> = names
        .iter()
        .zip(ways)
        .map(|(name, way)| graph.add(name, member(&log, way)))
        .collect();
    // In no order: the graph's counts.
    graph.supervise_together(strategy, [&nodes[3], &nodes[1], &nodes[2]]);
    let mut system = simulated(graph);
    system.run_until(at_ms(100));
    log.take();
    Stand {
        system,
        log,
        members: nodes.iter().map(Node::address).collect(),
    }
}

impl Stand {
    /// What happens in the next milliseconds after these words.
    fn tell(&mut self, words: &[(usize, &'static str)], milliseconds: u64) -> Vec<String> {
        for (member, word) in words {
            self.members[*member].try_tell(word).expect("it lives");
        }
        self.runs(milliseconds)
    }

    fn runs(&mut self, milliseconds: u64) -> Vec<String> {
        let now = self.system.now();
        self.system.run_until(now + ms(milliseconds));
        self.log.take()
    }
}

#[test]
fn one_for_one_leaves_the_others_alone() {
    let mut stand = nodes(Strategy::OneForOne, [Way::default(); 4]);
    let wanted = ["c failed: told to", "c gone", "c opens", "c runs"];
    assert_eq!(stand.tell(&[(2, "fail")], 500), wanted);
}

#[test]
fn rest_for_one_takes_those_after_the_one_that_failed() {
    for (word, last_word) in [("fail", vec!["c failed: told to"]), ("panic", vec![])] {
        let mut stand = nodes(Strategy::RestForOne, [Way::default(); 4]);
        let mut wanted = last_word;
        wanted.extend([
            "c gone",
            "d stopped with `c`, which failed",
            "d gone",
            "c opens",
            "c runs",
            "d opens",
            "d runs",
        ]);
        assert_eq!(stand.tell(&[(2, word)], 500), wanted);
        let restarts = stand.system.report().nodes;
        let restarts: Vec<_> = restarts.iter().map(|node| node.restarts).collect();
        assert_eq!(restarts, [0, 0, 1, 1]);
    }
}

#[test]
fn one_for_all_takes_all_of_them_each_gone_before_the_next_and_each_started_before_the_next() {
    let slow = Way {
        starts_for: ms(7),
        stops_for: ms(7),
        ..Way::default()
    };
    let mut stand = nodes(Strategy::OneForAll, [slow; 4]);
    let wanted = [
        "c failed: told to",
        "c gone",
        "d stopped with `c`, which failed",
        "d gone",
        "b stopped with `c`, which failed",
        "b gone",
        "b opens",
        "b runs",
        "c opens",
        "c runs",
        "d opens",
        "d runs",
    ];
    assert_eq!(stand.tell(&[(2, "fail")], 500), wanted);
}

#[test]
fn they_open_when_the_pause_of_the_one_that_failed_is_over() {
    let mut stand = nodes(Strategy::OneForAll, [Way::default(); 4]);
    let gone = stand.tell(&[(2, "fail")], 90);
    assert_eq!(gone.last().unwrap(), "b gone");
    assert_eq!(stand.runs(20).len(), 6, "a tenth of a second, give or take");
}

#[test]
fn messages_wait_for_the_next_incarnation() {
    let mut stand = nodes(Strategy::OneForAll, [Way::default(); 4]);
    stand.tell(&[(2, "fail")], 10);
    let happened = stand.tell(&[(1, "first"), (1, "second")], 500);
    let heard: Vec<_> = happened
        .iter()
        .filter(|what| what.contains("heard"))
        .collect();
    assert_eq!(heard, ["b heard first", "b heard second"]);
}

#[test]
fn a_failure_while_they_open_begins_anew_with_all_that_it_concerns() {
    let fails = Way {
        fails_at_start: Some(1),
        ..Way::default()
    };
    let calm = Way::default();
    let mut stand = nodes(Strategy::RestForOne, [calm, calm, fails, calm]);
    let wanted = [
        "b failed: told to",
        "b gone",
        "d stopped with `b`, which failed",
        "d gone",
        "c stopped with `b`, which failed",
        "c gone",
        "b opens",
        "b runs",
        "c opens",
        "c failed: at its start",
        "c gone",
        "c opens",
        "c runs",
        "d opens",
        "d runs",
    ];
    assert_eq!(stand.tell(&[(1, "fail")], 500), wanted);
}

#[test]
fn one_that_is_opening_leaves_again_if_one_before_it_fails() {
    let slow = Way {
        starts_for: ms(50),
        ..Way::default()
    };
    let calm = Way::default();
    let mut stand = nodes(Strategy::RestForOne, [calm, calm, slow, calm]);
    let happened = stand.tell(&[(2, "fail")], 120);
    assert_eq!(happened.last().unwrap(), "c opens");
    let wanted = [
        "b failed: told to",
        "b gone",
        "c stopped with `b`, which failed",
        "c gone",
        "b opens",
        "b runs",
        "c opens",
        "c runs",
        "d opens",
        "d runs",
    ];
    assert_eq!(stand.tell(&[(1, "fail")], 500), wanted);
}

#[test]
fn one_that_was_never_open_waits_for_its_group_as_well() {
    // Whoever comes first at the start: `b` fails there, and `d` takes long to leave.
    let ways = |name: &str| Way {
        fails_at_start: (name == "b").then_some(0),
        stops_for: ms(if name == "d" { 50 } else { 0 }),
        starts_for: ms(if name == "d" { 5 } else { 0 }),
        ..Way::default()
    };
    let mut waited = 0;
    for seed in 1..=20 {
        let mut graph = Graph::new("members");
        let log = Log::new();
        let nodes = ["b", "c", "d"].map(|name| graph.add(name, member(&log, ways(name))));
        let [b, c, d] = &nodes;
        graph.supervise_together(Strategy::OneForAll, [b, c, d]);
        let mut system = System::simulated(graph, seed, Box::new(Void)).unwrap();
        system.run_until(at_ms(1_000));
        let happened = log.take();
        let gone = happened.iter().position(|what| what == "b gone").unwrap();
        let opens = |what: &&String| what.ends_with("opens");
        let after: Vec<&String> = happened[gone..].iter().filter(opens).collect();
        assert_eq!(after, ["b opens", "c opens", "d opens"], "{happened:?}");
        waited += u64::from(!happened[..gone].contains(&"c opens".to_owned()));
    }
    assert!(waited > 0, "the order differs from seed to seed");
}

#[test]
fn the_end_of_one_that_waits_opens_no_other_before_its_time() {
    let slow = Way {
        starts_for: ms(50),
        ..Way::default()
    };
    let mut stand = nodes(Strategy::OneForAll, [slow; 4]);
    let happened = stand.tell(&[(1, "fail")], 120);
    assert_eq!(happened.last().unwrap(), "b opens");
    stand.members[3].stop();
    assert_eq!(stand.runs(500), ["b runs", "c opens", "c runs"]);
}

#[test]
fn a_failure_while_they_leave_counts_and_takes_whom_it_concerns_along() {
    let panics = Way {
        panics_at_stop: true,
        ..Way::default()
    };
    let calm = Way::default();
    let mut stand = nodes(Strategy::RestForOne, [calm, calm, calm, panics]);
    let happened = stand.tell(&[(2, "fail")], 500);
    assert_eq!(
        happened[happened.len() - 4..],
        ["c opens", "c runs", "d opens", "d runs"]
    );
    let failures = stand.system.report().nodes;
    let failures: Vec<_> = failures.iter().map(|node| node.failures).collect();
    assert_eq!(failures, [0, 0, 1, 1]);
}

#[test]
fn two_that_fail_at_once_are_built_anew_once() {
    let mut stand = nodes(Strategy::OneForAll, [Way::default(); 4]);
    let happened = stand.tell(&[(1, "fail"), (3, "panic")], 1_000);
    let opens = happened.iter().filter(|what| what.ends_with("opens"));
    assert_eq!(opens.count(), 3, "{happened:?}");
    assert_eq!(happened[happened.len() - 6], "b opens");
}

#[test]
fn one_that_has_ended_is_left_out_and_does_not_keep_the_others() {
    let mut stand = nodes(Strategy::OneForAll, [Way::default(); 4]);
    stand.members[3].stop();
    stand.runs(10);
    let happened = stand.tell(&[(2, "fail")], 50);
    assert_eq!(happened.last().unwrap(), "b gone");
    stand.members[1].stop();
    assert_eq!(
        stand.runs(500),
        ["c opens", "c runs"],
        "it was told to stop while it waited"
    );
}

#[test]
fn a_system_ends_in_the_middle_of_it() {
    let slow = Way {
        stops_for: ms(50),
        ..Way::default()
    };
    let mut stand = nodes(Strategy::OneForAll, [slow; 4]);
    stand.tell(&[(2, "fail")], 70);
    let report = stand.system.shut_down();
    assert!(!stand.log.take().contains(&"d opens".to_owned()));
    assert_eq!((report.failures, report.unresponsive), (1, 0));
}

#[test]
fn the_limit_of_the_one_that_fails_counts_and_no_other() {
    let mut stand = nodes(Strategy::OneForAll, [Way::default(); 4]);
    for _ in 0..5 {
        stand.tell(&[(2, "fail")], 1_900);
    }
    let restarts = stand.system.report().nodes;
    let restarts: Vec<_> = restarts.iter().map(|node| node.restarts).collect();
    assert_eq!(restarts, [0, 5, 5, 5]);
    stand.tell(&[(1, "fail")], 2_100);
    let happened = stand.tell(&[(2, "hello")], 1);
    assert_eq!(happened, ["c heard hello"], "the limit of `b` is its own");
}

#[test]
fn a_node_belongs_to_one_group() {
    let mut graph = Graph::new("twice");
    let log = Log::new();
    let [a, b] = ["a", "b"].map(|name| graph.add(name, member(&log, Way::default())));
    graph.supervise_together(Strategy::OneForAll, [&a, &b]);
    graph.supervise_together(Strategy::RestForOne, [&b]);
    let node = "b".to_owned();
    assert_eq!(graph.findings(), [GraphFinding::TwoGroups { node }]);
}

/// Commands without an end.
#[derive(Clone)]
struct Pilot;

impl Actor for Pilot {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(300), ());
        Ok(())
    }
}

impl Emits<u64> for Pilot {}

impl Handler<()> for Pilot {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(7_u64);
        Ok(())
    }
}

/// Notes when it obeys.
#[derive(Clone)]
struct Drive(Log<Time>);

impl Actor for Drive {}

impl Handler<Leased<u64>> for Drive {
    type Reply = ();
    async fn handle(&mut self, _: Leased<u64>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(ctx.now());
        Ok(())
    }
}

#[test]
fn a_command_that_waits_is_dropped_although_its_receiver_did_not_fail() {
    let mut graph = Graph::new("drive");
    let (log, notes) = (Log::new(), Log::new());
    let bus = graph.add("bus", member(&notes, Way::default()));
    let pilot = graph.add("pilot", Pilot);
    let drive = graph.add("drive", Drive(log.clone()));
    graph.command(&pilot, &drive).lease(ms(900));
    graph.supervise_together(Strategy::RestForOne, [&bus, &drive]);
    let bus = bus.address();
    let mut system = simulated(graph);
    system.run_until(at_ms(250));
    bus.try_tell("fail").unwrap();
    // The pause lasts from 250 ms to 345 ms at least; the command of 300 ms is not obeyed after it.
    system.run_until(at_ms(700));
    assert_eq!(log.take(), [at_ms(600)]);
    assert_eq!(system.report().nodes[2].dropped_commands, 1);
}

/// Starts members that are built anew together.
struct Parent<const STRATEGY: u8> {
    log: Log<String>,
    members: Log<Address<Member>>,
    ways: Vec<(Way, Lifetime)>,
}

impl<const STRATEGY: u8> Actor for Parent<STRATEGY> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for (name, (way, lifetime)) in ["a", "b", "c", "d"].iter().zip(&self.ways) {
            let child = ctx.child(name, member(&self.log, *way));
            self.members.add(child.lifetime(*lifetime).start()?);
        }
        Ok(())
    }

    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let next = if child.restarts { "restarts" } else { "ended" };
        self.log.add(format!("told: {} {next}", child.name));
        Ok(())
    }

    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add("the parent ends".to_owned());
        Ok(())
    }

    fn strategy() -> Strategy {
        [
            Strategy::OneForOne,
            Strategy::RestForOne,
            Strategy::OneForAll,
        ][usize::from(STRATEGY)]
    }
}

impl<const STRATEGY: u8> Handler<&'static str> for Parent<STRATEGY> {
    type Reply = ();
    async fn handle(&mut self, name: &'static str, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let child = ctx.child(name, member(&self.log, Way::default()));
        self.members.add(child.start()?);
        Ok(())
    }
}

fn children<const STRATEGY: u8>(
    ways: Vec<(Way, Lifetime)>,
) -> (Stand, Address<Parent<STRATEGY>>, Log<Address<Member>>) {
    seeded_children(ways, 1)
}

fn seeded_children<const STRATEGY: u8>(
    ways: Vec<(Way, Lifetime)>,
    seed: u64,
) -> (Stand, Address<Parent<STRATEGY>>, Log<Address<Member>>) {
    let mut graph = Graph::new("parent");
    let (log, members) = (Log::new(), Log::new());
    let (notes, children) = (log.clone(), members.clone());
    let make = move || Parent::<STRATEGY> {
        log: notes.clone(),
        members: children.clone(),
        ways: ways.clone(),
    };
    let parent = graph.add("parent", made(make)).address();
    let system = System::simulated(graph, seed, Box::new(Void));
    let mut system = system.expect("the graph is sound");
    system.run_until(at_ms(100));
    log.take();
    let stand = Stand {
        system,
        log,
        members: members.take(),
    };
    (stand, parent, members)
}

/// What happens, without what the parent is told.
fn without_told(happened: Vec<String>) -> Vec<String> {
    let happened = happened.into_iter();
    happened.filter(|what| !what.starts_with("told")).collect()
}

#[test]
fn children_are_built_anew_together_as_their_parent_says() {
    let (mut stand, _, _) = children::<1>(vec![Default::default(); 3]);
    let happened = stand.tell(&[(1, "fail")], 500);
    let told: Vec<_> = happened
        .iter()
        .filter(|what| what.starts_with("told"))
        .collect();
    assert_eq!(told, ["told: parent/b restarts", "told: parent/c restarts"]);
    let wanted = [
        "b failed: told to",
        "b gone",
        "c stopped with `parent/b`, which failed",
        "c gone",
        "b opens",
        "b runs",
        "c opens",
        "c runs",
    ];
    assert_eq!(without_told(happened), wanted);
    let (mut stand, _, _) = children::<2>(vec![Default::default(); 3]);
    let happened = stand.tell(&[(1, "fail")], 500);
    assert_eq!(happened[happened.len() - 6], "a opens");
    let (mut stand, _, _) = children::<0>(vec![Default::default(); 3]);
    assert_eq!(stand.tell(&[(1, "fail")], 500).len(), 5, "it alone");
}

#[test]
fn a_temporary_child_neither_takes_the_others_along_nor_comes_back() {
    let calm = Way::default();
    let ways = vec![
        (calm, Lifetime::Transient),
        (calm, Lifetime::Temporary),
        (calm, Lifetime::Temporary),
    ];
    let (mut stand, _, _) = children::<2>(ways);
    let alone = stand.tell(&[(1, "fail")], 500);
    assert_eq!(
        alone,
        ["b failed: told to", "b gone", "told: parent/b ended"]
    );
    let happened = without_told(stand.tell(&[(0, "fail")], 500));
    let wanted = [
        "a failed: told to",
        "a gone",
        "c stopped with `parent/a`, which failed",
        "c gone",
        "a opens",
        "a runs",
    ];
    assert_eq!(happened, wanted);
}

#[test]
fn a_child_that_is_started_meanwhile_opens_last() {
    let (mut stand, parent, members) = children::<2>(vec![Default::default(); 2]);
    stand.tell(&[(0, "fail")], 10);
    parent.try_tell("late").unwrap();
    assert_eq!(stand.runs(10), [""; 0], "it waits for the others");
    members.take()[0].try_tell("hello").unwrap();
    let happened = stand.runs(500);
    let wanted = [
        "a opens",
        "a runs",
        "b opens",
        "b runs",
        "late opens",
        "late runs",
        "late heard hello",
    ];
    assert_eq!(happened, wanted);
}

#[test]
fn a_parent_that_ends_ends_its_children_and_none_is_built_anew() {
    let slow = Way {
        stops_for: ms(200),
        ..Way::default()
    };
    for seed in 0..20 {
        let ways = vec![(slow, Lifetime::Permanent); 3];
        let (mut stand, parent, _) = seeded_children::<2>(ways, seed);
        stand.tell(&[(0, "fail")], 250);
        parent.stop();
        let happened = stand.runs(2_000);
        let opens = happened.iter().any(|what| what.ends_with("opens"));
        assert!(!opens, "{happened:?}");
        assert_eq!(happened.last().unwrap(), "the parent ends");
    }
}

#[test]
fn a_child_beyond_its_limit_fails_its_parent_whose_next_incarnation_has_a_group_of_its_own() {
    let mut stand = children::<2>(vec![Default::default(); 2]).0;
    for _ in 0..6 {
        stand.tell(&[(0, "fail")], 1_500);
    }
    let report = stand.system.report();
    assert_eq!((report.nodes[0].failures, report.nodes[0].restarts), (1, 1));
    let names: Vec<_> = report.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["parent", "parent/a", "parent/b"]);
}
