//! Actors that are linked fail together, and end alone.

use crate::common::{Gate, Log, at_ms, ms, simulated};
use sinew_runtime::{
    Actor, Address, Context, EndActor, Failure, Graph, Handler, Injection, Reason, System,
};

/// Links to whom it is told to, and ends as it is told to.
#[derive(Clone)]
struct Member {
    log: Log<String>,
    gate: Gate,
}

enum Task {
    Link(Address<Member>),
    Fail,
    Panic,
    End,
    Wait,
}

impl Actor for Member {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if ctx.restarts() > 0 {
            self.log.add(format!("{} restarted", ctx.name()));
        }
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(format!("{} {why}", ctx.name()));
        Ok(())
    }
}

impl Handler<Task> for Member {
    type Reply = ();
    async fn handle(&mut self, task: Task, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match task {
            Task::Link(with) => ctx.link(&with),
            Task::Fail => return Err(Failure::new("told to")),
            Task::Panic => panic!("told to"),
            Task::End => return Err(EndActor.into()),
            Task::Wait => self.gate.passed().await,
        }
        Ok(())
    }
}

struct Stand {
    system: System,
    members: Vec<Address<Member>>,
    log: Log<String>,
    gate: Gate,
}

/// Members called `a`, `b` and so on.
fn members(names: &[&str]) -> Stand {
    let mut graph = Graph::new("links");
    let (log, gate) = (Log::new(), Gate::default());
    let member = Member {
        log: log.clone(),
        gate: gate.clone(),
    };
    let members = names
        .iter()
        .map(|name| graph.add(name, member.clone()).address());
    let members = members.collect();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    Stand {
        system,
        members,
        log,
        gate,
    }
}

impl Stand {
    /// What happens in the next second.
    fn tell(&mut self, member: usize, task: Task) -> Vec<String> {
        self.members[member].try_tell(task).expect("it lives");
        self.runs()
    }

    fn link(&mut self, from: usize, to: usize) {
        let to = self.members[to].clone();
        let happened = self.tell(from, Task::Link(to));
        assert!(happened.is_empty(), "{happened:?}");
    }

    fn runs(&mut self) -> Vec<String> {
        let now = self.system.now();
        self.system.run_until(now + ms(1_000));
        let mut happened = self.log.take();
        happened.sort();
        happened
    }
}

#[test]
fn a_failure_of_either_is_the_failure_of_the_other_which_names_it() {
    for (from, to) in [(0, 1), (1, 0)] {
        let mut stand = members(&["a", "b"]);
        stand.link(from, to);
        let wanted = [
            "a failed: told to",
            "a restarted",
            "b failed: it is linked to `a`, which failed: told to",
            "b restarted",
        ];
        assert_eq!(stand.tell(0, Task::Fail), wanted);
        let alone = ["a failed: told to", "a restarted"];
        assert_eq!(
            stand.tell(0, Task::Fail),
            alone,
            "a link ends with its incarnations"
        );
    }
}

#[test]
fn a_panic_is_a_failure_and_links_pass_it_on() {
    let mut stand = members(&["a", "b", "c"]);
    stand.link(0, 1);
    stand.link(1, 2);
    let through = "it is linked to `a`, which panicked: told to";
    let wanted = [
        "a restarted".to_owned(),
        format!("b failed: {through}"),
        "b restarted".to_owned(),
        format!("c failed: it is linked to `b`, which failed: {through}"),
        "c restarted".to_owned(),
    ];
    assert_eq!(stand.tell(0, Task::Panic), wanted);
}

#[test]
fn a_normal_end_and_a_stop_concern_nobody() {
    let mut stand = members(&["a", "b", "c"]);
    stand.link(0, 1);
    stand.link(0, 2);
    assert_eq!(stand.tell(1, Task::End), ["b finished"]);
    stand.members[2].stop();
    assert_eq!(stand.runs(), ["c stopped"]);
    let alone = ["a failed: told to", "a restarted"];
    assert_eq!(stand.tell(0, Task::Fail), alone);
}

#[test]
fn to_link_to_one_that_has_failed_for_good_is_to_fail_and_to_one_that_has_finished_is_nothing() {
    let mut stand = members(&["a"]);
    let member = Member {
        log: stand.log.clone(),
        gate: stand.gate.clone(),
    };
    let handle = stand.system.handle();
    for (name, task) in [("fails", Task::Fail), ("ends", Task::End)] {
        let child = handle.child(name, member.clone());
        let child = child
            .lifetime(sinew_runtime::Lifetime::Temporary)
            .start()
            .unwrap();
        child.try_tell(task).unwrap();
        stand.members.push(child);
    }
    assert_eq!(stand.runs(), ["ends finished", "fails failed: told to"]);
    let gone = stand.members[2].clone();
    assert!(stand.tell(0, Task::Link(gone)).is_empty());
    let failed = stand.members[1].clone();
    let why = "it is linked to `fails`, which failed: told to";
    let wanted = [format!("a failed: {why}"), "a restarted".to_owned()];
    assert_eq!(stand.tell(0, Task::Link(failed)), wanted);
}

#[test]
fn a_failure_is_met_before_the_next_message_and_not_in_the_middle_of_one() {
    let mut stand = members(&["a", "b"]);
    stand.link(0, 1);
    stand.tell(1, Task::Wait);
    stand.members[1].try_tell(Task::Panic).unwrap();
    assert_eq!(
        stand.tell(0, Task::Fail),
        ["a failed: told to", "a restarted"]
    );
    stand.gate.open();
    let happened = stand.runs();
    let linked = "b failed: it is linked to `a`, which failed: told to";
    assert_eq!(
        happened,
        [linked, "b restarted", "b restarted"],
        "then the message that waited"
    );
}

#[test]
fn a_stale_failure_does_not_reach_the_next_incarnation() {
    let mut stand = members(&["a", "b"]);
    stand.link(0, 1);
    stand.link(1, 0);
    // Both fail for reasons of their own at one moment: whoever is second hears of the first in its next life.
    let handle = stand.system.handle();
    for name in ["a", "b"] {
        handle.inject(name, Injection::Fail("injected".to_owned()));
    }
    let wanted = [
        "a failed: injected",
        "a restarted",
        "b failed: injected",
        "b restarted",
    ];
    assert_eq!(stand.runs(), wanted);
}

#[test]
fn a_link_to_one_that_waits_to_be_built_is_to_its_next_incarnation() {
    let mut stand = members(&["a", "b"]);
    stand.members[0].try_tell(Task::Fail).unwrap();
    let now = stand.system.now();
    stand.system.run_until(now + ms(1));
    let waits = stand.members[0].clone();
    assert!(waits.is_running(), "it will be built anew");
    stand.tell(1, Task::Link(waits));
    let again = stand.tell(0, Task::Fail);
    assert!(again.contains(&"b restarted".to_owned()), "{again:?}");
}
