//! The graph's side: which nodes live elsewhere, and the proxies in their places.

use super::child::Program;
use super::crossing::{Proxies, ProxyNode};
use super::proxy::{Edges, Proxy};
use crate::graph::{EdgeInfo, EdgeRecord, Graph};
use crate::{Factory, Node};
use siphasher::sip::SipHasher13;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// The nodes of a graph that live in processes of their own.
pub(crate) struct Elsewhere(Vec<ProxyNode>);

impl Elsewhere {
    /// No node: all live here.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// Puts a proxy into the place of each node that has a process of its own.
    pub(crate) fn of(graph: &mut Graph) -> Self {
        let hash = hash_of(&graph.edges());
        let placed = std::mem::take(&mut graph.own_processes);
        let proxies = placed.into_iter().map(|(place, how)| {
            let program = Program {
                graph: graph.name().into(),
                node: graph.nodes()[place].name.as_str().into(),
                arguments: how.arguments,
            };
            let edges = Arc::new(Mutex::new(Edges {
                hash,
                ..Edges::default()
            }));
            let known = Arc::clone(&edges);
            let factory = Factory::new(move || {
                let edges = known.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(Proxy::new(program.clone(), edges.clone()))
            });
            let core = graph.nodes[place].proxy(factory);
            let node: Node<Proxy> = core.node();
            graph.nodes[place] = Box::new(core);
            ProxyNode { node, edges }
        });
        Self(proxies.collect())
    }

    /// Wires an edge of which an end lies elsewhere. `false`: none does.
    pub(crate) fn wire(&self, edge: &EdgeRecord) -> bool {
        let ends = Proxies {
            from: self.proxy(&edge.info.from),
            to: self.proxy(&edge.info.to),
        };
        let crosses = ends.from.is_some() || ends.to.is_some();
        if crosses {
            edge.crossing.wire_graph(&edge.info, &edge.meta, &ends);
        }
        crosses
    }

    /// Whether the node of this name lives elsewhere.
    pub(crate) fn has(&self, node: &str) -> bool {
        self.proxy(node).is_some()
    }

    fn proxy(&self, node: &str) -> Option<&ProxyNode> {
        self.0.iter().find(|proxy| proxy.node.name() == node)
    }
}

/// By which two processes know that they have the same graph.
pub(super) fn hash_of(edges: &[EdgeInfo]) -> u64 {
    let mut hash = SipHasher13::new_with_keys(0, 0);
    for edge in edges {
        (&edge.from, &edge.to, edge.message).hash(&mut hash);
        format!("{:?} {:?}", edge.kind, edge.silence).hash(&mut hash);
    }
    hash.finish()
}
