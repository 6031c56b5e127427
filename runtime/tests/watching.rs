//! Anyone may watch anyone: each end is heard of once, before all messages that wait, and never too late.

use crate::common::{Doer, Gate, Log, at_ms, job, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Context, EndActor, Ended, Failure, Graph, Handler, Lifetime, System,
};

/// Ends as it is told to.
#[derive(Clone)]
struct Mortal;

impl Actor for Mortal {}

impl Handler<&'static str> for Mortal {
    type Reply = ();
    async fn handle(&mut self, how: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        match how {
            "fail" => Err(Failure::new("told to")),
            "panic" => panic!("told to"),
            _ => Err(EndActor.into()),
        }
    }
}

/// Watches whom it is told to, and notes all that it hears.
#[derive(Clone)]
struct Watcher {
    log: Log<String>,
    gate: Gate,
}

enum Task {
    /// Twice, which is once.
    Watch(Address<Mortal>),
    WatchAndUnwatch(Address<Mortal>),
    Unwatch(Address<Mortal>),
    Wait,
    Fail,
    Note(&'static str),
}

impl Actor for Watcher {}

impl Handler<Task> for Watcher {
    type Reply = ();
    async fn handle(&mut self, task: Task, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match task {
            Task::Watch(whom) => {
                ctx.watch(&whom);
                ctx.watch(&whom);
            }
            Task::WatchAndUnwatch(whom) => {
                ctx.watch(&whom);
                ctx.unwatch(&whom);
            }
            Task::Unwatch(whom) => ctx.unwatch(&whom),
            Task::Wait => self.gate.passed().await,
            Task::Fail => return Err(Failure::new("told to")),
            Task::Note(what) => self.log.add(what.to_owned()),
        }
        Ok(())
    }
}

impl Handler<Ended> for Watcher {
    type Reply = ();
    async fn handle(&mut self, ended: Ended, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(format!("{} {}", ended.name, ended.reason));
        Ok(())
    }
}

struct Stand {
    system: System,
    watcher: Address<Watcher>,
    log: Log<String>,
    gate: Gate,
}

fn stand() -> Stand {
    let mut graph = Graph::new("watching");
    let (log, gate) = (Log::new(), Gate::default());
    let actor = Watcher {
        log: log.clone(),
        gate: gate.clone(),
    };
    let watcher = graph.add("watcher", actor).address();
    Stand {
        system: simulated(graph),
        watcher,
        log,
        gate,
    }
}

impl Stand {
    fn mortal(&mut self, name: &str, lifetime: Lifetime) -> Address<Mortal> {
        let handle = self.system.handle();
        let mortal = handle.child(name, Mortal).lifetime(lifetime);
        mortal.start().expect("the name is free")
    }

    /// What is heard in the next second.
    fn hears(&mut self, tasks: impl IntoIterator<Item = Task>) -> Vec<String> {
        for task in tasks {
            self.watcher.try_tell(task).expect("it lives");
        }
        let now = self.system.now();
        self.system.run_until(now + ms(1_000));
        self.log.take()
    }
}

#[test]
fn each_end_is_heard_of_once_with_its_reason() {
    let mut stand = stand();
    for (how, why) in [
        ("end", "finished"),
        ("fail", "failed: told to"),
        ("panic", "panicked: told to"),
        ("stop", "stopped"),
    ] {
        let mortal = stand.mortal(how, Lifetime::Temporary);
        let none = stand.hears([Task::Watch(mortal.clone())]);
        assert!(none.is_empty(), "it lives");
        if how == "stop" {
            mortal.stop();
        } else {
            mortal.try_tell(how).unwrap();
        }
        assert_eq!(stand.hears([]), [format!("{how} {why}")]);
        assert!(stand.hears([]).is_empty(), "once");
    }
}

#[test]
fn one_that_has_ended_already_is_heard_of_at_once() {
    let mut stand = stand();
    let mortal = stand.mortal("mortal", Lifetime::Temporary);
    mortal.try_tell("fail").unwrap();
    stand.hears([]);
    let tasks = [Task::Watch(mortal.clone()), Task::Note("after")];
    assert_eq!(stand.hears(tasks), ["mortal failed: told to", "after"]);
    let again = stand.hears([Task::Watch(mortal)]);
    assert_eq!(again, ["mortal failed: told to"], "a watch of its own");
}

#[test]
fn to_watch_twice_is_to_watch_once_and_to_unwatch_is_to_hear_nothing() {
    let mut stand = stand();
    let one = stand.mortal("one", Lifetime::Temporary);
    let two = stand.mortal("two", Lifetime::Temporary);
    stand.hears([Task::Watch(one.clone()), Task::Watch(one.clone())]);
    stand.hears([Task::Watch(two.clone()), Task::Unwatch(two.clone())]);
    one.stop();
    two.stop();
    assert_eq!(stand.hears([]), ["one stopped"]);
}

#[test]
fn an_end_that_has_come_is_not_heard_of_after_an_unwatch() {
    let mut stand = stand();
    let one = stand.mortal("one", Lifetime::Temporary);
    one.stop();
    stand.hears([]);
    assert!(stand.hears([Task::WatchAndUnwatch(one)]).is_empty());
}

#[test]
fn news_overtake_all_messages_that_wait_and_count_as_messages() {
    let mut stand = stand();
    let one = stand.mortal("one", Lifetime::Temporary);
    stand.hears([Task::Watch(one.clone()), Task::Wait]);
    one.stop();
    stand.hears([Task::Note("waited"), Task::Note("waited")]);
    stand.gate.open();
    assert_eq!(stand.hears([]), ["one stopped", "waited", "waited"]);
    assert_eq!(stand.system.report().nodes[0].handled, 5);
}

#[test]
fn a_restart_is_no_end() {
    let mut stand = stand();
    let one = stand.mortal("one", Lifetime::Transient);
    stand.hears([Task::Watch(one.clone())]);
    one.try_tell("fail").unwrap();
    assert!(stand.hears([]).is_empty());
    one.try_tell("end").unwrap();
    assert_eq!(stand.hears([]), ["one finished"]);
}

#[test]
fn an_incarnation_watches_for_itself() {
    let mut stand = stand();
    let one = stand.mortal("one", Lifetime::Temporary);
    stand.hears([Task::Watch(one.clone()), Task::Fail]);
    one.stop();
    assert!(stand.hears([]).is_empty());
    // An end that came before the failure and was not heard of is nothing to the next incarnation either.
    let two = stand.mortal("two", Lifetime::Temporary);
    stand.hears([Task::Watch(two.clone()), Task::Wait]);
    two.stop();
    stand.hears([]);
    let handle = stand.system.handle();
    handle.inject("watcher", sinew_runtime::Injection::Panic);
    stand.gate.open();
    assert!(stand.hears([]).is_empty());
}

#[test]
fn a_thousand_watched_ends_at_once_are_all_heard_of_and_urgent_messages_still_have_room() {
    let mut stand = stand();
    let mortals: Vec<_> = (0..1_000)
        .map(|number| stand.mortal(&number.to_string(), Lifetime::Temporary))
        .collect();
    for mortals in mortals.chunks(50) {
        stand.hears(mortals.iter().cloned().map(Task::Watch));
    }
    stand.hears([Task::Wait]);
    mortals.iter().for_each(Address::stop);
    stand.hears([]);
    stand
        .watcher
        .try_tell_urgent(Task::Note("urgent"))
        .expect("there is room");
    stand.gate.open();
    let heard = stand.hears([]);
    assert_eq!(heard.len(), 1_001);
}

#[test]
fn whoever_watches_may_be_on_another_system() {
    let mut stand = stand();
    let mut other = simulated(Graph::new("other"));
    let mortal = other.spawn("mortal", Mortal).unwrap();
    stand.hears([Task::Watch(mortal.clone())]);
    mortal.try_tell("end").unwrap();
    other.run_until(at_ms(1));
    assert_eq!(stand.hears([]), ["mortal finished"]);
}

#[test]
fn a_watcher_that_is_gone_hears_nothing_and_a_system_that_is_dropped_ends_all_watches() {
    let mut stand = stand();
    let one = stand.mortal("one", Lifetime::Temporary);
    stand.hears([Task::Watch(one.clone())]);
    stand.watcher.stop();
    stand.hears([]);
    one.stop();
    assert!(stand.hears([]).is_empty());

    let mut graph = Graph::new("doer");
    let doer = graph.add("doer", made(|| Doer)).address();
    let mut system = simulated(graph);
    let mortal = system.spawn("mortal", Mortal).unwrap();
    let log = Log::new();
    let notes = log.clone();
    doer.try_tell(job(move || async move { notes.add(mortal.ended().await) }))
        .unwrap();
    system.run_until(at_ms(1));
    drop(system);
    assert_eq!(log.len(), 0, "the one that waited was dropped as well");
}
