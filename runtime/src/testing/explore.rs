//! One test under many seeds: many orders of what the graph leaves open.

use super::{Trial, again, seed_of_environment};
use crate::contain::contain;
use std::collections::BTreeSet;

/// What came of trying many seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explored {
    seeds: usize,
    traces: usize,
    /// The environment asked for one seed alone.
    is_replay: bool,
}

impl Explored {
    /// How many seeds were tried.
    #[must_use]
    pub fn seeds(&self) -> usize {
        self.seeds
    }

    /// How many different traces they gave: as many runs in which not the same happened in the same order.
    #[must_use]
    pub fn traces(&self) -> usize {
        self.traces
    }

    /// Asserts that at least so many different traces were seen: that several orders were really tried. One seed that the
    /// environment asked for is enough.
    ///
    /// # Panics
    ///
    /// If it were fewer.
    #[track_caller]
    pub fn expect_traces(&self, least: usize) {
        assert!(
            self.is_replay || self.traces >= least,
            "{} seeds gave {} different traces, at least {least} were expected: what else can differ?",
            self.seeds,
            self.traces,
        );
    }
}

/// Carries a scenario out once for each seed: it builds its graph anew, runs it in a [`Trial`] with the seed that it is
/// given, says what must hold, and hands the trial back to be finished. `SINEW_SEED` in the environment runs that one
/// seed alone.
///
/// # Panics
///
/// At the first seed under which the scenario panics, or an actor fails that may not: with the seed, what happened, and
/// how to see it again.
#[track_caller]
pub fn explore(
    seeds: impl IntoIterator<Item = u64>,
    scenario: impl FnMut(u64) -> Trial,
) -> Explored {
    let asked = seed_of_environment();
    let explored = match asked {
        Some(seed) => try_each([seed], scenario),
        None => try_each(seeds, scenario),
    };
    match explored {
        Ok(explored) => Explored {
            is_replay: asked.is_some(),
            ..explored
        },
        Err(broken) => panic!("{broken}"),
    }
}

fn try_each(
    seeds: impl IntoIterator<Item = u64>,
    mut scenario: impl FnMut(u64) -> Trial,
) -> Result<Explored, String> {
    let mut tried = 0;
    let mut traces = BTreeSet::new();
    for seed in seeds {
        tried += 1;
        let trace = contain(|| scenario(seed).finish().trace_hash);
        traces.insert(trace.map_err(|text| {
            format!(
                "broken with seed {seed}, number {tried} of those tried: {text}\n  again: {}",
                again(seed)
            )
        })?);
    }
    if tried == 0 {
        return Err("no seed was tried: no run proves nothing".to_owned());
    }
    Ok(Explored {
        seeds: tried,
        traces: traces.len(),
        is_replay: false,
    })
}
