//! The newest command of one edge.

use super::{Came, LocalPort, Row};
use crate::cell::held::Held;
use crate::cell::service::{Service, service};
use crate::edge::{EdgeMeta, count};
use crate::hub::Hub;
use crate::mailbox::{CommandRing, Inner, Mailbox};
use crate::sync::LockGuard;
use crate::{Failure, Handler, Leased};
use std::sync::Arc;
use std::task::{Context, Poll};

/// The local half of a command edge's port.
struct CommandPort<A: Handler<Leased<M>>, M: Send + 'static> {
    number: u16,
    meta: Arc<EdgeMeta>,
    service: Box<dyn Service<A, Leased<M>, <A as Handler<Leased<M>>>::Reply>>,
}

/// Builds the local half of a command edge's port.
pub(crate) fn command_port<A, M>(number: u16, meta: Option<&Arc<EdgeMeta>>) -> Box<dyn LocalPort<A>>
where
    A: Handler<Leased<M>>,
    M: Send + 'static,
{
    Box::new(CommandPort::<A, M> {
        number,
        meta: Arc::clone(meta.expect("something is counted about every edge")),
        service: Box::new(service()),
    })
}

impl<A: Handler<Leased<M>>, M: Send + 'static> LocalPort<A> for CommandPort<A, M> {
    fn handle(&mut self, _: Held<A>, _: &mut Row<'_, A>, _: &mut Context<'_>) -> Came {
        // Commands have a lane of their own: no token of the waiting lane names this port.
        Came::Through
    }

    fn begin_urgent(
        &mut self,
        held: Held<A>,
        mut inner: LockGuard<'_, Inner<A>>,
        hub: &Hub,
    ) -> bool {
        let command = inner.ring::<CommandRing<M>>(self.number).take();
        drop(inner);
        let Some((published, command)) = command else {
            return false;
        };
        if command.valid_until() <= hub.now() {
            count(&self.meta.expired);
            return false;
        }
        count(&self.meta.delivered);
        self.meta.ages.note(hub.seen().since(published));
        self.service.begin(held, command);
        true
    }

    fn poll(&mut self, _: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|(_, result)| result.map(drop))
    }

    fn cancel(&mut self, _: &Mailbox<A>, _: &str) {
        self.service.cancel();
    }
}
