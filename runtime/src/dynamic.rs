//! The dynamic path: messages whose type is known only when they come.

use crate::cell::{Other as Letter, other_port};
use crate::mailbox::{Envelope, Lane};
use crate::{Actor, Address, Handler, TryTellError};
use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::Arc;

/// A message of any type.
pub type AnyMessage = Box<dyn Any + Send>;

/// What [`AnyAddress::try_tell`] gives back when it did not send.
type NotSent = TryTellError<AnyMessage>;

/// Hands a message of one type over to its typed port.
type Deliver<A> = fn(&Address<A>, AnyMessage) -> Result<(), NotSent>;

/// The types of messages that an actor takes on the dynamic path; see [`Actor::dynamic`].
pub struct Accepts<A: Actor>(Vec<(TypeId, &'static str, Deliver<A>)>);

impl<A: Actor> Accepts<A> {
    /// Takes messages of type `M`.
    pub fn on<M: Send + 'static>(&mut self) -> &mut Self
    where
        A: Handler<M>,
    {
        let kind = TypeId::of::<M>();
        if !self.0.iter().any(|(known, ..)| *known == kind) {
            self.0.push((kind, type_name::<M>(), deliver::<A, M>));
        }
        self
    }
}

impl<A: Actor> fmt::Debug for Accepts<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(_, name, _)| name))
            .finish()
    }
}

fn deliver<A: Handler<M>, M: Send + 'static>(
    to: &Address<A>,
    message: AnyMessage,
) -> Result<(), NotSent> {
    match message.downcast::<M>() {
        Ok(message) => match to.try_tell(*message) {
            Ok(()) => Ok(()),
            Err(TryTellError::Full(message)) => Err(TryTellError::Full(Box::new(message))),
            Err(TryTellError::Closed(message)) => Err(TryTellError::Closed(Box::new(message))),
        },
        // The table is made by this very type, so this never comes; if it did, the message would be another.
        Err(other) => to.try_tell_other(other),
    }
}

/// A handle to an actor that takes messages of any type: those that it [accepts](Actor::dynamic) go to their handlers,
/// in one order with what is told, all others to [`Actor::on_other`].
#[derive(Clone)]
pub struct AnyAddress(Arc<dyn TellAny>);

impl AnyAddress {
    pub(crate) fn of<A: Actor>(address: Address<A>) -> Self {
        let mut accepts = Accepts(Vec::new());
        A::dynamic(&mut accepts);
        Self(Arc::new(Dynamic { address, accepts }))
    }

    /// The name of the actor.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Sends a message if there is room now.
    ///
    /// # Errors
    ///
    /// Gives the message back if the mailbox is full or the actor has ended for good.
    pub fn try_tell(&self, message: AnyMessage) -> Result<(), TryTellError<AnyMessage>> {
        self.0.try_tell_any(message)
    }
}

impl fmt::Debug for AnyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyAddress({})", self.name())
    }
}

/// What an [`AnyAddress`] hides.
trait TellAny: Send + Sync {
    fn name(&self) -> &str;
    fn try_tell_any(&self, message: AnyMessage) -> Result<(), NotSent>;
}

/// An address with the table of what its actor takes.
struct Dynamic<A: Actor> {
    address: Address<A>,
    accepts: Accepts<A>,
}

impl<A: Actor> TellAny for Dynamic<A> {
    fn name(&self) -> &str {
        self.address.name()
    }

    fn try_tell_any(&self, message: AnyMessage) -> Result<(), NotSent> {
        let kind = (*message).type_id();
        let known = self.accepts.0.iter().find(|(known, ..)| *known == kind);
        match known {
            Some((_, _, deliver)) => deliver(&self.address, message),
            None => self.address.try_tell_other(message),
        }
    }
}

impl<A: Actor> Address<A> {
    /// A handle that takes messages of any type.
    #[must_use]
    pub fn any(&self) -> AnyAddress {
        AnyAddress::of(self.clone())
    }

    /// Sends what goes to [`Actor::on_other`].
    fn try_tell_other(&self, message: AnyMessage) -> Result<(), NotSent> {
        let mut inner = self.mailbox.lock();
        if !inner.is_open() {
            return Err(TryTellError::Closed(message));
        }
        if !self.mailbox.has_room(&inner, Lane::User, None) {
            self.mailbox.record.mailbox.refuse();
            return Err(TryTellError::Full(message));
        }
        let port = inner.port_for::<Letter, ()>(Lane::User, other_port::<A>);
        let envelope = Envelope::told(Letter(message));
        self.mailbox.push::<Letter, ()>(&mut inner, port, envelope);
        self.mailbox.unlock_and_wake(inner);
        Ok(())
    }
}
