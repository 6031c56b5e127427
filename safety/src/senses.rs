//! Whether those who move motors hear what they act on.

use crate::Refusal;
use sinew_runtime::{EdgeMetrics, Metrics};
use std::collections::BTreeSet;
use std::time::Duration;

/// What stands against arming: the nodes from which too little comes along edges whose silence matters, if what comes there reaches an
/// owner of motion outputs, directly or by others. Each node once, in the order of the graph.
pub(crate) fn missing(metrics: &Metrics, owners: &BTreeSet<String>) -> Vec<Refusal> {
    let movers = upstream(&metrics.edges, owners);
    let matters = |edge: &&EdgeMetrics| movers.contains(edge.to.as_str());
    let mut named = BTreeSet::new();
    let refusals = metrics.edges.iter().filter(matters).filter_map(|edge| {
        let refusal = silent(edge, metrics.at_ns)?;
        named.insert(edge.from.as_str()).then_some(refusal)
    });
    refusals.collect()
}

/// These nodes, and all from which an edge leads to one of them.
fn upstream<'a>(edges: &'a [EdgeMetrics], to: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = to.iter().map(String::as_str).collect();
    loop {
        let known = found.len();
        let leads = edges.iter().filter(|edge| found.contains(edge.to.as_str()));
        let from: Vec<&str> = leads.map(|edge| edge.from.as_str()).collect();
        found.extend(from);
        if found.len() == known {
            return found;
        }
    }
}

/// What is wrong with the node at which this edge begins, if the edge says how long it may be silent.
fn silent(edge: &EdgeMetrics, now_ns: u64) -> Option<Refusal> {
    let longest = edge.silence_after_ns?;
    let device = edge.from.clone();
    let Some(last) = edge.last_came_ns else {
        return Some(Refusal::NoAnswer { device });
    };
    let silent_for = now_ns.saturating_sub(last);
    (silent_for > longest).then(|| Refusal::Stale {
        device,
        silent_for: Duration::from_nanos(silent_for),
    })
}
