//! What the tests of the patterns share: the runtime's own, and two actors that publish and note what they are told to.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each test file is a program of its own and uses its part"
)]

#[path = "../../../tests/common/mod.rs"]
mod runtime;

pub use runtime::*;

use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Leased, Message, Node, Silence, System, Time,
};
use std::marker::PhantomData;

/// Publishes what it is told to, plain or with the end of its lease.
#[derive(Clone)]
pub struct Mouth<M>(PhantomData<fn() -> M>);

/// What a [`Mouth`] is told to publish.
pub struct Say<M>(pub M);

impl<M: Message> Actor for Mouth<M> {}
impl<M: Message> Emits<M> for Mouth<M> {}

impl<M: Message> Handler<Say<M>> for Mouth<M> {
    type Reply = ();
    async fn handle(&mut self, it: Say<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(it.0);
        Ok(())
    }
}

impl<M: Message> Handler<Say<Leased<M>>> for Mouth<M> {
    type Reply = ();
    async fn handle(&mut self, it: Say<Leased<M>>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(it.0);
        Ok(())
    }
}

/// What an [`Ear`] heard, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heard<M> {
    /// A reading or an event, at so many milliseconds.
    Value(M, u64),
    /// A command, at so many milliseconds, valid until so many.
    Command(M, u64, u64),
    /// A silence that began at so many milliseconds.
    Silence(u64),
}

/// Notes what it hears.
pub struct Ear<M>(Log<Heard<M>>);

impl<M: Message> Actor for Ear<M> {}

impl<M: Message> Handler<M> for Ear<M> {
    type Reply = ();
    async fn handle(&mut self, it: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Heard::Value(it, in_ms(ctx.now())));
        Ok(())
    }
}

impl<M: Message> Handler<Leased<M>> for Ear<M> {
    type Reply = ();
    async fn handle(&mut self, it: Leased<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let until = in_ms(it.valid_until());
        let heard = Heard::Command(it.into_value(), in_ms(ctx.now()), until);
        self.0.add(heard);
        Ok(())
    }
}

impl<M: Message> Handler<Silence<M>> for Ear<M> {
    type Reply = ();
    async fn handle(&mut self, it: Silence<M>, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Heard::Silence(in_ms(it.since)));
        Ok(())
    }
}

/// Adds a node that publishes.
pub fn mouth<M: Message>(graph: &mut Graph, name: &str) -> Node<Mouth<M>> {
    graph.add(name, Mouth(PhantomData))
}

/// Adds a node that listens, and what it hears.
pub fn ear<M: Message>(graph: &mut Graph, name: &str) -> (Node<Ear<M>>, Log<Heard<M>>) {
    let log = Log::new();
    let notes = log.clone();
    (graph.add(name, made(move || Ear(notes.clone()))), log)
}

/// Whole milliseconds since the start of the simulation.
pub fn in_ms(time: Time) -> u64 {
    time.nanos() / 1_000_000
}

/// Lets virtual time come to this millisecond, and has this published then.
pub fn say_at<M: Message>(system: &mut System, ms: u64, mouth: &Node<Mouth<M>>, value: M) {
    system.run_until(at_ms(ms));
    mouth.address().try_tell(Say(value)).expect("there is room");
}
