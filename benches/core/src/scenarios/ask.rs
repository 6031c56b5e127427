//! Ask: round trips from one to one, each after the other.

use std::time::Duration;

use crate::actors::{Actors, ROOM};
use crate::case::Threads;
use crate::course::{Chunk, Course, Reading, Sample, sum_below};
use crate::payload::Payload;

/// Round trips of a chunk.
const ASKS: u64 = 1_000;

/// Measures a peer.
pub fn measure<P: Actors, M: Payload>(threads: Threads, budget: Duration) -> Vec<Sample> {
    let chunk = Chunk {
        receivers: 1,
        each: ASKS,
        sum: sum_below(ASKS),
    };
    let mut course = Course::new(chunk, budget);
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
                assert_eq!(sum, chunk.sum, "the sum of the answers");
                course.ended(began, ended).await;
            }
            course.samples()
        }]
    });
    outputs.into_iter().flatten().collect()
}
