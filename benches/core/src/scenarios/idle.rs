//! Idle actors: what one that has handled a message, and waits, takes of the memory.

use std::future::pending;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::actors::{Actors, SMALL_ROOM};
use crate::case::Threads;
use crate::course::{Chunk, Course};
use crate::memory::Memory;
use crate::payload::Payload;

/// Actors that live before it is measured, so that code and runtimes are in memory.
pub const FEW: usize = 100;

/// One message to one receiver at a time.
pub const CHUNK: Chunk = Chunk {
    receivers: 1,
    each: 1,
    sum: 0,
};

/// Measures a peer: the memory that each of many actors takes.
pub fn measure<P: Actors, M: Payload>() -> Memory {
    start::<P, M>(FEW);
    let before = Memory::now();
    let after = start::<P, M>(P::MANY);
    after.since(before).each(P::MANY)
}

/// Starts actors on a thread that keeps them, and hands back the memory taken when all are idle.
fn start<P: Actors, M: Payload>(count: usize) -> Memory {
    let (send, idle) = mpsc::channel();
    thread::spawn(move || {
        let mut course = Course::new(CHUNK, Duration::ZERO);
        let tallies = (0..count).map(|_| course.tally()).collect();
        P::counters::<M, _>(Threads::One, SMALL_ROOM, tallies, move |counters| {
            vec![async move {
                for counter in &counters {
                    P::tell(counter, M::of(0)).await;
                    course.checked().await;
                }
                send.send(Memory::now()).expect("`start` waits for it");
                pending::<()>().await;
                drop(counters);
            }]
        });
    });
    idle.recv().expect("all become idle")
}
