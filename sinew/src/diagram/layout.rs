//! Where nodes and edges go: layers by the longest path, order within a layer by barycentres.
//!
//! The method of Sugiyama, Tagawa and Toda (1981): turn edges that close a cycle round, give each node the
//! layer after its last predecessor, put a dummy into each layer that an edge passes, sort each layer by the
//! mean position of its neighbours until nothing improves, then place.

use super::{Diagram, Stroke};

/// Sweeps over all layers; the order of small graphs stands after three or four.
const SWEEPS: usize = 12;

/// Nodes and dummies in layers.
#[derive(Debug)]
pub(super) struct Layout {
    /// For each layer the items from top to bottom.
    pub(super) layers: Vec<Vec<Item>>,
    /// The drawn edges: all edges between the same two nodes with the same stroke are one.
    pub(super) bundles: Vec<Bundle>,
}

/// What stands in a layer: a node, or a bundle that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// Index of a node.
    Node(usize),
    /// Index of a bundle.
    Passing(usize),
}

/// Edges that are drawn as one line.
#[derive(Debug)]
pub(super) struct Bundle {
    /// Index of the source.
    pub(super) from: usize,
    /// Index of the receiver.
    pub(super) to: usize,
    /// How it is drawn.
    pub(super) stroke: Stroke,
    /// A line of label for each edge: message and policy.
    pub(super) labels: Vec<(String, String)>,
    /// It goes from right to left, because it closes a cycle.
    pub(super) backward: bool,
}

impl Bundle {
    /// The ends as the layout sees them: left, right.
    pub(super) fn ends(&self) -> (usize, usize) {
        if self.backward {
            (self.to, self.from)
        } else {
            (self.from, self.to)
        }
    }
}

impl Layout {
    pub(super) fn of(diagram: &Diagram) -> Layout {
        let mut bundles = bundle(diagram);
        turn_cycles_round(diagram.nodes.len(), &mut bundles);
        let ranks = ranks(diagram.nodes.len(), &bundles);
        let mut layers = fill(&ranks, &bundles);
        let mut best = layers.clone();
        let mut fewest = crossings(&layers, &bundles);
        for sweep in 0..SWEEPS {
            sort(&mut layers, &bundles, sweep % 2 == 0);
            let now = crossings(&layers, &bundles);
            if now < fewest {
                (best, fewest) = (layers.clone(), now);
            }
        }
        Layout {
            layers: best,
            bundles,
        }
    }
}

fn bundle(diagram: &Diagram) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for edge in &diagram.edges {
        let label = (edge.message.clone(), edge.policy.clone());
        let same = |bundle: &&mut Bundle| {
            (bundle.from, bundle.to, bundle.stroke) == (edge.from, edge.to, edge.stroke)
        };
        match bundles.iter_mut().find(same) {
            Some(bundle) => bundle.labels.push(label),
            None => bundles.push(Bundle {
                from: edge.from,
                to: edge.to,
                stroke: edge.stroke,
                labels: vec![label],
                backward: false,
            }),
        }
    }
    bundles
}

/// Marks the edges that a depth-first search finds to lead back to where it comes from. Commands are followed
/// first, so that in a control loop it is the feedback that goes back.
fn turn_cycles_round(nodes: usize, bundles: &mut [Bundle]) {
    let mut order: Vec<usize> = (0..bundles.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(bundles[index].stroke));
    let mut accepted: Vec<usize> = Vec::new();
    for index in order {
        let (from, to) = (bundles[index].from, bundles[index].to);
        if from == to || reaches(nodes, &accepted, bundles, to, from) {
            bundles[index].backward = true;
        } else {
            accepted.push(index);
        }
    }
}

fn reaches(
    nodes: usize,
    accepted: &[usize],
    bundles: &[Bundle],
    start: usize,
    goal: usize,
) -> bool {
    let mut seen = vec![false; nodes];
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        if node == goal {
            return true;
        }
        if std::mem::replace(&mut seen[node], true) {
            continue;
        }
        let next = accepted.iter().map(|&index| &bundles[index]);
        open.extend(
            next.filter(|bundle| bundle.from == node)
                .map(|bundle| bundle.to),
        );
    }
    false
}

/// The layer of each node: one after its last predecessor; sources move right, next to their first receiver.
fn ranks(nodes: usize, bundles: &[Bundle]) -> Vec<usize> {
    let mut ranks = vec![0; nodes];
    // Without cycles, `nodes` rounds are enough for the longest path.
    for _ in 0..nodes {
        for bundle in bundles.iter().filter(|bundle| bundle.from != bundle.to) {
            let (left, right) = bundle.ends();
            ranks[right] = ranks[right].max(ranks[left] + 1);
        }
    }
    for node in 0..nodes {
        let has_source = bundles
            .iter()
            .any(|bundle| bundle.from != bundle.to && bundle.ends().1 == node);
        let receivers = bundles
            .iter()
            .filter(|bundle| bundle.from != bundle.to && bundle.ends().0 == node);
        if let (false, Some(first)) = (
            has_source,
            receivers.map(|bundle| ranks[bundle.ends().1]).min(),
        ) {
            ranks[node] = first - 1;
        }
    }
    ranks
}

fn fill(ranks: &[usize], bundles: &[Bundle]) -> Vec<Vec<Item>> {
    let count = ranks.iter().max().map_or(0, |last| last + 1);
    let mut layers = vec![Vec::new(); count];
    for (node, &rank) in ranks.iter().enumerate() {
        layers[rank].push(Item::Node(node));
    }
    for (index, bundle) in bundles.iter().enumerate() {
        let (left, right) = bundle.ends();
        for layer in layers.iter_mut().take(ranks[right]).skip(ranks[left] + 1) {
            layer.push(Item::Passing(index));
        }
    }
    layers
}

/// The items of the neighbouring layer to which this item is tied.
pub(super) fn ties(item: Item, neighbour: &[Item], bundles: &[Bundle]) -> Vec<usize> {
    let tied = |other: &Item| match (item, *other) {
        (Item::Passing(a), Item::Passing(b)) => a == b,
        (Item::Passing(edge), Item::Node(node)) | (Item::Node(node), Item::Passing(edge)) => {
            bundles[edge].from == node || bundles[edge].to == node
        }
        (Item::Node(a), Item::Node(b)) => {
            (bundles.iter()).any(|bundle| bundle.ends() == (a, b) || bundle.ends() == (b, a))
        }
    };
    (neighbour.iter().enumerate())
        .filter(|(_, other)| tied(other))
        .map(|(at, _)| at)
        .collect()
}

fn sort(layers: &mut [Vec<Item>], bundles: &[Bundle], rightward: bool) {
    let count = layers.len();
    for step in 1..count {
        let (layer, before) = if rightward {
            (step, step - 1)
        } else {
            (count - 1 - step, count - step)
        };
        let neighbour = layers[before].clone();
        let mean = |item: Item, own: usize| {
            let ties = ties(item, &neighbour, bundles);
            if ties.is_empty() {
                return own as f64;
            }
            ties.iter().sum::<usize>() as f64 / ties.len() as f64
        };
        let mut keyed: Vec<(f64, Item)> = (layers[layer].iter().enumerate())
            .map(|(own, &item)| (mean(item, own), item))
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        layers[layer] = keyed.into_iter().map(|(_, item)| item).collect();
    }
}

fn crossings(layers: &[Vec<Item>], bundles: &[Bundle]) -> usize {
    let mut count = 0;
    for pair in layers.windows(2) {
        let lines: Vec<(usize, usize)> = (pair[0].iter().enumerate())
            .flat_map(|(at, &item)| {
                ties(item, &pair[1], bundles)
                    .into_iter()
                    .map(move |to| (at, to))
            })
            .collect();
        for (index, a) in lines.iter().enumerate() {
            count += lines[index + 1..]
                .iter()
                .filter(|b| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1))
                .count();
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::{DiagramEdge, DiagramNode, example};
    use super::*;

    fn layer_of(layout: &Layout, node: usize) -> usize {
        layout
            .layers
            .iter()
            .position(|layer| layer.contains(&Item::Node(node)))
            .unwrap()
    }

    #[test]
    fn commands_flow_from_left_to_right_and_feedback_goes_back() {
        let layout = Layout::of(&example());
        let order: Vec<usize> = [2, 3, 4].map(|node| layer_of(&layout, node)).to_vec();
        assert!(order[0] < order[1] && order[1] < order[2], "{order:?}");
        let feedback = layout
            .bundles
            .iter()
            .find(|bundle| bundle.backward)
            .unwrap();
        assert_ne!(feedback.stroke, Stroke::Command);
    }

    #[test]
    fn every_node_stands_in_exactly_one_layer_whatever_the_graph() {
        // Complete graphs with loops at every node: as many cycles as there can be.
        for count in 0..7 {
            let nodes = (0..count).map(|index| DiagramNode {
                name: index.to_string(),
                actor: "A".into(),
            });
            let edge = |from, to| DiagramEdge {
                from,
                to,
                message: "M".into(),
                policy: "latest".into(),
                stroke: Stroke::Reading,
            };
            let diagram = Diagram {
                name: "all".into(),
                nodes: nodes.collect(),
                edges: (0..count * count)
                    .map(|pair| edge(pair / count, pair % count))
                    .collect(),
            };
            let layout = Layout::of(&diagram);
            for node in 0..count {
                let times = layout
                    .layers
                    .iter()
                    .flatten()
                    .filter(|&&item| item == Item::Node(node))
                    .count();
                assert_eq!(times, 1);
            }
        }
    }

    #[test]
    fn two_crossed_edges_are_uncrossed() {
        let edge = |from, to| DiagramEdge {
            from,
            to,
            message: "M".into(),
            policy: "latest".into(),
            stroke: Stroke::Reading,
        };
        let nodes = (0..4).map(|index| DiagramNode {
            name: index.to_string(),
            actor: "A".into(),
        });
        let diagram = Diagram {
            name: "x".into(),
            nodes: nodes.collect(),
            edges: vec![edge(0, 3), edge(1, 2)],
        };
        let layout = Layout::of(&diagram);
        assert_eq!(crossings(&layout.layers, &layout.bundles), 0);
    }

    #[test]
    fn edges_between_the_same_nodes_become_one_line_with_two_labels() {
        let mut diagram = example();
        let again = DiagramEdge {
            message: "Echo".into(),
            ..diagram.edges[1].clone()
        };
        diagram.edges.push(again);
        let layout = Layout::of(&diagram);
        assert_eq!(layout.bundles.len(), 7);
        assert_eq!(layout.bundles[1].labels.len(), 2);
    }
}
