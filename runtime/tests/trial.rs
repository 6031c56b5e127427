//! What fails in a trial fails its test, with the name of the actor and what happened, unless the test means it.

use crate::common::{Doer, Void, job, made, ms};
use sinew_runtime::testing::{Probe, Trial};
use sinew_runtime::{
    Actor, Context, Failure, Graph, Handler, Injection, Progress, Reason, Restart, System, Thread,
    Time,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does what it is told to, badly.
#[derive(Clone)]
struct Clumsy;

/// What goes wrong.
#[derive(Clone, Copy)]
enum Wrong {
    Fail,
    Panic,
    Child,
}

impl Actor for Clumsy {}

impl Handler<Wrong> for Clumsy {
    type Reply = ();
    async fn handle(&mut self, wrong: Wrong, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match wrong {
            Wrong::Fail => return Err(Failure::new("it slipped")),
            Wrong::Panic => panic!("dropped {} plates", 3),
            Wrong::Child => {
                let child = ctx.child("child", Clumsy).start()?;
                child.try_tell(Wrong::Panic)?;
            }
        }
        Ok(())
    }
}

/// Cannot end in peace.
struct Grudge;

impl Actor for Grudge {
    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        Err(Failure::new("not like this"))
    }
}

/// A trial in which this went wrong, or will.
fn trial(wrong: Wrong) -> Trial {
    let mut graph = Graph::new("clumsy");
    let node = graph.add("waiter", Clumsy);
    graph.supervise(&node, Restart::patient());
    node.address().try_tell(wrong).unwrap();
    Trial::seeded(graph, 5)
}

/// The text that this panics with.
fn failing(code: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(code)).expect_err("it fails");
    let text = panic.downcast::<String>().expect("it fails with a text");
    *text
}

const PANICKED: &str = "`waiter` panicked: dropped 3 plates at 0.000000000 s\n  \
    with seed 5; a test that means to see this says `.may_fail(\"waiter\")`";

#[test]
fn a_panic_fails_the_test_at_the_end_of_a_run() {
    let text = failing(|| drop(trial(Wrong::Panic).run_for(ms(1))));
    assert_eq!(text, PANICKED);
}

#[test]
fn a_panic_fails_the_test_at_the_latest_when_the_trial_is_dropped() {
    let mut dropped = trial(Wrong::Panic);
    let until = dropped.now() + ms(1);
    assert_eq!(dropped.run_until(until), Progress::Reached);
    assert_eq!(failing(|| drop(dropped)), PANICKED);
}

#[test]
fn a_panic_fails_the_test_when_the_trial_is_finished() {
    let mut trial = trial(Wrong::Panic);
    let until = trial.now() + ms(1);
    trial.run_until(until);
    assert_eq!(failing(|| drop(trial.finish())), PANICKED);
}

#[test]
fn a_panic_is_named_as_the_cause_where_a_probe_waits_in_vain() {
    let mut graph = Graph::new("clumsy");
    let node = graph.add("waiter", Clumsy);
    let probe = Probe::<u8>::new();
    graph.add("probe", probe.clone());
    node.address().try_tell(Wrong::Panic).unwrap();
    let mut trial = Trial::seeded(graph, 5);
    let text = failing(|| drop(probe.expect(&mut trial, ms(1))));
    assert!(text.starts_with("`probe` expected a message"), "{text}");
    assert!(text.ends_with(&format!("meanwhile {PANICKED}")), "{text}");
}

#[test]
fn a_probe_that_got_what_it_waited_for_still_fails_over_a_panic() {
    let mut graph = Graph::new("clumsy");
    let node = graph.add("waiter", Clumsy);
    let probe = Probe::<u8>::new();
    let to = graph.add("probe", probe.clone());
    node.address().try_tell(Wrong::Panic).unwrap();
    let mut trial = Trial::seeded(graph, 5);
    trial.run_until(Time::ZERO);
    to.address().try_tell(1_u8).unwrap();
    assert_eq!(failing(|| drop(probe.expect(&mut trial, ms(1)))), PANICKED);
    // A complaint is made once.
    probe.expect_silence(&mut trial, ms(1));
    node.address().try_tell(Wrong::Panic).unwrap();
    let silent = failing(|| probe.expect_silence(&mut trial, ms(1_000)));
    assert!(silent.starts_with("`waiter` panicked"), "{silent}");
}

#[test]
fn a_failure_fails_the_test_as_a_panic_does() {
    let text = failing(|| drop(trial(Wrong::Fail).run_for(ms(1))));
    assert!(text.starts_with("`waiter` failed: it slipped at"), "{text}");
}

#[test]
fn a_failure_while_it_ends_fails_the_test_as_well() {
    let mut graph = Graph::new("grudge");
    graph.add("grudge", made(|| Grudge));
    let mut trial = Trial::of(graph);
    trial.run_for(ms(1));
    let text = failing(|| drop(trial.finish()));
    assert!(text.contains("while it stopped: not like this"), "{text}");
}

#[test]
fn a_child_is_named_with_its_parent() {
    let text = failing(|| drop(trial(Wrong::Child).run_for(ms(1))));
    assert!(
        text.starts_with("`waiter/child` panicked: dropped"),
        "{text}"
    );
}

#[test]
fn what_a_test_means_to_see_fails_it_not_and_is_known() {
    for wrong in [Wrong::Fail, Wrong::Panic, Wrong::Child] {
        let mut trial = trial(wrong).may_fail("waiter");
        trial.run_for(ms(1));
        assert_eq!(trial.failures().len(), 1);
        assert_eq!(trial.finish().failures, 1);
    }
}

#[test]
fn what_another_does_fails_the_test_though_one_may_fail() {
    let text = failing(|| drop(trial(Wrong::Fail).may_fail("cook").run_for(ms(1))));
    assert!(text.starts_with("`waiter` failed: it slipped"), "{text}");
}

#[test]
fn a_fault_that_is_injected_is_a_failure() {
    let mut graph = Graph::new("injected");
    graph.add("doer", Doer);
    let mut trial = Trial::of(graph);
    let fault = Injection::Fail("as it was told to".to_owned());
    assert!(trial.handle().inject("doer", fault));
    let text = failing(|| drop(trial.run_for(ms(1))));
    assert!(
        text.starts_with("`doer` failed: as it was told to"),
        "{text}"
    );
}

#[test]
fn a_system_alone_fails_no_test() {
    let mut graph = Graph::new("alone");
    let node = graph.add("waiter", Clumsy);
    node.address().try_tell(Wrong::Panic).unwrap();
    let mut system = System::simulated(graph, 1, Box::new(Void)).unwrap();
    system.run_until(system.now() + ms(1));
    assert_eq!(system.shut_down().failures, 1);
}

#[test]
fn a_panic_on_another_thread_of_a_real_clock_fails_the_test() {
    let mut graph = Graph::new("real");
    let node = graph.add("waiter", Clumsy);
    let doer = graph.add("doer", Doer);
    graph.place(&node, &Thread::named("apart"));
    let waiter = node.address();
    let ask = job(move || async move {
        // Its end is the handler's; the panic is noted before.
        assert!(waiter.ask(Wrong::Panic).await.is_err());
        assert!(waiter.ask(Wrong::Panic).await.is_err());
    });
    doer.address().try_tell(ask).unwrap();
    let mut trial = Trial::over(System::real(graph, None).unwrap());
    while trial.failures().is_empty() {
        let until = trial.now() + ms(1);
        trial.run_until(until);
    }
    let text = failing(|| drop(trial.finish()));
    assert!(
        text.starts_with("`waiter` panicked: dropped 3 plates"),
        "{text}"
    );
}
