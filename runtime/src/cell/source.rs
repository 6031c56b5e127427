//! Where an actor's own messages come from: inputs, timers, silence. All end in a handler.

use super::held::Held;
use crate::hub::Hub;
use crate::{Actor, Failure, Time};
use std::task::{Context, Poll};

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
