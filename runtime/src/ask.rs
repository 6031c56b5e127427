//! Sending for a reply.

use crate::mailbox::{DirectRing, Envelope, Lane, Ticket};
use crate::tell::leave;
use crate::{Address, Handler};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
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
        if !inner.has_room(Lane::User, waiter) {
            inner.room.wait(&mut waiter, waker);
            self.state = State::Sending { message, waiter };
            return Poll::Pending;
        }
        inner.room.leave(waiter);
        let port = inner.direct_port::<M>(Lane::User);
        let deadline = mailbox.shared.now() + self.within;
        let ring = inner.ring::<DirectRing<M, A::Reply>>(port);
        let ticket = ring.slots.open(waker, deadline);
        let ask = Some(ticket);
        inner.push::<M, A::Reply>(port, Lane::User, Envelope { message, ask });
        let next = inner.room.first_waiter();
        let first = mailbox.shared.open_ask();
        self.state = State::Waiting { port, ticket };
        let woken = mailbox.unlock_and_wake(inner);
        if first && !woken {
            mailbox.shared.nudge();
        }
        next.into_iter().for_each(Waker::wake);
        Poll::Pending
    }

    /// Looks for the answer.
    fn collect(&mut self, waker: &Waker) -> Poll<Result<A::Reply, AskError>> {
        let State::Waiting { port, ticket } = self.state else {
            return Poll::Pending;
        };
        let mut inner = self.to.mailbox.lock();
        let answer = inner
            .ring::<DirectRing<M, A::Reply>>(port)
            .slots
            .collect(ticket, waker);
        drop(inner);
        let Some(answer) = answer else {
            return Poll::Pending;
        };
        self.state = State::Done;
        self.to.mailbox.shared.close_ask();
        Poll::Ready(answer)
    }
}

impl<A: Handler<M>, M: Send + 'static> Unpin for Ask<'_, A, M> {}

impl<A: Handler<M>, M: Send + 'static> Future for Ask<'_, A, M> {
    type Output = Result<A::Reply, AskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.state {
            State::Sending { .. } => self.send(cx.waker()),
            State::Waiting { .. } => self.collect(cx.waker()),
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
                let late = inner
                    .ring::<DirectRing<M, A::Reply>>(port)
                    .slots
                    .retire(ticket);
                drop(inner);
                drop(late);
                self.to.mailbox.shared.close_ask();
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
