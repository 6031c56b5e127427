//! How others reach an actor.

use crate::mailbox::{Envelope, Lane, Mailbox, Order};
use crate::{Actor, Ask, Handler, StopOnDrop, Tell, TryTellError, WhenEnded};
use std::fmt;
use std::sync::Arc;

/// What tells an actor from all others of its system, of any time; it stays over restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub(crate) u64);

/// A handle to an actor of type `A`. It stays valid across restarts, and can be sent to other threads.
pub struct Address<A> {
    pub(crate) mailbox: Arc<Mailbox<A>>,
}

impl<A: Actor> Address<A> {
    /// The name of the actor's node.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.mailbox.name
    }

    /// What tells this actor from all others of its system, of any time.
    #[must_use]
    pub fn id(&self) -> ActorId {
        ActorId(self.mailbox.id)
    }

    /// Sends a message, waiting for room.
    ///
    /// # Errors
    ///
    /// [`TellError::Closed`](crate::TellError) gives the message back if the actor has ended for good.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, nothing was sent.
    pub fn tell<M: Send + 'static>(&self, message: M) -> Tell<'_, A, M>
    where
        A: Handler<M>,
    {
        Tell::new(self, message)
    }

    /// Sends a message if there is room now.
    ///
    /// # Errors
    ///
    /// Gives the message back if the mailbox is full or the actor has ended for good.
    pub fn try_tell<M: Send + 'static>(&self, message: M) -> Result<(), TryTellError<M>>
    where
        A: Handler<M>,
    {
        self.push(message, Lane::User)
    }

    /// Sends a message that overtakes all that wait, commands included. For stops and alarms; at most
    /// sixteen may wait. (So that a flood starves nobody, one message that waits is let through after sixteen
    /// that overtook it.)
    ///
    /// # Errors
    ///
    /// Gives the message back if the lane is full or the actor has ended for good.
    pub fn try_tell_urgent<M: Send + 'static>(&self, message: M) -> Result<(), TryTellError<M>>
    where
        A: Handler<M>,
    {
        self.push(message, Lane::System)
    }

    /// Sends a message and waits for the handler's reply, five seconds at most ([`Ask::within`]).
    ///
    /// # Errors
    ///
    /// [`AskError`](crate::AskError) says why there is no reply.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, the message may have been sent; its answer goes nowhere.
    pub fn ask<M: Send + 'static>(&self, message: M) -> Ask<'_, A, M>
    where
        A: Handler<M>,
    {
        Ask::new(self, message)
    }

    /// Asks the actor to end in order, before its next message; a handler that waits for something is dropped
    /// where it waits. Does not wait for the end.
    pub fn stop(&self) {
        self.mailbox.order(Order::Stop);
    }

    /// Has the actor stop once it has handled all that was sent before; from here on nothing but what is urgent can be
    /// sent. Does not wait for the end. What it watches, its timers and its inputs go on until then.
    pub fn stop_when_idle(&self) {
        self.mailbox.close_after_last();
    }

    /// Waits until the actor has ended for good, and says why it did. Any executor may wait, on any thread.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, nothing has changed.
    pub fn ended(&self) -> WhenEnded<'_> {
        WhenEnded::new(&self.mailbox.record.bonds)
    }

    /// Whether the actor has not ended for good: it handles messages, or waits to be built.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.mailbox.record.has_ended()
    }

    /// An address whose actor is told to stop when it is dropped: the actor lasts as long as a scope, or as whatever
    /// owns the guard.
    #[must_use = "dropped at once, it stops the actor at once"]
    pub fn stop_on_drop(&self) -> StopOnDrop<A> {
        StopOnDrop::new(self.clone())
    }

    /// A handle for whoever only needs to send messages of type `M`.
    #[must_use]
    pub fn recipient<M: Send + 'static>(&self) -> Recipient<M>
    where
        A: Handler<M>,
    {
        Recipient::new(self.clone())
    }

    fn push<M: Send + 'static>(&self, message: M, lane: Lane) -> Result<(), TryTellError<M>>
    where
        A: Handler<M>,
    {
        let mut inner = self.mailbox.lock();
        if !inner.takes(lane) {
            return Err(TryTellError::Closed(message));
        }
        if !self.mailbox.has_room(&inner, lane, None) {
            self.mailbox.record.mailbox.refuse();
            return Err(TryTellError::Full(message));
        }
        let port = inner.direct_port::<M>(lane);
        let envelope = Envelope::told(message);
        self.mailbox.push::<M, A::Reply>(&mut inner, port, envelope);
        self.mailbox.unlock_and_wake(inner);
        Ok(())
    }
}

impl<A> Clone for Address<A> {
    fn clone(&self) -> Self {
        Self {
            mailbox: Arc::clone(&self.mailbox),
        }
    }
}

impl<A: Actor> fmt::Debug for Address<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.name())
    }
}

/// A handle to anyone who takes messages of type `M`.
pub struct Recipient<M>(Arc<dyn Receive<M>>);

impl<M: Send + 'static> Recipient<M> {
    /// A handle to whoever receives.
    pub(crate) fn new(receiver: impl Receive<M> + 'static) -> Self {
        Self(Arc::new(receiver))
    }

    /// Sends a message if there is room now.
    ///
    /// # Errors
    ///
    /// Gives the message back if the mailbox is full or the actor has ended for good.
    pub fn try_tell(&self, message: M) -> Result<(), TryTellError<M>> {
        self.0.receive(message)
    }

    /// Whether this is the same handle as another.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<M> Clone for Recipient<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> fmt::Debug for Recipient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient")
    }
}

/// What a recipient hides.
pub(crate) trait Receive<M>: Send + Sync {
    /// Takes the message, or gives it back.
    fn receive(&self, message: M) -> Result<(), TryTellError<M>>;
}

impl<A: Handler<M>, M: Send + 'static> Receive<M> for Address<A> {
    fn receive(&self, message: M) -> Result<(), TryTellError<M>> {
        self.try_tell(message)
    }
}
