//! The scenarios, each written once for all peers whose drivers can be futures.

pub mod ask;
pub mod fan_in;
pub mod fan_out;
pub mod idle;
pub mod life;
pub mod ring;
pub mod tell;
pub mod urgent;

pub use urgent::Urgent;

use std::time::Duration;

use crate::actors::Actors;
use crate::case::{Case, Quantity, Scenario, Size};
use crate::course::Sample;
use crate::heap;
use crate::memory::Memory;
use crate::outcome::Outcome;
use crate::payload::{Large, Small};

/// Why the peers have no figure of what is ours alone.
pub const ONLY_OURS: &str = "it has no edges";

/// Measures a case of a peer.
pub fn by_actors<P: Actors>(case: &Case, budget: Duration) -> Outcome {
    if let Some(why) = P::lacks(case) {
        return Outcome::Absent(why.to_owned());
    }
    if matches!(case.quantity, Quantity::Allocations | Quantity::Heap) {
        heap::count();
    }
    let (threads, size) = (case.threads, case.size);
    let samples = match (case.scenario, size) {
        (Scenario::Tell, Size::Small) => tell::measure::<P, Small>(threads, budget),
        (Scenario::Tell, Size::Large) => tell::measure::<P, Large>(threads, budget),
        (Scenario::Ask, Size::Small) => ask::measure::<P, Small>(threads, budget),
        (Scenario::Ask, Size::Large) => ask::measure::<P, Large>(threads, budget),
        // The rest is measured with small messages only.
        (Scenario::Ring, _) => ring::measure::<P, Small>(budget),
        (Scenario::FanIn, _) => fan_in::measure::<P, Small>(threads, budget),
        (Scenario::FanOut, _) => fan_out::measure::<P, Small>(threads, budget),
        (Scenario::Life, _) => life::measure::<P, Small>(budget),
        (Scenario::Idle(done), _) => {
            let memory = idle::measure::<P, Small>(done);
            return Outcome::Samples(vec![of_memory(case.quantity, memory)]);
        }
        (Scenario::Urgent(what), _) => return Outcome::Samples(vec![urgent::measure::<P>(what)]),
        (Scenario::Publish { .. } | Scenario::Caterpillar(_), _) => {
            return Outcome::Absent(ONLY_OURS.to_owned());
        }
    };
    let of = |sample: Sample| of_message(case.quantity, sample);
    Outcome::Samples(samples.into_iter().map(of).collect())
}

/// What is asked for of a sample.
pub fn of_message(quantity: Quantity, sample: Sample) -> f64 {
    match quantity {
        Quantity::Nanos | Quantity::Turn => sample.nanos,
        Quantity::Allocations => sample.allocations,
        Quantity::Handled | Quantity::Resident | Quantity::Heap => f64::NAN,
    }
}

/// What is asked for of memory.
pub fn of_memory(quantity: Quantity, memory: Memory) -> f64 {
    match quantity {
        Quantity::Resident => memory.resident,
        Quantity::Heap => memory.heap,
        Quantity::Nanos | Quantity::Turn | Quantity::Allocations | Quantity::Handled => f64::NAN,
    }
}
