//! What can be wrong with a graph, found before it runs.

use super::{EdgeInfo, EdgeKind, LONGEST_LEASE, NodeInfo};
use std::time::Duration;

/// One thing that is wrong with a graph, with its remedy in its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphFinding {
    /// Two nodes have one name.
    #[error("two nodes are called `{name}`; give each a name of its own")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A node needs readings or events that no edge brings.
    #[error(
        "nothing emits `{message}` to `{node}`, which needs it; connect a node that emits it: \
         graph.connect(.., &{node})"
    )]
    NobodyEmits {
        /// The node.
        node: String,
        /// The message.
        message: &'static str,
    },
    /// A node needs commands that no edge brings.
    #[error(
        "nothing commands `{message}` to `{node}`, which needs it; connect a node that does: \
         graph.command(.., &{node})"
    )]
    NobodyCommands {
        /// The node.
        node: String,
        /// The message.
        message: &'static str,
    },
    /// A node is built anew with two groups.
    #[error(
        "`{node}` is supervised together with two groups; put it into one, or make one of both"
    )]
    TwoGroups {
        /// The node.
        node: String,
    },
    /// Two sources command one node.
    #[error(
        "`{first}` and `{second}` both command `{message}` to `{node}`; put one in series with the other, \
         or an arbiter before `{node}`"
    )]
    TwoCommanders {
        /// The node that is commanded.
        node: String,
        /// The message.
        message: &'static str,
        /// The source connected first.
        first: String,
        /// The source connected after it.
        second: String,
    },
    /// A lease is longer than a robot may drive blind.
    #[error(
        "the lease of `{message}` from `{from}` to `{to}` is {} ms; at most {} ms are allowed",
        .lease.as_millis(), LONGEST_LEASE.as_millis()
    )]
    LeaseTooLong {
        /// The source.
        from: String,
        /// The node that is commanded.
        to: String,
        /// The message.
        message: &'static str,
        /// The lease.
        lease: Duration,
    },
    /// A lease is zero, so that no command could ever be obeyed.
    #[error("the lease of `{message}` from `{from}` to `{to}` is zero; nothing would ever move")]
    LeaseZero {
        /// The source.
        from: String,
        /// The node that is commanded.
        to: String,
        /// The message.
        message: &'static str,
    },
    /// An edge keeps no value, so that nothing would ever arrive.
    #[error(
        "the edge of `{message}` from `{from}` to `{to}` keeps no value; let it keep at least one"
    )]
    RoomZero {
        /// The source.
        from: String,
        /// The receiver.
        to: String,
        /// The message.
        message: &'static str,
    },
    /// An edge is silent at once, so that its receiver would be told of every gap.
    #[error(
        "`{to}` is told of silence on `{message}` from `{from}` after no time at all; let some pass: \
         .silence_after(Duration::from_millis(..))"
    )]
    SilenceZero {
        /// The source.
        from: String,
        /// The receiver.
        to: String,
        /// The message.
        message: &'static str,
    },
}

impl GraphFinding {
    /// The node that the finding is about.
    #[must_use]
    pub fn node(&self) -> &str {
        match self {
            Self::DuplicateName { name: node }
            | Self::TwoGroups { node }
            | Self::NobodyEmits { node, .. }
            | Self::NobodyCommands { node, .. }
            | Self::TwoCommanders { node, .. }
            | Self::LeaseTooLong { to: node, .. }
            | Self::LeaseZero { to: node, .. }
            | Self::RoomZero { to: node, .. }
            | Self::SilenceZero { to: node, .. } => node,
        }
    }
}

/// All findings.
pub(super) fn of(nodes: &[NodeInfo], edges: &[EdgeInfo]) -> Vec<GraphFinding> {
    let mut found = Vec::new();
    duplicate_names(nodes, &mut found);
    unmet_needs(nodes, edges, &mut found);
    two_commanders(edges, &mut found);
    leases(edges, &mut found);
    zeros(edges, &mut found);
    found
}

fn duplicate_names(nodes: &[NodeInfo], found: &mut Vec<GraphFinding>) {
    for (place, node) in nodes.iter().enumerate() {
        let before = nodes[..place]
            .iter()
            .filter(|other| other.name == node.name)
            .count();
        if before == 1 {
            found.push(GraphFinding::DuplicateName {
                name: node.name.clone(),
            });
        }
    }
}

fn unmet_needs(nodes: &[NodeInfo], edges: &[EdgeInfo], found: &mut Vec<GraphFinding>) {
    for node in nodes {
        let brings = |message: &str, command: bool| {
            edges.iter().any(|edge| {
                edge.to == node.name && edge.message == message && is_command(edge) == command
            })
        };
        let name = || node.name.clone();
        for message in node
            .needs_values
            .iter()
            .filter(|message| !brings(message, false))
        {
            found.push(GraphFinding::NobodyEmits {
                node: name(),
                message,
            });
        }
        for message in node
            .needs_commands
            .iter()
            .filter(|message| !brings(message, true))
        {
            found.push(GraphFinding::NobodyCommands {
                node: name(),
                message,
            });
        }
    }
}

fn two_commanders(edges: &[EdgeInfo], found: &mut Vec<GraphFinding>) {
    for (place, edge) in edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| is_command(edge))
    {
        let earlier = edges[..place].iter().find(|other| {
            is_command(other) && other.to == edge.to && other.message == edge.message
        });
        if let Some(first) = earlier {
            found.push(GraphFinding::TwoCommanders {
                node: edge.to.clone(),
                message: edge.message,
                first: first.from.clone(),
                second: edge.from.clone(),
            });
        }
    }
}

fn leases(edges: &[EdgeInfo], found: &mut Vec<GraphFinding>) {
    for edge in edges {
        let EdgeKind::Command { lease } = edge.kind else {
            continue;
        };
        let (from, to, message) = (edge.from.clone(), edge.to.clone(), edge.message);
        if lease > LONGEST_LEASE {
            found.push(GraphFinding::LeaseTooLong {
                from,
                to,
                message,
                lease,
            });
        } else if lease.is_zero() {
            found.push(GraphFinding::LeaseZero { from, to, message });
        }
    }
}

fn zeros(edges: &[EdgeInfo], found: &mut Vec<GraphFinding>) {
    for edge in edges {
        let (from, to, message) = (edge.from.clone(), edge.to.clone(), edge.message);
        if matches!(edge.kind, EdgeKind::KeepNewest(0) | EdgeKind::KeepOldest(0)) {
            found.push(GraphFinding::RoomZero { from, to, message });
        } else if edge.silence.is_some_and(|silence| silence.is_zero()) {
            found.push(GraphFinding::SilenceZero { from, to, message });
        }
    }
}

fn is_command(edge: &EdgeInfo) -> bool {
    matches!(edge.kind, EdgeKind::Command { .. })
}
