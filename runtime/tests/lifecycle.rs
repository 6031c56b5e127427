//! Random lives of random families, held against a simple model of what the guarantees say about starts, failures,
//! stops and restarts.
//!
//! `SINEW_LIFECYCLE_SEQUENCES` says how many sequences are tried, `SINEW_LIFECYCLE_SEED` with which seed they begin:
//! `cargo xtask lifecycle` tries a million.

mod event;
mod family;
mod judge;
mod life;
mod plan;
mod player;
mod run;

use judge::judge;
use plan::Plan;
use run::run;
use std::sync::Arc;

/// How many sequences are tried if nothing is said.
const SEQUENCES: u64 = 10_000;
/// How often a long run says how far it is.
const SAID_EVERY: u64 = 50_000;

fn number(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable}={text} is no number")),
        Err(_) => otherwise,
    }
}

/// A plan with its first steps and its last one alone, the long wait.
fn shortened(plan: &Plan, steps: usize) -> Arc<Plan> {
    let last = plan.steps.len() - 1;
    let mut shorter = plan.clone();
    shorter.steps.drain(steps.min(last)..last);
    Arc::new(shorter)
}

/// What is wrong about what comes of a plan.
fn wrong(plan: &Arc<Plan>) -> Option<String> {
    judge(plan, &run(plan)).err()
}

/// A plan that goes wrong, as short as it can be, in words.
fn told(plan: &Plan) -> String {
    let shortest = (0..plan.steps.len()).find_map(|steps| {
        let shorter = shortened(plan, steps);
        Some((wrong(&shorter)?, shorter))
    });
    let (why, shortest) = shortest.expect("it went wrong before");
    let seed = plan.seed;
    let events = run(&shortest).events;
    let lines = events.iter().enumerate();
    let lines = lines.map(|(place, (at, event))| format!("{place:>4} {at:?} {event:?}\n"));
    let lines: String = lines.collect();
    format!("{lines}{why}\nSINEW_LIFECYCLE_SEED={seed} SINEW_LIFECYCLE_SEQUENCES=1\n{shortest}")
}

#[test]
fn random_lives_are_as_the_model_says() {
    let first = number("SINEW_LIFECYCLE_SEED", 1);
    let count = number("SINEW_LIFECYCLE_SEQUENCES", SEQUENCES);
    assert!(count > 0, "no sequence proves nothing");
    for (done, seed) in (first..first + count).enumerate() {
        let plan = Arc::new(Plan::of(seed));
        if wrong(&plan).is_some() {
            panic!("{}", told(&plan));
        }
        #[allow(clippy::print_stdout, reason = "a long run says how far it is")]
        if (done as u64 + 1).is_multiple_of(SAID_EVERY) {
            println!("{} sequences are as the model says", done + 1);
        }
    }
}

#[test]
fn a_sequence_is_the_same_each_time() {
    for seed in 1..=50 {
        let plan = Arc::new(Plan::of(seed));
        assert_eq!(run(&plan).events, run(&plan).events, "seed {seed}");
    }
}
