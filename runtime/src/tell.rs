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
}

/// Why a `try_tell` did not send; the message comes back.
pub enum TryTellError<M> {
    /// The mailbox has no room now.
    Full(M),
    /// The actor has ended for good.
    Closed(M),
}

impl<M> TryTellError<M> {
    /// The message that was not sent.
    pub fn into_message(self) -> M {
        match self {
            Self::Full(message) | Self::Closed(message) => message,
        }
    }
}

/// Writes both errors without asking the message to be printable.
macro_rules! printed {
    ($error:ident { $($variant:ident => $text:literal),+ }) => {
        impl<M> fmt::Display for $error<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(_) => f.write_str($text),)+
                }
            }
        }

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

printed!(TellError { Closed => "the actor has ended" });
printed!(TryTellError { Full => "the mailbox is full", Closed => "the actor has ended" });

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
        if !mailbox.has_room(&inner, Lane::User, this.waiter)
            && mailbox.wait(&mut inner, &mut this.waiter, cx.waker())
        {
            this.message = Some(message);
            return Poll::Pending;
        }
        let waited = this.waiter.take();
        mailbox.leave(&mut inner, waited);
        let port = inner.direct_port::<M>(Lane::User);
        mailbox.push::<M, A::Reply>(&mut inner, port, Envelope::told(message));
        let next = waited.and_then(|_| mailbox.first_waiter(&inner));
        mailbox.unlock_and_wake(inner);
        next.into_iter().for_each(std::task::Waker::wake);
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
    let next = to.mailbox.first_waiter(&inner);
    drop(inner);
    next.into_iter().for_each(std::task::Waker::wake);
}
