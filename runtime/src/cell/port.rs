//! The local halves of a mailbox's ports.

use super::held::Held;
use super::service::{Service, service};
use super::source::LocalPort;
use crate::edge::{EdgeMeta, count};
use crate::hub::Hub;
use crate::mailbox::{CommandRing, DirectRing, EdgeRing, Envelope, Inner, Lost, Mailbox, Ticket};
use crate::{Actor, AskError, Failure, Handler, Leased};
use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};

/// Told and asked messages of type `M`.
struct DirectPort<A: Handler<M>, M: Send + 'static> {
    number: u16,
    service: Box<dyn Service<A, M>>,
    /// What the owner took out of the mailbox and has not begun with.
    batch: VecDeque<Envelope<M>>,
    ask: Ticket,
}

/// Builds the local half of a direct port.
pub(crate) fn direct_port<A: Handler<M>, M: Send + 'static>(number: u16) -> Box<dyn LocalPort<A>> {
    Box::new(DirectPort::<A, M> {
        number,
        service: service(),
        batch: VecDeque::new(),
        ask: Ticket::NONE,
    })
}

impl<A: Handler<M>, M: Send + 'static> DirectPort<A, M> {
    /// Leaves an answer for the asker, if there is one; an answer that nobody waits for is dropped.
    fn answer(&mut self, mailbox: &Mailbox<A>, answer: Result<A::Reply, AskError>) {
        let ticket = std::mem::replace(&mut self.ask, Ticket::NONE);
        if !ticket.is_some() {
            return;
        }
        let mut inner = mailbox.lock();
        let left = inner
            .ring::<DirectRing<M, A::Reply>>(self.number)
            .slots
            .answer(ticket, answer);
        drop(inner);
        if let Ok(Some(waker)) = left {
            waker.wake();
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> LocalPort<A> for DirectPort<A, M> {
    fn refill(&mut self, inner: &mut Inner<A>) {
        if self.batch.is_empty() {
            let ring = inner.ring::<DirectRing<M, A::Reply>>(self.number);
            std::mem::swap(&mut self.batch, &mut ring.queue);
        }
    }

    fn begin(&mut self, mut held: Held<A>, mailbox: &Mailbox<A>, _: &Hub) -> bool {
        let Some(envelope) = self.batch.pop_front() else {
            return false;
        };
        mailbox.count_taken();
        self.ask = envelope.ask;
        held.state().ctx.sender = envelope.sender;
        self.service.begin(held, envelope.message);
        true
    }

    fn begin_urgent(&mut self, held: Held<A>, mut inner: MutexGuard<'_, Inner<A>>, _: &Hub) -> bool {
        let ring = inner.ring::<DirectRing<M, A::Reply>>(self.number);
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
        dropped.push(Box::new(batch));
        count
    }

    fn poll(&mut self, mailbox: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let result = std::task::ready!(self.service.poll(cx));
        match result {
            Ok(reply) => {
                self.answer(mailbox, Ok(reply));
                Poll::Ready(Ok(()))
            }
            Err(failure) => {
                self.answer(mailbox, Err(AskError::Failed(failure.to_string())));
                Poll::Ready(Err(failure))
            }
        }
    }

    fn cancel(&mut self, mailbox: &Mailbox<A>, why: &str) {
        // The answer first: what the handler held may panic when it is dropped.
        self.answer(mailbox, Err(AskError::Failed(why.to_owned())));
        self.service.cancel();
    }
}

/// Readings or events of one edge.
struct EdgePort<A: Handler<M>, M: Send + 'static> {
    number: u16,
    service: Box<dyn Service<A, M>>,
}

/// Builds the local half of an edge's port.
pub(crate) fn edge_port<A, M>(number: u16) -> Box<dyn LocalPort<A>>
where
    A: Handler<M>,
    M: Send + 'static,
{
    Box::new(EdgePort::<A, M> {
        number,
        service: service(),
    })
}

impl<A: Handler<M>, M: Send + 'static> LocalPort<A> for EdgePort<A, M> {
    fn begin(&mut self, held: Held<A>, mailbox: &Mailbox<A>, _: &Hub) -> bool {
        let mut inner = mailbox.lock();
        let Some(value) = inner.ring::<EdgeRing<M>>(self.number).take() else {
            return false;
        };
        inner.count_delivered(self.number);
        drop(inner);
        self.service.begin(held, value);
        true
    }

    fn poll(&mut self, _: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|result| result.map(drop))
    }

    fn cancel(&mut self, _: &Mailbox<A>, _: &str) {
        self.service.cancel();
    }
}

/// The newest command of one edge.
struct CommandPort<A: Handler<Leased<M>>, M: Send + 'static> {
    number: u16,
    service: Box<dyn Service<A, Leased<M>>>,
}

/// Builds the local half of a command edge's port.
pub(crate) fn command_port<A, M>(number: u16) -> Box<dyn LocalPort<A>>
where
    A: Handler<Leased<M>>,
    M: Send + 'static,
{
    Box::new(CommandPort::<A, M> {
        number,
        service: service(),
    })
}

impl<A: Handler<Leased<M>>, M: Send + 'static> LocalPort<A> for CommandPort<A, M> {
    fn begin(&mut self, held: Held<A>, mailbox: &Mailbox<A>, hub: &Hub) -> bool {
        self.begin_urgent(held, mailbox.lock(), hub)
    }

    fn begin_urgent(&mut self, held: Held<A>, mut inner: MutexGuard<'_, Inner<A>>, hub: &Hub) -> bool {
        let Some(command) = inner.ring::<CommandRing<M>>(self.number).take() else {
            return false;
        };
        let expired = command.valid_until() <= hub.now();
        if expired {
            inner.count_expired(self.number);
        } else {
            inner.count_delivered(self.number);
        }
        drop(inner);
        if !expired {
            self.service.begin(held, command);
        }
        !expired
    }

    fn poll(&mut self, _: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|result| result.map(drop))
    }

    fn cancel(&mut self, _: &Mailbox<A>, _: &str) {
        self.service.cancel();
    }
}

impl<A: Actor> Inner<A> {
    fn count_delivered(&self, port: u16) {
        self.meta(port).map(|meta| count(&meta.delivered));
    }

    fn count_expired(&self, port: u16) {
        self.meta(port).map(|meta| count(&meta.expired));
    }

    fn meta(&self, port: u16) -> Option<&Arc<EdgeMeta>> {
        self.ports[usize::from(port)].meta.as_ref()
    }
}
