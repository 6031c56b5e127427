//! A ring: one message goes round a thousand actors, hop by hop.

use std::time::Duration;

use crate::actors::Actors;
use crate::course::{Chunk, Course, Reading, Sample, sum_below};
use crate::payload::Payload;

/// Members of the ring.
const MEMBERS: u64 = 1_000;
/// Rounds of a chunk.
const LAPS: u64 = 20;

/// A chunk.
pub const CHUNK: Chunk = Chunk {
    receivers: MEMBERS as usize,
    each: LAPS,
    sum: sum_below(MEMBERS * LAPS),
};

/// Measures a peer.
pub fn measure<P: Actors, M: Payload>(budget: Duration) -> Vec<Sample> {
    let mut course = Course::new(CHUNK, budget);
    P::ring::<M, _>(course.tallies(), move |first| async move {
        while course.goes_on() {
            let began = Reading::now();
            P::pass(&first, M::of(MEMBERS * LAPS - 1)).await;
            course.arrived(began).await;
        }
        course.samples()
    })
}
