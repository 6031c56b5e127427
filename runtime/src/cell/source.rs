//! Where an actor's messages come from: ports, inputs, timers, silence. All end in a handler.

use super::held::Held;
use crate::hub::Hub;
use crate::mailbox::{Inner, Lost, Mailbox};
use crate::{Actor, Failure, Time};
use std::sync::MutexGuard;
use std::task::{Context, Poll};

/// The local half of a port.
pub(crate) trait LocalPort<A> {
    /// Takes what waits in the mailbox into the owner's hands; for what may still be displaced there, nothing.
    fn refill(&mut self, inner: &mut Inner<A>)
    where
        A: Actor,
    {
        let _ = inner;
    }
    /// Begins with the value that a token of the waiting lane promised. `false`: it was withdrawn.
    fn begin(&mut self, held: Held<A>, mailbox: &Mailbox<A>, hub: &Hub) -> bool
    where
        A: Actor;
    /// Takes the value that an overtaking token promised, gives the lock back, and begins with it. `false`: it was
    /// withdrawn, or its lease has ended.
    fn begin_urgent(&mut self, held: Held<A>, inner: MutexGuard<'_, Inner<A>>, hub: &Hub) -> bool
    where
        A: Actor,
    {
        let _ = (held, inner, hub);
        false
    }
    /// Drops what is in the owner's hands, outside of any lock; says how much it was.
    fn empty(&mut self, dropped: &mut Vec<Box<dyn Lost>>) -> usize {
        let _ = dropped;
        0
    }
    /// Goes on; at the end the answer is left for the asker.
    fn poll(&mut self, mailbox: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>>
    where
        A: Actor;
    /// Gives up the message in hand; whoever asked hears why.
    fn cancel(&mut self, mailbox: &Mailbox<A>, why: &str)
    where
        A: Actor;
}

/// A source that the actor itself owns: an input, a timer, the watch over a silence.
pub(crate) trait LocalSource<A: Actor> {
    /// The number by which the actor knows it.
    fn id(&self) -> u64;
    /// Whether a message is ready now; registers the waker if not.
    fn ready(&mut self, hub: &Hub, cx: &mut Context<'_>) -> Readiness;
    /// Begins with the message that is ready.
    fn begin(&mut self, held: Held<A>, hub: &Hub);
    /// Goes on with it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>>;
    /// Gives it up.
    fn cancel(&mut self);
    /// When it is ready by time alone.
    fn deadline(&self) -> Option<Time>;
    /// Whether tokio's own timers or sockets may wake it.
    fn is_foreign(&self) -> bool;
}

/// What a source says of itself.
#[derive(Debug)]
pub(crate) enum Readiness {
    /// Nothing now.
    Waiting,
    /// A message.
    Ready,
    /// Nothing any more.
    Ended,
    /// Trouble that ends the actor.
    Failed(Failure),
}
