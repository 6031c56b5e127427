#![doc = include_str!("../README.md")]
#![allow(
    clippy::disallowed_methods,
    reason = "a bench reads the real clock, and its raw peer spawns tasks by hand"
)]

mod ask;
mod payload;
mod publish;
mod raw;
mod run;
mod samples;
mod simulation;
mod tell;

use std::error::Error;

use payload::{Large, Small};
use samples::{Asked, Pair};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How often ours and raw take turns.
    rounds: u64,
    /// Batches of [`samples::BATCH`] messages in one turn.
    batches: u64,
    /// Round trips in one turn.
    asks: u64,
    /// Seeds of the simulation.
    seeds: u64,
}

const FULL: Effort = Effort {
    rounds: 10,
    batches: 1_000,
    asks: 200_000,
    seeds: 20,
};
const QUICK: Effort = Effort {
    rounds: 3,
    batches: 100,
    asks: 20_000,
    seeds: 3,
};

fn main() -> Result<(), Box<dyn Error>> {
    let effort = match std::env::args().nth(1).as_deref() {
        None => FULL,
        Some("--quick") => QUICK,
        Some(other) => return Err(format!("`{other}`: only --quick is known").into()),
    };
    println!("{effort:?}; ratios are ours to raw tokio, of the medians, in this run\n");
    let rate = |at_least| Asked::RateAtLeast(at_least);
    tell::bench::<Small>(effort)?.report("tell-16", rate(1.8))?;
    tell::bench::<Large>(effort)?.report("tell-128", Asked::Nothing)?;
    publish::bench::<Small>(effort)?.report("publish-16", Asked::Nothing)?;
    publish::bench::<Large>(effort)?.report("publish-128", Asked::Nothing)?;
    ask::bench::<Small>(effort)?.report("ask-16", Asked::TimeAtMost(0.85))?;
    ask::bench::<Large>(effort)?.report("ask-128", Asked::Nothing)?;
    simulation::bench(effort)?;
    println!("\nevery sample: {}", samples::folder()?.display());
    Ok(())
}

/// Takes turns, ours and raw, and gathers the samples of both.
///
/// # Errors
/// The first error of a turn.
fn in_turn(
    rounds: u64,
    mut ours: impl FnMut() -> Result<Vec<f64>, Box<dyn Error>>,
    mut raw: impl FnMut() -> Result<Vec<f64>, Box<dyn Error>>,
) -> Result<Pair, Box<dyn Error>> {
    let mut pair = Pair::default();
    // The first turn of each warms the caches and grows the queues; it is not kept.
    for round in 0..=rounds {
        let (mine, theirs) = (ours()?, raw()?);
        if round > 0 {
            pair.ours.extend(mine);
            pair.raw.extend(theirs);
        }
    }
    Ok(pair)
}
