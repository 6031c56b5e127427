//! Idle actors: what one that waits takes of the memory.

use std::future::pending;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::actors::{Actors, SMALL_ROOM};
use crate::case::{Idle, Threads};
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

/// Those that are told a message: all of them, or the last one alone, which tells that all have started.
pub fn spoken_to<T>(actors: &[T], done: Idle) -> &[T] {
    match done {
        Idle::Handled => actors,
        Idle::Started => &actors[actors.len() - 1..],
    }
}

/// Measures a peer: the memory that each of many actors takes.
pub fn measure<P: Actors, M: Payload>(done: Idle) -> Memory {
    start::<P, M>(FEW, done);
    let before = Memory::now();
    let after = start::<P, M>(P::MANY, done);
    after.since(before).each(P::MANY)
}

/// Starts actors on a thread that keeps them, and hands back the memory taken when all are idle.
fn start<P: Actors, M: Payload>(count: usize, done: Idle) -> Memory {
    let (send, idle) = mpsc::channel();
    thread::spawn(move || {
        let mut course = Course::new(CHUNK, Duration::ZERO);
        let tallies = (0..count).map(|_| course.tally()).collect();
        P::counters::<M, _>(Threads::One, SMALL_ROOM, tallies, move |counters| {
            vec![async move {
                for counter in spoken_to(&counters, done) {
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
