//! Sending for a reply.

use crate::mailbox::{DirectRing, Envelope, Lane, Ticket};
use crate::tell::leave;
use crate::{Address, Handler};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How long an ask waits if it says nothing else.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// Why an ask has no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The actor has ended for good, or ended before it came to this message.
    #[error("the actor has ended")]
    Closed,
    /// No reply came in time. Deadlines are coarse: an ask ends at most 50 ms late.
    #[error("no reply came in time")]
    TimedOut,
    /// Each of these waits for the next, the last for the first: an answer, or room for a message. One of their
    /// waits is ended with this, within 75 ms.
    #[error("it would wait for ever: {0}")]
    WouldDeadlock(String),
    /// The handler failed or panicked over this message.
    #[error("the handler failed: {0}")]
    Failed(String),
}

/// The future of [`Address::ask`].
#[must_use = "nothing is sent until it is awaited"]
pub struct Ask<'a, A: Handler<M>, M: Send + 'static> {
    to: &'a Address<A>,
    within: Duration,
    state: State<M>,
}

enum State<M> {
    Sending { message: M, waiter: Option<u64> },
    Waiting { port: u16, ticket: Ticket },
    Done,
}

impl<'a, A: Handler<M>, M: Send + 'static> Ask<'a, A, M> {
    pub(crate) fn new(to: &'a Address<A>, message: M) -> Self {
        let state = State::Sending {
            message,
            waiter: None,
        };
        Self {
            to,
            within: DEFAULT_DEADLINE,
            state,
        }
    }

    /// Waits at most this long, from the moment at which the message is in the mailbox.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    /// Puts the message into the mailbox, or waits for room.
    fn send(&mut self, waker: &Waker) -> Poll<Result<A::Reply, AskError>> {
        let State::Sending {
            message,
            mut waiter,
        } = std::mem::replace(&mut self.state, State::Done)
        else {
            return Poll::Pending;
        };
        let mailbox = &self.to.mailbox;
        let mut inner = mailbox.lock();
        if !inner.is_open() {
            return Poll::Ready(Err(AskError::Closed));
        }
        if let Some(why) = inner.room.doomed(waiter) {
            mailbox.leave(&mut inner, waiter);
            return Poll::Ready(Err(AskError::WouldDeadlock(why)));
        }
        if !mailbox.has_room(&inner, Lane::User, waiter)
            && mailbox.wait(&mut inner, &mut waiter, waker)
        {
            self.state = State::Sending { message, waiter };
            mailbox.unlock_and_list(inner);
            return Poll::Pending;
        }
        mailbox.leave(&mut inner, waiter);
        let deadline = mailbox.shared.deadline_after(self.within);
        let port = inner.direct_port::<M>(Lane::User);
        let ring = inner.ring::<DirectRing<M, A::Reply>>(port);
        let ticket = ring.slots.open(waker, deadline);
        mailbox.push::<M, A::Reply>(&mut inner, port, Envelope::asked(message, ticket));
        let news = inner.is_news();
        self.state = State::Waiting { port, ticket };
        mailbox.unlock_and_wake(inner);
        if news {
            mailbox.shared.list(Arc::clone(mailbox) as _);
        }
        Poll::Pending
    }

    /// Looks for the answer.
    fn collect(
        &mut self,
        port: u16,
        ticket: Ticket,
        waker: &Waker,
    ) -> Poll<Result<A::Reply, AskError>> {
        let mut inner = self.to.mailbox.lock();
        let slots = &mut inner.ring::<DirectRing<M, A::Reply>>(port).slots;
        let answer = slots.collect(ticket, waker);
        drop(inner);
        match answer {
            Some(answer) => {
                self.state = State::Done;
                Poll::Ready(answer)
            }
            None => Poll::Pending,
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> Unpin for Ask<'_, A, M> {}

impl<A: Handler<M>, M: Send + 'static> Future for Ask<'_, A, M> {
    type Output = Result<A::Reply, AskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.state {
            State::Sending { .. } => self.send(cx.waker()),
            State::Waiting { port, ticket } => self.collect(port, ticket, cx.waker()),
            State::Done => Poll::Pending,
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> Drop for Ask<'_, A, M> {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Sending { waiter, .. } => leave(self.to, waiter),
            State::Waiting { port, ticket } => {
                let mut inner = self.to.mailbox.lock();
                let slots = &mut inner.ring::<DirectRing<M, A::Reply>>(port).slots;
                let late = slots.retire(ticket);
                drop(inner);
                drop(late);
            }
            State::Done => {}
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> fmt::Debug for Ask<'_, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ask({})", self.to.name())
    }
}
