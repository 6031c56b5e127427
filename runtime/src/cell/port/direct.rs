//! Told and asked messages of one type.

use super::{Came, LocalPort, Row};
use crate::cell::held::Held;
use crate::cell::service::{Service, service};
use crate::edge::{EdgeMeta, count};
use crate::hub::Hub;
use crate::mailbox::{DirectRing, Envelope, Inner, Lost, Mailbox, Ticket};
use crate::sync::LockGuard;
use crate::{Actor, AskError, Failure, Handler};
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Told and asked messages of type `M`, with answers of type `R`.
struct DirectPort<M, R, S> {
    number: u16,
    service: S,
    /// What the owner took out of the mailbox and has not begun with.
    batch: VecDeque<Envelope<M>>,
    ask: Ticket,
    of: PhantomData<fn() -> R>,
}

/// Builds the local half of a direct port.
pub(crate) fn direct_port<A: Handler<M>, M: Send + 'static>(
    number: u16,
    _: Option<&Arc<EdgeMeta>>,
) -> Box<dyn LocalPort<A>> {
    port(number, service::<A, M>())
}

/// A port whose messages are handled in this way.
pub(super) fn port<A, M, R>(number: u16, service: impl Service<A, M, R>) -> Box<dyn LocalPort<A>>
where
    A: Actor,
    M: Send + 'static,
    R: Send + 'static,
{
    Box::new(DirectPort {
        number,
        service,
        batch: VecDeque::new(),
        ask: Ticket::NONE,
        of: PhantomData,
    })
}

impl<M: Send + 'static, R: Send + 'static, S> DirectPort<M, R, S> {
    /// A handler has ended: its asker hears how. After the last of what its owner holds: whether the mailbox is
    /// empty and asleep.
    #[inline]
    fn end<A: Actor>(
        &mut self,
        mailbox: &Mailbox<A>,
        result: Result<R, Failure>,
        is_last: bool,
    ) -> Result<bool, Failure> {
        match result {
            Ok(reply) if self.ask.is_some() => Ok(self.answer(mailbox, Ok(reply), is_last)),
            Ok(_) => Ok(false),
            Err(failure) => {
                let answer = Err(AskError::Failed(failure.to_string()));
                self.answer(mailbox, answer, false);
                Err(failure)
            }
        }
    }

    /// Leaves an answer for the asker, if there is one; an answer that nobody waits for is dropped. After the last
    /// of what its owner holds: whether the mailbox is empty and asleep.
    fn answer<A: Actor>(
        &mut self,
        mailbox: &Mailbox<A>,
        answer: Result<R, AskError>,
        is_last: bool,
    ) -> bool {
        let ticket = std::mem::replace(&mut self.ask, Ticket::NONE);
        if !ticket.is_some() {
            return false;
        }
        let mut inner = mailbox.lock();
        let slots = &mut inner.ring::<DirectRing<M, R>>(self.number).slots;
        let left = slots.answer(ticket, answer);
        // The lock is here anyway: one that is done need not come back for it.
        let asleep = is_last && inner.falls_asleep();
        drop(inner);
        if let Ok(Some(waker)) = left {
            waker.wake();
        }
        asleep
    }
}

impl<A, M, R, S> LocalPort<A> for DirectPort<M, R, S>
where
    A: Actor,
    M: Send + 'static,
    R: Send + 'static,
    S: Service<A, M, R>,
{
    fn refill(&mut self, inner: &mut Inner<A>) {
        if self.batch.is_empty() {
            let ring = inner.ring::<DirectRing<M, R>>(self.number);
            std::mem::swap(&mut self.batch, &mut ring.queue);
        }
    }

    fn handle(&mut self, mut held: Held<A>, row: &mut Row<'_, A>, cx: &mut Context<'_>) -> Came {
        while let Some(envelope) = self.batch.pop_front() {
            row.mailbox.count_taken();
            self.ask = envelope.ask;
            held.state().ctx.sender = envelope.sender;
            let served = self.service.handle(held, envelope.message, cx);
            let Poll::Ready((back, result)) = served else {
                return Came::Waiting;
            };
            held = back;
            count(&row.record.owner.handled);
            let is_last = self.batch.is_empty() && row.batch.is_empty();
            match self.end(row.mailbox, result, is_last) {
                Ok(asleep) => row.asleep |= asleep,
                Err(failure) => return Came::Failed(failure),
            }
            if !row.goes_on(self.number, &mut held) {
                break;
            }
        }
        Came::Through
    }

    fn begin_urgent(&mut self, held: Held<A>, mut inner: LockGuard<'_, Inner<A>>, _: &Hub) -> bool {
        let ring = inner.ring::<DirectRing<M, R>>(self.number);
        let envelope = ring.queue.pop_front();
        drop(inner);
        let Some(envelope) = envelope else {
            return false;
        };
        self.ask = envelope.ask;
        let mut held = held;
        held.state().ctx.sender = envelope.sender;
        self.service.begin(held, envelope.message);
        true
    }

    fn empty(&mut self, dropped: &mut Vec<Box<dyn Lost>>) -> usize {
        let batch = std::mem::take(&mut self.batch);
        let count = batch.len();
        if count > 0 {
            dropped.push(Box::new(batch));
        }
        count
    }

    fn poll(&mut self, mailbox: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let (held, result) = std::task::ready!(self.service.poll(cx));
        drop(held);
        Poll::Ready(self.end(mailbox, result, false).map(drop))
    }

    fn cancel(&mut self, mailbox: &Mailbox<A>, why: &str) {
        // The answer first: what the handler held may panic when it is dropped.
        self.answer(mailbox, Err(AskError::Failed(why.to_owned())), false);
        self.service.cancel();
    }
}
