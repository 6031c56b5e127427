//! The actors of the measurements.

use std::marker::PhantomData;

use sinew_runtime::{Actor, Address, Context, Failure, Handler};

use crate::actors::{Link, next};
use crate::course::Tally;
use crate::payload::Payload;
use crate::worker::Worker;

/// Counts.
pub struct Counter<M> {
    tally: Tally,
    of: PhantomData<M>,
}

impl<M> Counter<M> {
    /// A counter with this tally.
    pub fn of(tally: Tally) -> Counter<M> {
        Counter {
            tally,
            of: PhantomData,
        }
    }
}

impl<M: Payload> Actor for Counter<M> {}

impl<M: Payload> Handler<M> for Counter<M> {
    type Reply = u64;

    async fn handle(&mut self, message: M, _: &mut Context<Self>) -> Result<u64, Failure> {
        self.tally.count(message.number());
        Ok(message.number())
    }
}

/// Passes on.
pub struct Relay<M> {
    tally: Tally,
    link: Link<Address<Relay<M>>>,
}

impl<M> Relay<M> {
    /// A relay with this tally.
    pub fn new(tally: Tally, link: Link<Address<Relay<M>>>) -> Relay<M> {
        Relay { tally, link }
    }
}

impl<M: Payload> Actor for Relay<M> {}

impl<M: Payload> Handler<M> for Relay<M> {
    type Reply = ();

    async fn handle(&mut self, message: M, _: &mut Context<Self>) -> Result<(), Failure> {
        let number = message.number();
        self.tally.count(number);
        if number > 0 {
            next(&self.link).tell(M::of(number - 1)).await?;
        }
        Ok(())
    }
}

/// Works.
pub struct Busy(pub Worker);

/// An ordinary message for a worker.
pub struct Job;

/// Something urgent for a worker.
#[derive(Debug)]
pub struct Urgent;

impl Actor for Busy {}

impl Handler<Job> for Busy {
    type Reply = ();

    async fn handle(&mut self, _: Job, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.work().await;
        Ok(())
    }
}

impl Handler<Urgent> for Busy {
    type Reply = ();

    async fn handle(&mut self, _: Urgent, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.urgent();
        Ok(())
    }
}
