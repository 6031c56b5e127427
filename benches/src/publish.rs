//! Publish: values along an edge of the graph, which never waits.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::mpsc;
use std::time::Duration;

use sinew_runtime::{Actor, Address, Context, Emits, Factory, Failure, Graph, Handler};

use crate::payload::Payload;
use crate::samples::{BATCH, Pair, Receiver};
use crate::{Effort, in_turn, raw, run};

/// Values that are published before the other side gets its turn: within the edge's room, so that none is lost.
const BURST: u64 = 500;

/// Publishes a burst each time the other side has handled the last one.
struct Publisher<M> {
    next: u64,
    end: u64,
    of: PhantomData<M>,
}

/// Counts, and hands the samples over after the last message.
struct Subscriber<M> {
    receiver: Option<Receiver>,
    left: u64,
    results: mpsc::Sender<Receiver>,
    publisher: Address<Publisher<M>>,
}

/// The word to publish a burst.
#[derive(Clone)]
struct GoOn;

impl<M: Payload> Emits<M> for Publisher<M> {}

impl<M: Payload> Actor for Publisher<M> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.after(Duration::from_millis(1), GoOn);
        Ok(())
    }
}

impl<M: Payload> Handler<GoOn> for Publisher<M> {
    type Reply = ();
    async fn handle(&mut self, _: GoOn, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let end = self.end.min(self.next + BURST);
        while self.next < end {
            ctx.publish(M::of(self.next));
            self.next += 1;
        }
        if self.next == self.end {
            ctx.stop();
        }
        Ok(())
    }
}

impl<M: Payload> Actor for Subscriber<M> {}

impl<M: Payload> Handler<M> for Subscriber<M> {
    type Reply = ();
    async fn handle(&mut self, message: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let receiver = self
            .receiver
            .as_mut()
            .ok_or_else(|| Failure::new("a message after the last"))?;
        receiver.count(message.number());
        self.left -= 1;
        if self.left == 0 {
            self.results.send(
                self.receiver
                    .take()
                    .ok_or_else(|| Failure::new("no receiver"))?,
            )?;
            ctx.stop();
        } else if self.left.is_multiple_of(BURST) {
            self.publisher.try_tell(GoOn)?;
        }
        Ok(())
    }
}

fn ours<M: Payload>(batches: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    let (results, received) = mpsc::channel();
    let mut graph = Graph::new("publish");
    let publisher = graph.add(
        "publisher",
        Factory::new(move || {
            Ok(Publisher::<M> {
                next: 0,
                end: batches * BATCH,
                of: PhantomData,
            })
        }),
    );
    let address = publisher.address();
    let subscriber = graph.add(
        "subscriber",
        Factory::new(move || {
            Ok(Subscriber::<M> {
                receiver: Some(Receiver::new(batches)),
                left: batches * BATCH,
                results: results.clone(),
                publisher: address.clone(),
            })
        }),
    );
    graph
        .connect(publisher.out::<M>(), &subscriber)
        .keep_oldest(raw::ROOM);
    run::to_the_end(graph, &received)?.finish(batches)
}

/// Ours beside raw.
///
/// # Errors
/// When a message is lost.
pub fn bench<M: Payload>(effort: Effort) -> Result<Pair, Box<dyn Error>> {
    in_turn(
        effort.rounds,
        || ours::<M>(effort.batches),
        || raw::publish::<M>(effort.batches, BURST),
    )
}
