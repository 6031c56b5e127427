//! The end of a mailbox: once all that was sent before it is handled, the actor stops.

use super::{Came, LocalPort, Row};
use crate::cell::held::Held;
use crate::edge::EdgeMeta;
use crate::mailbox::Mailbox;
use crate::{Actor, Failure};
use std::sync::Arc;
use std::task::{Context, Poll};

/// The local half of the port at which nothing but the end comes.
struct LastPort;

/// Builds the local half of the last port.
pub(crate) fn last_port<A: Actor>(_: u16, _: Option<&Arc<EdgeMeta>>) -> Box<dyn LocalPort<A>> {
    Box::new(LastPort)
}

impl<A: Actor> LocalPort<A> for LastPort {
    fn handle(&mut self, _: Held<A>, _: &mut Row<'_, A>, _: &mut Context<'_>) -> Came {
        Came::End
    }

    fn poll(&mut self, _: &Mailbox<A>, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn cancel(&mut self, _: &Mailbox<A>, _: &str) {}
}
