//! The scenarios, each written once for all peers whose drivers can be futures.

mod ask;
mod fan_in;
mod fan_out;
mod idle;
mod life;
mod ring;
mod tell;
mod urgent;

pub use urgent::Urgent;

use std::time::Duration;

use crate::actors::Actors;
use crate::case::{Case, Quantity, Scenario, Size};
use crate::course::Sample;
use crate::heap;
use crate::memory::Memory;
use crate::outcome::Outcome;
use crate::payload::{Large, Payload, Small};

/// Measures a case of a peer.
pub fn by_actors<P: Actors>(case: &Case, budget: Duration) -> Outcome {
    if let Some(why) = P::lacks(case) {
        return Outcome::Absent(why.to_owned());
    }
    if matches!(case.quantity, Quantity::Allocations | Quantity::Heap) {
        heap::count();
    }
    let samples = match case.size {
        Size::Small => measure::<P, Small>(case, budget),
        Size::Large => measure::<P, Large>(case, budget),
    };
    Outcome::Samples(samples)
}

fn measure<P: Actors, M: Payload>(case: &Case, budget: Duration) -> Vec<f64> {
    let samples = match case.scenario {
        Scenario::Tell => tell::measure::<P, M>(case.threads, budget),
        Scenario::Ask => ask::measure::<P, M>(case.threads, budget),
        Scenario::Ring => ring::measure::<P, M>(budget),
        Scenario::FanIn => fan_in::measure::<P, M>(case.threads, budget),
        Scenario::FanOut => fan_out::measure::<P, M>(case.threads, budget),
        Scenario::Life => life::measure::<P, M>(budget),
        Scenario::Idle => return vec![of_memory(case.quantity, idle::measure::<P, M>())],
        Scenario::Urgent(what) => return vec![urgent::measure::<P>(what)],
    };
    let of = |sample: Sample| of_message(case.quantity, sample);
    samples.into_iter().map(of).collect()
}

/// What is asked for of a sample.
pub fn of_message(quantity: Quantity, sample: Sample) -> f64 {
    match quantity {
        Quantity::Nanos => sample.nanos,
        Quantity::Allocations => sample.allocations,
        Quantity::Handled | Quantity::Resident | Quantity::Heap => f64::NAN,
    }
}

/// What is asked for of memory.
pub fn of_memory(quantity: Quantity, memory: Memory) -> f64 {
    match quantity {
        Quantity::Resident => memory.resident,
        Quantity::Heap => memory.heap,
        Quantity::Nanos | Quantity::Allocations | Quantity::Handled => f64::NAN,
    }
}
