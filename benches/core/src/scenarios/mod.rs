//! The scenarios, each written once for all peers whose drivers can be futures.

mod ask;
mod tell;

use std::time::Duration;

use crate::actors::Actors;
use crate::case::{Case, Quantity, Scenario, Size};
use crate::course::Sample;
use crate::heap;
use crate::outcome::Outcome;
use crate::payload::{Large, Payload, Small};

/// Measures a case of a peer.
pub fn by_actors<P: Actors>(case: &Case, budget: Duration) -> Outcome {
    if let Some(why) = P::lacks(case) {
        return Outcome::Absent(why.to_owned());
    }
    if case.quantity == Quantity::Allocations {
        heap::count();
    }
    let samples = match case.size {
        Size::Small => measure::<P, Small>(case, budget),
        Size::Large => measure::<P, Large>(case, budget),
    };
    Outcome::Samples(samples)
}

fn measure<P: Actors, M: Payload>(case: &Case, budget: Duration) -> Vec<f64> {
    let of = |sample: Sample| match case.quantity {
        Quantity::Nanos => sample.nanos,
        Quantity::Allocations => sample.allocations,
    };
    let samples = match case.scenario {
        Scenario::Tell => tell::measure::<P, M>(case.threads, budget),
        Scenario::Ask => ask::measure::<P, M>(case.threads, budget),
    };
    samples.into_iter().map(of).collect()
}
