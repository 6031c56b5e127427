//! Ask: round trips from one to one, each after the other.

use std::time::Duration;

use crate::actors::{Actors, ROOM};
use crate::case::Threads;
use crate::course::{Chunk, Course, Reading, Sample, sum_below};
use crate::payload::Payload;

/// Round trips of a chunk.
pub const ASKS: u64 = 250;

/// A chunk.
pub const CHUNK: Chunk = Chunk {
    receivers: 1,
    each: ASKS,
    sum: sum_below(ASKS),
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
                let mut sum = 0;
                for number in 0..ASKS {
                    sum += P::ask(&counter, M::of(number)).await;
                }
                let ended = Reading::now();
                assert_eq!(sum, CHUNK.sum, "the sum of the answers");
                course.ended(began, ended).await;
            }
            course.samples()
        }]
    });
    outputs.into_iter().flatten().collect()
}
