//! Sending for a reply.

use crate::mailbox::{DirectRing, Envelope, Lane, Shared, Ticket};
use crate::sched::here;
use crate::tell::leave;
use crate::{Address, Handler, Time};
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
    Waiting(Waiting),
    Done,
}

/// An ask that was sent.
#[derive(Clone, Copy)]
struct Waiting {
    port: u16,
    ticket: Ticket,
    deadline: Time,
    /// Whether an actor of this thread asks: its scheduler then has the ask look at its deadline, else the callee's
    /// does.
    by_actor: bool,
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
        if !mailbox.has_room(&inner, Lane::User, waiter)
            && mailbox.wait(&mut inner, &mut waiter, waker)
        {
            self.state = State::Sending { message, waiter };
            return Poll::Pending;
        }
        mailbox.leave(&mut inner, waiter);
        let deadline = mailbox.shared.deadline_after(self.within);
        let by_actor = here::is_in_turn();
        let port = inner.direct_port::<M>(Lane::User);
        let ring = inner.ring::<DirectRing<M, A::Reply>>(port);
        let swept = if by_actor { Time::NEVER } else { deadline };
        let ticket = ring.slots.open(waker, swept);
        mailbox.push::<M, A::Reply>(&mut inner, port, Envelope::asked(message, ticket));
        let next = waiter.and_then(|_| mailbox.first_waiter(&inner));
        self.state = State::Waiting(Waiting {
            port,
            ticket,
            deadline,
            by_actor,
        });
        let first = !by_actor && mailbox.shared.open_ask();
        let woken = mailbox.unlock_and_wake(inner);
        if first && !woken {
            mailbox.shared.nudge();
        }
        if by_actor {
            here::wait_for_answer(deadline);
        }
        next.into_iter().for_each(Waker::wake);
        Poll::Pending
    }

    /// Looks for the answer.
    fn collect(&mut self, waiting: Waiting, waker: &Waker) -> Poll<Result<A::Reply, AskError>> {
        let mailbox = &self.to.mailbox;
        let mut inner = mailbox.lock();
        let slots = &mut inner.ring::<DirectRing<M, A::Reply>>(waiting.port).slots;
        let answer = slots.collect(waiting.ticket, waker);
        drop(inner);
        if let Some(answer) = answer {
            self.state = State::Done;
            waiting.forget(&mailbox.shared);
            return Poll::Ready(answer);
        }
        if waiting.by_actor {
            if waiting.deadline <= mailbox.shared.coarse_now() {
                self.give_up(waiting);
                self.state = State::Done;
                return Poll::Ready(Err(AskError::TimedOut));
            }
            here::wait_for_answer(waiting.deadline);
        }
        Poll::Pending
    }

    /// Waits no more: whatever is answered later goes nowhere.
    fn give_up(&self, waiting: Waiting) {
        let mut inner = self.to.mailbox.lock();
        let slots = &mut inner.ring::<DirectRing<M, A::Reply>>(waiting.port).slots;
        let late = slots.retire(waiting.ticket);
        drop(inner);
        drop(late);
        waiting.forget(&self.to.mailbox.shared);
    }
}

impl Waiting {
    /// Nobody waits here any more.
    fn forget(self, shared: &Shared) {
        if !self.by_actor {
            shared.close_ask();
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> Unpin for Ask<'_, A, M> {}

impl<A: Handler<M>, M: Send + 'static> Future for Ask<'_, A, M> {
    type Output = Result<A::Reply, AskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.state {
            State::Sending { .. } => self.send(cx.waker()),
            State::Waiting(waiting) => self.collect(waiting, cx.waker()),
            State::Done => Poll::Pending,
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> Drop for Ask<'_, A, M> {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Sending { waiter, .. } => leave(self.to, waiter),
            State::Waiting(waiting) => self.give_up(waiting),
            State::Done => {}
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> fmt::Debug for Ask<'_, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ask({})", self.to.name())
    }
}
