//! Messages that no handler of the actor takes: they go to its `on_other`.

use super::LocalPort;
use super::direct::port;
use crate::cell::held::Held;
use crate::cell::service::{Served, build};
use crate::edge::EdgeMeta;
use crate::{Actor, AnyMessage};
use std::sync::Arc;

/// A message that no handler takes.
pub(crate) struct Other(pub(crate) AnyMessage);

/// Builds the local half of the port of such messages.
pub(crate) fn other_port<A: Actor>(
    number: u16,
    _: Option<&Arc<EdgeMeta>>,
) -> Box<dyn LocalPort<A>> {
    port(number, build(serve::<A>))
}

async fn serve<A: Actor>(mut held: Held<A>, Other(message): Other) -> Served<A, ()> {
    let state = held.state();
    state.begins_with::<AnyMessage>();
    let result = state.actor.on_other(message, &mut state.ctx).await;
    (held, result)
}
