//! Tell: one sends to one, as fast as there is room.

use std::time::Duration;

use crate::actors::{Actors, ROOM};
use crate::case::Threads;
use crate::course::{Chunk, Course, Reading, Sample, sum_below};
use crate::payload::Payload;

/// Messages of a chunk.
const MESSAGES: u64 = 20_000;

/// A chunk.
pub const CHUNK: Chunk = Chunk {
    receivers: 1,
    each: MESSAGES,
    sum: sum_below(MESSAGES),
};

/// Measures a peer.
pub fn measure<P: Actors, M: Payload>(threads: Threads, budget: Duration) -> Vec<Sample> {
    let mut course = Course::new(CHUNK, budget);
    let tallies = course.tallies();
    let outputs = P::counters::<M, _>(threads, ROOM, tallies, move |mut counters| {
        let counter = counters.remove(0);
        vec![async move {
            while course.goes_on() {
                let began = Reading::now();
                for number in 0..MESSAGES {
                    P::tell(&counter, M::of(number)).await;
                }
                course.arrived(began).await;
            }
            course.samples()
        }]
    });
    outputs.into_iter().flatten().collect()
}
