//! Tell: one actor sends to another on the same thread, as fast as there is room.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::mpsc;
use std::time::Duration;

use sinew_runtime::{Actor, Address, Context, Factory, Failure, Graph, Handler};

use crate::payload::Payload;
use crate::samples::{BATCH, Pair, Receiver};
use crate::{Effort, in_turn, raw, run};

/// Tells all there is to tell, then stops.
struct Teller<M> {
    to: Address<Listener<M>>,
    batches: u64,
}

/// Counts, and hands the samples over after the last message.
struct Listener<M> {
    receiver: Option<Receiver>,
    left: u64,
    results: mpsc::Sender<Receiver>,
    of: PhantomData<M>,
}

/// The word to begin.
#[derive(Clone)]
struct Begin;

impl<M: Payload> Actor for Teller<M> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.after(Duration::from_millis(1), Begin);
        Ok(())
    }
}

impl<M: Payload> Handler<Begin> for Teller<M> {
    type Reply = ();
    async fn handle(&mut self, _: Begin, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for number in 0..self.batches * BATCH {
            self.to.tell(M::of(number)).await?;
        }
        ctx.stop();
        Ok(())
    }
}

impl<M: Payload> Actor for Listener<M> {}

impl<M: Payload> Handler<M> for Listener<M> {
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
        }
        Ok(())
    }
}

fn ours<M: Payload>(batches: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    let (results, received) = mpsc::channel();
    let mut graph = Graph::new("tell");
    let listener = graph.add(
        "listener",
        Factory::new(move || {
            let receiver = Some(Receiver::new(batches));
            Ok(Listener::<M> {
                receiver,
                left: batches * BATCH,
                results: results.clone(),
                of: PhantomData,
            })
        }),
    );
    graph.capacity(&listener, raw::ROOM);
    let to = listener.address();
    graph.add(
        "teller",
        Factory::new(move || {
            Ok(Teller {
                to: to.clone(),
                batches,
            })
        }),
    );
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
        || raw::tell::<M>(effort.batches),
    )
}
