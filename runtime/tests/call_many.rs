//! Many calls at once: their replies are taken as they come, and a default stands for each that does not.

use crate::common::elsewhere::{Elsewhere, LONG};
use crate::common::{Doer, Gate, Log, at_ms, job, made, simulated};
use sinew_runtime::{
    Actor, Address, Answer, AskError, CallMany, CannotWait, Context, Failure, Graph, Handler,
    Restart,
};
use std::time::Duration;

/// Answers once its gate is open; zero is a failure.
struct Slow(Gate);

impl Actor for Slow {}

impl Handler<i32> for Slow {
    type Reply = i32;
    async fn handle(&mut self, number: i32, _: &mut Context<Self>) -> Result<i32, Failure> {
        self.0.passed().await;
        if number == 0 {
            return Err(Failure::new("nothing"));
        }
        Ok(number * 10)
    }
}

/// Another actor with other messages, and the same reply.
#[derive(Clone)]
struct Quick;

impl Actor for Quick {}

impl Handler<&'static str> for Quick {
    type Reply = i32;
    async fn handle(&mut self, text: &'static str, _: &mut Context<Self>) -> Result<i32, Failure> {
        Ok(i32::try_from(text.len())?)
    }
}

impl Handler<(i32, Gate)> for Quick {
    type Reply = i32;
    async fn handle(&mut self, it: (i32, Gate), _: &mut Context<Self>) -> Result<i32, Failure> {
        it.1.passed().await;
        Ok(it.0)
    }
}

/// Three slow ones with their gates, and a quick one.
struct Stand {
    slow: Vec<(Address<Slow>, Gate)>,
    quick: Address<Quick>,
}

fn stand(graph: &mut Graph) -> Stand {
    let slow = ["a", "b", "c"].map(|name| {
        let gate = Gate::default();
        let inside = gate.clone();
        let node = graph.add(name, made(move || Slow(inside.clone())));
        graph.supervise(&node, Restart::patient());
        graph.capacity(&node, 2);
        (node.address(), gate)
    });
    Stand {
        slow: slow.into(),
        quick: graph.add("quick", Quick).address(),
    }
}

/// An answer without the name of its actor.
fn brief(answer: Answer<i32>) -> (usize, i32, Option<AskError>) {
    (answer.call, answer.value, answer.failed)
}

#[test]
fn replies_are_taken_as_they_come_from_actors_and_messages_of_any_types() {
    let (system, stand) = Elsewhere::run(stand);
    let mut calls = CallMany::new();
    for (place, (slow, _)) in stand.slow.iter().enumerate() {
        assert_eq!(calls.add(slow, 1, -1), place);
    }
    assert_eq!(calls.add(&stand.quick, "four", -1), 3);
    let mut answers = calls.send(LONG).expect("a plain thread may wait");
    let quick = answers.next().expect("it needs no gate");
    assert_eq!(
        (quick.from.as_str(), brief(quick.clone())),
        ("quick", (3, 4, None))
    );
    for place in [2, 0, 1] {
        stand.slow[place].1.open();
        assert_eq!(answers.next().map(brief), Some((place, 10, None)));
    }
    assert_eq!(answers.next(), None);
    system.stop();
}

#[test]
fn a_default_stands_for_each_call_that_fails_is_late_or_finds_its_actor_ended() {
    let (system, stand) = Elsewhere::run(stand);
    let [(failing, first), (late, _), (ended, _)] = &stand.slow[..] else {
        panic!("there are three");
    };
    first.open();
    ended.stop();
    let closed = ended.call_within(1, LONG);
    assert!(closed.is_err(), "it has ended");
    let mut calls = CallMany::new();
    calls.add(late, 1, -1);
    calls.add(failing, 0, -2);
    calls.add(ended, 1, -3);
    let mut answers = calls.send(LONG).expect("a plain thread may wait");
    let failed = AskError::Failed("nothing".to_owned());
    assert_eq!(
        answers.next().map(brief),
        Some((2, -3, Some(AskError::Closed)))
    );
    assert_eq!(answers.next().map(brief), Some((1, -2, Some(failed))));
    drop(answers);

    let mut calls = CallMany::new();
    calls.add(late, 2, -1);
    calls.add(late, 3, -2);
    let answers = calls.send(Duration::ZERO).expect("a plain thread may wait");
    let late = Some(AskError::TimedOut);
    assert_eq!(
        answers.map(brief).collect::<Vec<_>>(),
        [(0, -1, late.clone()), (1, -2, late)],
        "once the time is up all that are missing come at once"
    );
    system.stop();
}

#[test]
fn late_replies_of_many_calls_count_for_no_later_ones() {
    let (system, stand) = Elsewhere::run(stand);
    let quick = &stand.quick;
    for round in 0..100 {
        let gate = Gate::default();
        let mut calls = CallMany::new();
        calls.add(quick, (1_000_000 + round, gate.clone()), -1);
        calls.add(quick, (2_000_000 + round, gate.clone()), -1);
        drop(calls.send(LONG).expect("a plain thread may wait"));
        let mut calls = CallMany::new();
        calls.add(quick, (round, gate.clone()), -1);
        calls.add(quick, (-round, gate.clone()), -1);
        let answers = calls.send(LONG).expect("a plain thread may wait");
        // The late replies come first, into the places where these answers are waited for.
        gate.open();
        assert_eq!(
            answers.map(brief).collect::<Vec<_>>(),
            [(0, round, None), (1, -round, None)]
        );
    }
    system.stop();
}

#[test]
fn more_calls_than_there_is_room_for_wait_for_it_and_all_are_answered_in_their_order() {
    let (system, stand) = Elsewhere::run(stand);
    let (slow, gate) = &stand.slow[0];
    let mut calls = CallMany::new();
    for number in 1..=50 {
        calls.add(slow, number, -1);
    }
    let answers = calls.send(LONG).expect("a plain thread may wait");
    gate.open();
    let found: Vec<_> = answers.map(|answer| answer.value).collect();
    assert_eq!(found, (1..=50).map(|it| it * 10).collect::<Vec<_>>());
    system.stop();
}

#[test]
fn many_calls_are_refused_where_one_would_be_and_none_of_them_is_sent() {
    let mut graph = Graph::new("own");
    let Stand { slow, quick } = stand(&mut graph);
    slow.iter().for_each(|(_, gate)| gate.open());
    let doer = graph.add("doer", Doer).address();
    let log = Log::new();
    let (notes, asked) = (log.clone(), quick.clone());
    let calls = job(move || async move {
        let mut calls = CallMany::new();
        calls.add(&asked, "word", 0);
        notes.add(calls.send(LONG).map(Iterator::count));
    });
    doer.try_tell(calls).expect("there is room");
    let (elsewhere, other) = Elsewhere::run(stand);
    let mut system = simulated(graph);
    let mut calls = CallMany::new();
    calls.add(&other.quick, "word", 0);
    calls.add(&quick, "word", 0);
    let node = "quick".to_owned();
    let refused = calls.send(LONG).expect_err("nobody answers");
    assert_eq!(refused, CannotWait::SimulatedHere { node });
    system.run_until(at_ms(1));
    assert_eq!(log.take(), [Err(CannotWait::RunsASystem)]);
    assert_eq!(system.report().messages, 1, "only the doer's");
    assert_eq!(elsewhere.stop().1.messages, 0);
}
