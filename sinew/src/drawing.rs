//! From the runtime's graph to what is drawn.

use crate::diagram::{Diagram, DiagramEdge, DiagramNode, Stroke};
use sinew_runtime::{EdgeInfo, EdgeKind, Graph};
use std::time::Duration;

impl Diagram {
    /// The drawing of a graph. An edge of a node that is not there is left out; the graph's findings name it.
    pub fn of(graph: &Graph) -> Diagram {
        let nodes = graph.nodes();
        let index = |name: &str| nodes.iter().position(|node| node.name == name);
        let edges = graph.edges().into_iter().filter_map(|edge| {
            let (from, to) = (index(&edge.from)?, index(&edge.to)?);
            let (message, policy, stroke) =
                (edge.message.to_owned(), policy(&edge), stroke(edge.kind));
            Some(DiagramEdge {
                from,
                to,
                message,
                policy,
                stroke,
            })
        });
        Diagram {
            name: graph.name().to_owned(),
            edges: edges.collect(),
            nodes: (nodes.iter())
                .map(|node| DiagramNode {
                    name: node.name.clone(),
                    actor: node.actor.to_owned(),
                })
                .collect(),
        }
    }
}

fn stroke(kind: EdgeKind) -> Stroke {
    match kind {
        EdgeKind::KeepNewest(_) | EdgeKind::KeepOldest(_) => Stroke::Event,
        EdgeKind::Command { .. } => Stroke::Command,
        // A kind that comes later is drawn as the plainest.
        _ => Stroke::Reading,
    }
}

fn policy(edge: &EdgeInfo) -> String {
    let mut policy = match edge.kind {
        EdgeKind::Latest => "latest".to_owned(),
        EdgeKind::KeepNewest(count) => format!("newest {count}"),
        EdgeKind::KeepOldest(count) => format!("oldest {count}"),
        EdgeKind::Command { lease } => format!("lease {}", words(lease)),
        _ => String::new(),
    };
    if let Some(silence) = edge.silence {
        policy.push_str(&format!(", silence after {}", words(silence)));
    }
    policy
}

fn words(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    if millis < 1000.0 {
        format!("{millis} ms")
    } else {
        format!("{} s", millis / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_unit_that_reads_best() {
        assert_eq!(words(Duration::from_millis(250)), "250 ms");
        assert_eq!(words(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(words(Duration::from_micros(500)), "0.5 ms");
    }
}
