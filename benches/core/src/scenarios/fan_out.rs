//! Fan-out: one tells fifty, each in turn.

use std::time::Duration;

use crate::actors::{Actors, ROOM};
use crate::case::Threads;
use crate::course::{Chunk, Course, Reading, Sample, sum_below};
use crate::payload::Payload;

/// Who is told.
const RECEIVERS: usize = 50;
/// Messages to each in a chunk.
const MESSAGES: u64 = 400;

/// A chunk.
pub const CHUNK: Chunk = Chunk {
    receivers: RECEIVERS,
    each: MESSAGES,
    sum: RECEIVERS as u64 * sum_below(MESSAGES),
};

/// Measures a peer.
pub fn measure<P: Actors, M: Payload>(threads: Threads, budget: Duration) -> Vec<Sample> {
    let mut course = Course::new(CHUNK, budget);
    let tallies = course.tallies();
    let outputs = P::counters::<M, _>(threads, ROOM, tallies, move |counters| {
        vec![async move {
            while course.goes_on() {
                let began = Reading::now();
                for number in 0..MESSAGES {
                    for counter in &counters {
                        P::tell(counter, M::of(number)).await;
                    }
                }
                course.arrived(began).await;
            }
            course.samples()
        }]
    });
    outputs.into_iter().flatten().collect()
}
