//! Sending without a reply.

use crate::mailbox::{Envelope, Lane};
use crate::{Actor, Address, Failure, Handler};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Why a `tell` did not send; the message comes back.
pub enum TellError<M> {
    /// The actor has ended for good.
    Closed(M),
    /// Each of these actors waits for the next, the last for the first, for room or for an answer; found within 75 ms.
    WouldDeadlock(M, String),
}

impl<M> TellError<M> {
    /// The message that was not sent.
    pub fn into_message(self) -> M {
        match self {
            Self::Closed(message) | Self::WouldDeadlock(message, _) => message,
        }
    }
}

/// Why a `try_tell` did not send; the message comes back.
pub enum TryTellError<M> {
    /// The mailbox has no room now.
    Full(M),
    /// The actor has ended for good.
    Closed(M),
}

impl<M> TryTellError<M> {
    /// Whether the actor has ended for good.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// The message that was not sent.
    pub fn into_message(self) -> M {
        match self {
            Self::Full(message) | Self::Closed(message) => message,
        }
    }
}

impl<M> fmt::Display for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(_) => f.write_str("the actor has ended"),
            Self::WouldDeadlock(_, circle) => write!(f, "it would wait for ever: {circle}"),
        }
    }
}

impl<M> fmt::Display for TryTellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the mailbox is full",
            Self::Closed(_) => "the actor has ended",
        })
    }
}

/// Prints both errors without asking the message to be printable.
macro_rules! printed {
    ($error:ident) => {
        impl<M> fmt::Debug for $error<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($error), "({})"), self)
            }
        }

        impl<M> From<$error<M>> for Failure {
            fn from(error: $error<M>) -> Self {
                Self::new(format!("could not send: {error}"))
            }
        }
    };
}

printed!(TellError);
printed!(TryTellError);

/// The future of [`Address::tell`].
#[must_use = "nothing is sent until it is awaited"]
pub struct Tell<'a, A: Actor, M> {
    to: &'a Address<A>,
    message: Option<M>,
    waiter: Option<u64>,
}

impl<'a, A: Handler<M>, M: Send + 'static> Tell<'a, A, M> {
    pub(crate) fn new(to: &'a Address<A>, message: M) -> Self {
        Self {
            to,
            message: Some(message),
            waiter: None,
        }
    }
}

impl<A: Actor, M> Unpin for Tell<'_, A, M> {}

impl<A: Handler<M>, M: Send + 'static> Future for Tell<'_, A, M> {
    type Output = Result<(), TellError<M>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mailbox = &this.to.mailbox;
        let Some(message) = this.message.take() else {
            return Poll::Pending;
        };
        let mut inner = mailbox.lock();
        if !inner.is_open() {
            return Poll::Ready(Err(TellError::Closed(message)));
        }
        if this.waiter.is_some()
            && let Some(circle) = inner.room.doomed(this.waiter)
        {
            mailbox.leave(&mut inner, this.waiter.take());
            return Poll::Ready(Err(TellError::WouldDeadlock(message, circle)));
        }
        if !mailbox.has_room(&inner, Lane::User, this.waiter)
            && mailbox.wait(&mut inner, &mut this.waiter, cx.waker())
        {
            this.message = Some(message);
            mailbox.unlock_and_list(inner);
            return Poll::Pending;
        }
        let waited = this.waiter.take();
        mailbox.leave(&mut inner, waited);
        let port = inner.direct_port::<M>(Lane::User);
        mailbox.push::<M, A::Reply>(&mut inner, port, Envelope::told(message));
        mailbox.unlock_and_wake(inner);
        Poll::Ready(Ok(()))
    }
}

impl<A: Actor, M> Drop for Tell<'_, A, M> {
    fn drop(&mut self) {
        leave(self.to, self.waiter.take());
    }
}

impl<A: Actor, M> fmt::Debug for Tell<'_, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tell(to {})", self.to.name())
    }
}

/// Gives up a place among the waiting senders, and lets the next one have the room.
pub(crate) fn leave<A: Actor>(to: &Address<A>, waiter: Option<u64>) {
    if waiter.is_none() {
        return;
    }
    let mut inner = to.mailbox.lock();
    to.mailbox.leave(&mut inner, waiter);
    drop(inner);
    to.mailbox.let_in();
}
