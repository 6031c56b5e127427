//! A life: an actor is spawned, told one message, stopped, and its end is waited for; one after the other.

use std::time::Duration;

use crate::actors::{Actors, SMALL_ROOM};
use crate::case::Threads;
use crate::course::{Chunk, Course, Reading, Sample};
use crate::payload::Payload;

/// Lives of a chunk.
const LIVES: u64 = 500;

/// A chunk: one message to each.
pub const CHUNK: Chunk = Chunk {
    receivers: 1,
    each: LIVES,
    sum: 0,
};

/// Measures a peer.
pub fn measure<P: Actors, M: Payload>(budget: Duration) -> Vec<Sample> {
    let mut course = Course::new(CHUNK, budget);
    let outputs = P::counters::<M, _>(Threads::One, SMALL_ROOM, Vec::new(), move |_| {
        vec![async move {
            while course.goes_on() {
                let began = Reading::now();
                for number in 0..LIVES {
                    P::life(course.tally(), M::of(number)).await;
                }
                course.lived(began, Reading::now());
            }
            course.samples()
        }]
    });
    outputs.into_iter().flatten().collect()
}
