//! Fan-in: eight tell one, as fast as there is room.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::Barrier;

use crate::actors::{Actors, ROOM};
use crate::case::Threads;
use crate::course::{Chunk, Course, Reading, Sample, sum_below};
use crate::payload::Payload;

/// Who tells.
pub const PRODUCERS: usize = 8;
/// Messages of each in a chunk.
pub const MESSAGES: u64 = 2_500;

/// A chunk.
pub const CHUNK: Chunk = Chunk {
    receivers: 1,
    each: PRODUCERS as u64 * MESSAGES,
    sum: PRODUCERS as u64 * sum_below(MESSAGES),
};

/// Measures a peer.
pub fn measure<P: Actors, M: Payload>(threads: Threads, budget: Duration) -> Vec<Sample> {
    let course = Course::new(CHUNK, budget);
    let tallies = course.tallies();
    let outputs = P::counters::<M, _>(threads, ROOM, tallies, move |counters| {
        let start = Arc::new(Start {
            line: Barrier::new(PRODUCERS),
            again: AtomicBool::new(true),
        });
        let mut course = Some(course);
        let produce = |_| produce::<P, M>(counters[0].clone(), Arc::clone(&start), course.take());
        (0..PRODUCERS).map(produce).collect()
    });
    outputs.into_iter().flatten().collect()
}

/// Where all producers begin a chunk.
struct Start {
    line: Barrier,
    again: AtomicBool,
}

/// The first producer, which has the course, comes to the line last: it waits for all that the others sent.
async fn produce<P: Actors, M: Payload>(
    counter: P::Counter<M>,
    start: Arc<Start>,
    mut course: Option<Course>,
) -> Vec<Sample> {
    loop {
        if let Some(course) = &course {
            start.again.store(course.goes_on(), Relaxed);
        }
        let began = Reading::now();
        start.line.wait().await;
        if !start.again.load(Relaxed) {
            return course.map(Course::samples).unwrap_or_default();
        }
        for number in 0..MESSAGES {
            P::tell(&counter, M::of(number)).await;
        }
        if let Some(course) = &mut course {
            course.arrived(began).await;
        }
    }
}
