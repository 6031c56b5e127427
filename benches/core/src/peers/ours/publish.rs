//! Publish in virtual time: values along an edge, which never waits, so many in a row.

use std::marker::PhantomData;
use std::sync::mpsc;
use std::time::Duration;

use sinew_runtime::{
    Actor, Address, Context, Emits, Environment, Failure, Graph, Handler, Progress, System, Time,
};

use super::once;
use crate::actors::{ROOM, at_once};
use crate::course::{Chunk, Course, Reading, Sample, Tally, sum_below};
use crate::payload::Payload;

/// Values of a chunk.
const VALUES: u64 = 20_000;
/// More virtual time than any measurement takes.
const FAR: Duration = Duration::from_secs(3_600);

/// Publishes a burst each time the other side has handled the last one.
struct Publisher<M> {
    next: u64,
    burst: u64,
    of: PhantomData<M>,
}

/// Counts, and asks for the next burst, or says that it was the last of the chunk.
struct Subscriber<M> {
    tally: Tally,
    handled: u64,
    burst: u64,
    publisher: Address<Publisher<M>>,
    done: mpsc::Sender<()>,
}

/// The word to publish a burst.
#[derive(Clone)]
struct GoOn;

impl<M: Payload> Emits<M> for Publisher<M> {}

impl<M: Payload> Actor for Publisher<M> {}

impl<M: Payload> Handler<GoOn> for Publisher<M> {
    type Reply = ();

    async fn handle(&mut self, _: GoOn, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for _ in 0..self.burst {
            ctx.publish(M::of(self.next));
            self.next = (self.next + 1) % VALUES;
        }
        Ok(())
    }
}

impl<M: Payload> Actor for Subscriber<M> {}

impl<M: Payload> Handler<M> for Subscriber<M> {
    type Reply = ();

    async fn handle(&mut self, message: M, _: &mut Context<Self>) -> Result<(), Failure> {
        self.tally.count(message.number());
        self.handled += 1;
        if self.handled == VALUES {
            self.handled = 0;
            self.done.send(())?;
        } else if self.handled.is_multiple_of(self.burst) {
            self.publisher.try_tell(GoOn)?;
        }
        Ok(())
    }
}

/// Nothing surrounds the graph.
struct Void;

impl Environment for Void {
    fn next_event(&mut self) -> Option<Time> {
        None
    }

    fn advance(&mut self, _: Time) {}
}

/// Turns of actors for each value if each handles one message: one of the subscriber, and one of the publisher for each
/// burst.
pub fn turns(burst: u64) -> f64 {
    1.0 + 1.0 / burst as f64
}

/// Measures bursts of so many values.
pub fn measure<M: Payload>(burst: u64, full_turns: bool, budget: Duration) -> Vec<Sample> {
    let chunk = Chunk {
        receivers: 1,
        each: VALUES,
        sum: sum_below(VALUES),
    };
    let mut course = Course::new(chunk, budget);
    let (done, chunks) = mpsc::channel();
    let mut graph = Graph::new("publish");
    let publisher = graph.add(
        "publisher",
        once(Publisher::<M> {
            next: 0,
            burst,
            of: PhantomData,
        }),
    );
    let address = publisher.address();
    let subscriber = graph.add(
        "subscriber",
        once(Subscriber {
            tally: course.tally(),
            handled: 0,
            burst,
            publisher: publisher.address(),
            done,
        }),
    );
    graph
        .connect(publisher.out::<M>(), &subscriber)
        .keep_oldest(ROOM);
    let mut system = System::simulated(graph, 7, Box::new(Void)).expect("the graph is sound");
    if full_turns {
        system.full_turns();
    }
    while course.goes_on() {
        let began = Reading::now();
        assert!(address.try_tell(GoOn).is_ok(), "the mailbox has room");
        // Time moves, and so the run ends, when nobody has anything to do.
        let until = system.now() + Duration::from_millis(1);
        assert_eq!(system.run_until(until), Progress::Reached);
        chunks.try_recv().expect("the chunk was handled");
        at_once(course.arrived(began));
        assert!(
            system.now() < Time::ZERO + FAR,
            "virtual time is not used up"
        );
    }
    course.samples()
}
