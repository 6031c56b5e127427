//! A test explores many orders, each decided by a seed; the first that breaks it is named, and can be tried again.

use crate::common::{Doer, job, ms};
use sinew_runtime::testing::{Probe, SEED_VARIABLE, Trial, explore};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

/// A trial in which so many actors each tell the probe their number at once.
fn tellers(count: u32, seed: u64) -> (Trial, Probe<u32>) {
    let mut graph = Graph::new("tellers");
    let probe = Probe::<u32>::new();
    let to = graph.add("probe", probe.clone()).address();
    for number in 0..count {
        let doer = graph.add(&format!("teller {number}"), Doer);
        let to = to.clone();
        let tell = job(move || async move { to.try_tell(number).unwrap() });
        doer.address().try_tell(tell).unwrap();
    }
    (Trial::seeded(graph, seed), probe)
}

/// In which order the tellers came.
fn order(count: u32, seed: u64) -> (Trial, Vec<u32>) {
    let (mut trial, probe) = tellers(count, seed);
    trial.run_for(ms(1));
    let order = probe.take().into_iter().map(|it| it.message).collect();
    (trial, order)
}

/// The text that this panics with.
fn failing(code: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(code)).expect_err("it fails");
    let text = panic.downcast::<String>().expect("it fails with a text");
    *text
}

#[test]
fn every_order_of_three_is_tried_by_a_hundred_seeds() {
    let mut orders = std::collections::BTreeSet::new();
    let explored = explore(1..=100, |seed| {
        let (trial, order) = order(3, seed);
        orders.insert(order);
        trial
    });
    assert_eq!((explored.seeds(), orders.len()), (100, 6));
    assert!(explored.traces() >= 6, "{explored:?}");
    explored.expect_traces(6);
}

#[test]
fn one_that_has_no_choice_gives_one_trace_and_that_is_said() {
    let explored = explore(1..=10, |seed| {
        let mut graph = Graph::new("alone");
        let probe = Probe::<u32>::new();
        let node = graph.add("probe", probe.clone());
        node.address().try_tell(1_u32).unwrap();
        let mut trial = Trial::seeded(graph, seed);
        assert_eq!(*probe.expect(&mut trial, ms(1)), 1);
        trial
    });
    assert_eq!((explored.seeds(), explored.traces()), (10, 1));
    let text = failing(|| explored.expect_traces(3));
    assert!(
        text.starts_with("10 seeds gave 1 different traces"),
        "{text}"
    );
    assert!(text.contains("at least 3 were expected"), "{text}");
}

#[test]
fn the_first_seed_that_breaks_a_scenario_ends_it_and_is_named_with_the_way_to_see_it_again() {
    let breaks = |seed| order(3, seed).1 == [2, 1, 0];
    let first = (1..).find(|seed| breaks(*seed)).unwrap();
    let mut tried = 0;
    let text = failing(|| {
        explore(1..=1_000, |seed| {
            tried += 1;
            let (trial, order) = order(3, seed);
            assert_ne!(order, [2, 1, 0], "upside down");
            trial
        });
    });
    assert_eq!(tried, first);
    let begins = format!("broken with seed {first}, number {first} of those tried: ");
    assert!(text.starts_with(&begins), "{text}");
    assert!(text.contains("upside down"), "{text}");
    let this = "explore::the_first_seed_that_breaks_a_scenario_ends_it_and_is_named_with_the_way_to_see_it_again";
    let again =
        format!("\n  again: SINEW_SEED={first} cargo test -p sinew-runtime -- --exact {this}");
    assert!(text.ends_with(&again), "{text}");
}

/// Panics if the first number that it is told is not zero.
#[derive(Clone, Default)]
struct Picky(bool);

impl Actor for Picky {}

impl Handler<u32> for Picky {
    type Reply = ();
    async fn handle(&mut self, number: u32, _: &mut Context<Self>) -> Result<(), Failure> {
        assert!(self.0 || number == 0, "{number} came first");
        self.0 = true;
        Ok(())
    }
}

#[test]
fn a_panic_of_an_actor_breaks_a_scenario_that_asserts_nothing() {
    let text = failing(|| {
        explore(1..=100, |seed| {
            let mut graph = Graph::new("picky");
            let to = graph.add("picky", Picky::default()).address();
            for number in 0..2 {
                let doer = graph.add(&format!("teller {number}"), Doer);
                let to = to.clone();
                let tell = job(move || async move { to.try_tell(number).unwrap() });
                doer.address().try_tell(tell).unwrap();
            }
            let mut trial = Trial::seeded(graph, seed);
            let until = trial.now() + ms(1);
            trial.run_until(until);
            trial
        });
    });
    assert!(text.contains("`picky` panicked: 1 came first at"), "{text}");
    assert!(text.contains("again: SINEW_SEED="), "{text}");
}

#[test]
fn no_seed_proves_nothing() {
    let text = failing(|| {
        explore([], |seed| order(1, seed).0);
    });
    assert!(text.contains("no run proves nothing"), "{text}");
}

#[test]
fn a_seed_of_the_environment_is_the_only_one_that_is_tried() {
    if std::env::var_os(SEED_VARIABLE).is_some() {
        let mut seeds = Vec::new();
        let explored = explore(1..=100, |seed| {
            seeds.push(seed);
            order(3, seed).0
        });
        // One seed gives one trace, and that is no reason to fail where one was asked for.
        explored.expect_traces(6);
        println!("tried={seeds:?}");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let this = "explore::a_seed_of_the_environment_is_the_only_one_that_is_tried";
    let output = Command::new(program)
        .args(["--exact", this, "--nocapture"])
        .env(SEED_VARIABLE, "4711")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && text.contains("tried=[4711]"),
        "{text}"
    );
}
