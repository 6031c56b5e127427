//! Readings or events of one edge.

use super::{Came, LocalPort, Row};
use crate::cell::held::Held;
use crate::cell::service::{Service, service};
use crate::edge::{EdgeMeta, count};
use crate::mailbox::{EdgeRing, Inner, Lost, LostValues, Mailbox};
use crate::{Actor, Failure, Handler, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

/// The local half of an edge's port.
struct EdgePort<M, S> {
    number: u16,
    meta: Arc<EdgeMeta>,
    service: S,
    /// What the owner took out of the mailbox: values that no newer one may displace.
    batch: VecDeque<(Time, M)>,
}

/// Builds the local half of an edge's port.
pub(crate) fn edge_port<A, M>(number: u16, meta: Option<&Arc<EdgeMeta>>) -> Box<dyn LocalPort<A>>
where
    A: Handler<M>,
    M: Send + 'static,
{
    Box::new(EdgePort {
        number,
        meta: Arc::clone(meta.expect("something is counted about every edge")),
        service: service::<A, M>(),
        batch: VecDeque::new(),
    })
}

impl<M: Send + 'static, S> EdgePort<M, S> {
    /// The next value: out of the batch, or out of the mailbox, where it may have been displaced until now.
    fn next<A: Actor>(&mut self, mailbox: &Mailbox<A>) -> Option<(Time, M)> {
        self.batch.pop_front().or_else(|| {
            let mut inner = mailbox.lock();
            inner.ring::<EdgeRing<M>>(self.number).take()
        })
    }
}

impl<A, M, S> LocalPort<A> for EdgePort<M, S>
where
    A: Handler<M>,
    M: Send + 'static,
    S: Service<A, M, A::Reply>,
{
    fn refill(&mut self, inner: &mut Inner<A>) {
        if self.batch.is_empty() {
            inner
                .ring::<EdgeRing<M>>(self.number)
                .hand_over(&mut self.batch);
        }
    }

    fn handle(&mut self, mut held: Held<A>, row: &mut Row<'_, A>, cx: &mut Context<'_>) -> Came {
        loop {
            if let Some((published, value)) = self.next(row.mailbox) {
                count(&self.meta.delivered);
                self.meta.ages.note(row.now.since(published));
                let served = self.service.handle(held, value, cx);
                let Poll::Ready((back, result)) = served else {
                    return Came::Waiting;
                };
                held = back;
                count(&row.record.owner.handled);
                if let Err(failure) = result {
                    return Came::Failed(failure);
                }
            }
            if !row.goes_on(self.number, &mut held) {
                return Came::Through;
            }
        }
    }

    fn poll(&mut self, _: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|(_, result)| result.map(drop))
    }

    fn cancel(&mut self, _: &Mailbox<A>, _: &str) {
        self.service.cancel();
    }

    fn empty(&mut self, dropped: &mut Vec<Box<dyn Lost>>) -> usize {
        let batch = std::mem::take(&mut self.batch);
        let count = batch.len();
        if count > 0 {
            self.meta.dropped.fetch_add(count as u64, Ordering::Relaxed);
            dropped.push(Box::new(LostValues(batch)));
        }
        count
    }
}
