//! Where there are no Unix sockets: a node that shall have a process of its own shares that of its graph.

use crate::graph::{EdgeRecord, Graph};
use crate::mailbox::Mailbox;
use crate::{Actor, Handler, Leased, Message, Node, Silence, WiringError};
use std::sync::Arc;

/// Nothing crosses.
#[derive(Debug)]
pub(crate) struct Crossing;

impl Crossing {
    pub(crate) fn of_values<M: Message, A: Actor, B: Handler<M>>(_: &Node<A>, _: &Node<B>) -> Self {
        Self
    }

    pub(crate) fn of_commands<M: Message, A: Actor, B: Handler<Leased<M>>>(
        _: &Node<A>,
        _: &Node<B>,
    ) -> Self {
        Self
    }

    pub(crate) fn tell_silence<M: Message, B: Handler<Silence<M>>>(&mut self, _: &Arc<Mailbox<B>>) {
    }
}

/// No node lives elsewhere.
pub(crate) struct Elsewhere;

impl Elsewhere {
    pub(crate) fn none() -> Self {
        Self
    }

    pub(crate) fn of(graph: &mut Graph) -> Self {
        for (place, _) in std::mem::take(&mut graph.own_processes) {
            tracing::warn!(
                node = graph.nodes()[place].name,
                "shares the process of its graph: one of its own needs Linux or another Unix"
            );
        }
        Self
    }

    pub(crate) fn wire(&self, _: &EdgeRecord) -> bool {
        false
    }

    pub(crate) fn has(&self, _: &str) -> bool {
        false
    }
}

/// No process is a node's.
#[allow(
    clippy::unnecessary_wraps,
    reason = "it stands in for one that can fail"
)]
pub(crate) fn divert(graph: Graph) -> Result<Graph, WiringError> {
    Ok(graph)
}
