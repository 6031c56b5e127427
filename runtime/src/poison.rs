//! Messages that end their receiver, handed back to who sent them.

use crate::cell::{Tracked, tracked_port};
use crate::mailbox::{Envelope, Lane};
use crate::{Actor, Address, Context, Handler, Reason, TryTellError};
use std::sync::Arc;

/// A message that ended its receiver, for its sender to look at: once, and nobody tries it again by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Poison<M> {
    /// The message.
    pub message: M,
    /// The name of the actor that failed or panicked over it.
    pub receiver: Arc<str>,
    /// How it ended.
    pub reason: Reason,
}

impl<A: Actor> Context<A> {
    /// Sends a message if there is room now, and gets it back as [`Poison`] if its receiver fails or panics over it. The
    /// message is cloned once.
    ///
    /// # Errors
    ///
    /// Gives the message back if the mailbox is full or the actor has ended for good.
    pub fn try_tell_tracked<B, M>(&self, to: &Address<B>, message: M) -> Result<(), TryTellError<M>>
    where
        B: Handler<M>,
        M: Clone + Send + 'static,
        A: Handler<Poison<M>>,
    {
        let mut inner = to.mailbox.lock();
        if !inner.is_open() {
            return Err(TryTellError::Closed(message));
        }
        if !to.mailbox.has_room(&inner, Lane::User, None) {
            to.mailbox.record.mailbox.refuse();
            return Err(TryTellError::Full(message));
        }
        let sender = self.address.recipient();
        let port = inner.port_for::<Tracked<M>, ()>(Lane::User, tracked_port::<B, M>);
        let envelope = Envelope::told(Tracked { message, sender });
        to.mailbox
            .push::<Tracked<M>, ()>(&mut inner, port, envelope);
        to.mailbox.unlock_and_wake(inner);
        Ok(())
    }
}
