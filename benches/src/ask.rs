//! Ask: round trips from actor to actor on the same thread, each with its deadline.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sinew_runtime::{Actor, Address, Context, Factory, Failure, Graph, Handler};

use crate::payload::Payload;
use crate::samples::Pair;
use crate::{Effort, in_turn, raw, run};

/// Asks again and again, and times each round trip.
struct Asker<M> {
    to: Address<Answerer<M>>,
    asks: u64,
    results: mpsc::Sender<Vec<f64>>,
}

/// Answers with the number it was asked, until it has answered all.
struct Answerer<M> {
    left: u64,
    of: PhantomData<M>,
}

/// The word to begin.
#[derive(Clone)]
struct Begin;

impl<M: Payload> Actor for Asker<M> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.after(Duration::from_millis(1), Begin);
        Ok(())
    }
}

impl<M: Payload> Handler<Begin> for Asker<M> {
    type Reply = ();
    async fn handle(&mut self, _: Begin, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let mut samples = Vec::with_capacity(usize::try_from(self.asks)?);
        for number in 0..self.asks {
            let began = Instant::now();
            let answer = self.to.ask(M::of(number)).await?;
            samples.push(began.elapsed().as_nanos() as f64);
            if answer != number {
                return Err(Failure::new("a wrong answer"));
            }
        }
        self.results.send(samples)?;
        ctx.stop();
        Ok(())
    }
}

impl<M: Payload> Actor for Answerer<M> {}

impl<M: Payload> Handler<M> for Answerer<M> {
    type Reply = u64;
    async fn handle(&mut self, message: M, ctx: &mut Context<Self>) -> Result<u64, Failure> {
        self.left -= 1;
        if self.left == 0 {
            ctx.stop();
        }
        Ok(message.number())
    }
}

fn ours<M: Payload>(asks: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    let (results, received) = mpsc::channel();
    let mut graph = Graph::new("ask");
    let answerer = graph.add(
        "answerer",
        Factory::new(move || {
            Ok(Answerer::<M> {
                left: asks,
                of: PhantomData,
            })
        }),
    );
    graph.capacity(&answerer, raw::ROOM);
    let to = answerer.address();
    graph.add(
        "asker",
        Factory::new(move || {
            Ok(Asker {
                to: to.clone(),
                asks,
                results: results.clone(),
            })
        }),
    );
    run::to_the_end(graph, &received)
}

/// Ours beside raw.
///
/// # Errors
/// When an answer is lost or wrong.
pub fn bench<M: Payload>(effort: Effort) -> Result<Pair, Box<dyn Error>> {
    in_turn(
        effort.rounds,
        || ours::<M>(effort.asks),
        || raw::ask::<M>(effort.asks),
    )
}
