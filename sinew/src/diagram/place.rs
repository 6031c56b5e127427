//! Coordinates for a layout: columns as wide as their widest node, gaps as wide as their widest label.

use super::Diagram;
use super::layout::{Bundle, Item, Layout};

/// Width of a character of the labels' font, in pixels: 12 px sans-serif, on the generous side.
const CHARACTER: f64 = 7.0;
/// Height of a node's box.
pub(super) const BOX: f64 = 46.0;
/// Height of one label: message above policy.
pub(super) const LABEL: f64 = 30.0;
/// Free height between two items of a layer.
const BETWEEN: f64 = 26.0;
/// Free width beside a label.
const MARGIN: f64 = 30.0;
/// Rounds of pulling items towards their neighbours.
const ROUNDS: usize = 24;

/// A node's box, by its centre.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Area {
    fn overlaps(&self, other: &Area) -> bool {
        (self.x - other.x).abs() < (self.width + other.width) / 2.0
            && (self.y - other.y).abs() < (self.height + other.height) / 2.0
    }
}

/// Where everything goes, in pixels.
#[derive(Debug, Default)]
pub(super) struct Placed {
    pub(super) nodes: Vec<Area>,
    /// For each bundle its points, left to right; two for each layer that it passes.
    pub(super) routes: Vec<Vec<(f64, f64)>>,
    /// For each bundle the box of its labels.
    pub(super) labels: Vec<Area>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The width of a text in pixels.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * CHARACTER
}

pub(super) fn place(diagram: &Diagram, layout: &Layout) -> Placed {
    let columns = columns(diagram, layout);
    let heights = heights(layout);
    let rows = rows(layout, &heights);
    let mut placed = Placed {
        nodes: vec![Area::default(); diagram.nodes.len()],
        ..Placed::default()
    };
    for (layer, items) in layout.layers.iter().enumerate() {
        for (at, item) in items.iter().enumerate() {
            if let Item::Node(node) = *item {
                let height = heights[layer][at];
                let (x, width) = (columns[layer].0 + columns[layer].1 / 2.0, columns[layer].1);
                placed.nodes[node] = Area {
                    x,
                    y: rows[layer][at],
                    width,
                    height,
                };
            }
        }
    }
    placed.routes = routes(layout, &columns, &rows, &placed.nodes);
    placed.labels = labels(layout, &placed);
    frame(&mut placed);
    placed
}

/// Left edge and width of each layer.
fn columns(diagram: &Diagram, layout: &Layout) -> Vec<(f64, f64)> {
    let mut columns = Vec::new();
    let mut left = 0.0;
    for (layer, items) in layout.layers.iter().enumerate() {
        let node_width = |item: &Item| match *item {
            Item::Node(node) => {
                let node = &diagram.nodes[node];
                (text_width(&node.name) * 1.15).max(text_width(&node.actor)) + 28.0
            }
            Item::Passing(_) => 10.0,
        };
        let width = items.iter().map(node_width).fold(0.0, f64::max);
        columns.push((left, width));
        let label = |bundle: &&Bundle| label_layer(layout, bundle) == Some(layer);
        let widest = layout
            .bundles
            .iter()
            .filter(label)
            .map(label_width)
            .fold(20.0, f64::max);
        left += width + widest + 2.0 * MARGIN;
    }
    columns
}

fn label_width(bundle: &Bundle) -> f64 {
    let widest =
        |(message, policy): &(String, String)| text_width(message).max(text_width(policy) * 0.9);
    bundle.labels.iter().map(widest).fold(0.0, f64::max)
}

fn label_height(bundle: &Bundle) -> f64 {
    bundle.labels.len() as f64 * LABEL
}

fn layer_of(layout: &Layout, node: usize) -> Option<usize> {
    layout
        .layers
        .iter()
        .position(|layer| layer.contains(&Item::Node(node)))
}

/// The layer whose right-hand gap carries a bundle's label: that of its left end.
fn label_layer(layout: &Layout, bundle: &Bundle) -> Option<usize> {
    layer_of(layout, bundle.ends().0)
}

/// Each item's height: a node is as tall as the labels of one of its sides need.
fn heights(layout: &Layout) -> Vec<Vec<f64>> {
    let side = |node: usize, left: bool| {
        let of_side = |bundle: &&Bundle| {
            let (from, to) = bundle.ends();
            from != to && node == if left { to } else { from }
        };
        layout
            .bundles
            .iter()
            .filter(of_side)
            .map(label_height)
            .sum::<f64>()
    };
    let height = |item: &Item| match *item {
        Item::Node(node) => BOX.max(side(node, true)).max(side(node, false)),
        Item::Passing(_) => 8.0,
    };
    layout
        .layers
        .iter()
        .map(|layer| layer.iter().map(height).collect())
        .collect()
}

/// The centre of each item: pulled towards its neighbours, never into each other.
fn rows(layout: &Layout, heights: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = heights
        .iter()
        .map(|layer| spread(&vec![0.0; layer.len()], layer))
        .collect();
    for round in 0..ROUNDS {
        for step in 0..layout.layers.len() {
            let layer = if round % 2 == 0 {
                step
            } else {
                layout.layers.len() - 1 - step
            };
            let wanted: Vec<f64> = (layout.layers[layer].iter().enumerate())
                .map(|(at, &item)| {
                    let near = neighbours(layout, layer, item);
                    let sum: f64 = near.iter().map(|&(layer, at)| rows[layer][at]).sum();
                    if near.is_empty() {
                        rows[layer][at]
                    } else {
                        sum / near.len() as f64
                    }
                })
                .collect();
            rows[layer] = spread(&wanted, &heights[layer]);
        }
    }
    rows
}

fn neighbours(layout: &Layout, layer: usize, item: Item) -> Vec<(usize, usize)> {
    let beside = [layer.checked_sub(1), Some(layer + 1)];
    let beside = beside
        .into_iter()
        .flatten()
        .filter(|&other| other < layout.layers.len());
    beside
        .flat_map(|other| {
            let ties = super::layout::ties(item, &layout.layers[other], &layout.bundles);
            ties.into_iter().map(move |at| (other, at))
        })
        .collect()
}

/// The positions nearest to the wanted ones that keep the order and the distances: blocks that would overlap
/// are merged and moved together (pool adjacent violators).
fn spread(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    let mut offsets = vec![0.0; wanted.len()];
    for at in 1..wanted.len() {
        offsets[at] = offsets[at - 1] + (heights[at - 1] + heights[at]) / 2.0 + BETWEEN;
    }
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (want, offset) in wanted.iter().zip(&offsets) {
        blocks.push((want - offset, 1));
        while let [.., above, below] = blocks[..] {
            if above.0 <= below.0 {
                break;
            }
            let count = above.1 + below.1;
            let mean = (above.0 * above.1 as f64 + below.0 * below.1 as f64) / count as f64;
            blocks.truncate(blocks.len() - 2);
            blocks.push((mean, count));
        }
    }
    let starts = blocks
        .iter()
        .flat_map(|&(start, count)| std::iter::repeat_n(start, count));
    starts
        .zip(&offsets)
        .map(|(start, offset)| start + offset)
        .collect()
}

fn routes(
    layout: &Layout,
    columns: &[(f64, f64)],
    rows: &[Vec<f64>],
    nodes: &[Area],
) -> Vec<Vec<(f64, f64)>> {
    let mut routes: Vec<Vec<(f64, f64)>> = Vec::new();
    for (index, bundle) in layout.bundles.iter().enumerate() {
        let (left, right) = bundle.ends();
        let mut points = vec![(nodes[left].x + nodes[left].width / 2.0, nodes[left].y)];
        for (layer, items) in layout.layers.iter().enumerate() {
            if let Some(at) = items.iter().position(|&item| item == Item::Passing(index)) {
                let (x, width) = columns[layer];
                points.extend([(x, rows[layer][at]), (x + width, rows[layer][at])]);
            }
        }
        points.push((nodes[right].x - nodes[right].width / 2.0, nodes[right].y));
        routes.push(points);
    }
    for node in 0..nodes.len() {
        fan_out(layout, &mut routes, nodes, node, true);
        fan_out(layout, &mut routes, nodes, node, false);
    }
    routes
}

/// Gives each line at one side of a node its own height there, in the order of where the lines go.
fn fan_out(
    layout: &Layout,
    routes: &mut [Vec<(f64, f64)>],
    nodes: &[Area],
    node: usize,
    left_side: bool,
) {
    let of_side = |&index: &usize| {
        let (from, to) = layout.bundles[index].ends();
        from != to && node == if left_side { to } else { from }
    };
    let mut here: Vec<usize> = (0..routes.len()).filter(of_side).collect();
    let other_end = |route: &[(f64, f64)]| {
        if left_side {
            route[route.len() - 2].1
        } else {
            route[1].1
        }
    };
    here.sort_by(|&a, &b| other_end(&routes[a]).total_cmp(&other_end(&routes[b])));
    let total: f64 = here
        .iter()
        .map(|&index| label_height(&layout.bundles[index]))
        .sum();
    let mut y = nodes[node].y - total / 2.0;
    for index in here {
        let height = label_height(&layout.bundles[index]);
        let end = if left_side {
            routes[index].last_mut()
        } else {
            routes[index].first_mut()
        };
        if let Some(point) = end {
            point.1 = y + height / 2.0;
        }
        y += height;
    }
}

/// A label stands in the middle of its line's first gap; where two would overlap, the lower one moves down.
fn labels(layout: &Layout, placed: &Placed) -> Vec<Area> {
    let mut labels: Vec<Area> = Vec::new();
    for (bundle, route) in layout.bundles.iter().zip(&placed.routes) {
        let (from, to) = (route[0], route[1]);
        let loops = bundle.from == bundle.to;
        let node = placed.nodes[bundle.from];
        let (x, y) = if loops {
            (
                node.x,
                node.y - node.height / 2.0 - 26.0 - label_height(bundle) / 2.0,
            )
        } else {
            ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0)
        };
        labels.push(Area {
            x,
            y,
            width: label_width(bundle) + 8.0,
            height: label_height(bundle),
        });
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&a, &b| labels[a].y.total_cmp(&labels[b].y));
    for at in 1..order.len() {
        for _ in 0..order.len() {
            let moved = labels[order[at]];
            let Some(hit) = order[..at]
                .iter()
                .map(|&index| labels[index])
                .find(|above| above.overlaps(&moved))
            else {
                break;
            };
            labels[order[at]].y = hit.y + (hit.height + moved.height) / 2.0 + 0.5;
        }
    }
    labels
}

/// Moves everything so that the picture begins at the margin, and measures it.
fn frame(placed: &mut Placed) {
    let edge = 24.0;
    let boxes = || placed.nodes.iter().chain(&placed.labels);
    let ys = || placed.routes.iter().flatten().map(|point| point.1);
    let top = boxes()
        .map(|area| area.y - area.height / 2.0)
        .chain(ys())
        .fold(f64::MAX, f64::min);
    let bottom = boxes()
        .map(|area| area.y + area.height / 2.0)
        .chain(ys())
        .fold(f64::MIN, f64::max);
    let left = boxes()
        .map(|area| area.x - area.width / 2.0)
        .fold(0.0, f64::min);
    let right = boxes()
        .map(|area| area.x + area.width / 2.0)
        .fold(0.0, f64::max);
    // An empty graph has no extremes.
    let (top, bottom) = if top > bottom {
        (0.0, 0.0)
    } else {
        (top, bottom)
    };
    let heading = 34.0;
    let (dx, dy) = (edge - left, edge + heading - top);
    placed
        .nodes
        .iter_mut()
        .chain(&mut placed.labels)
        .for_each(|area| (area.x, area.y) = (area.x + dx, area.y + dy));
    placed
        .routes
        .iter_mut()
        .flatten()
        .for_each(|point| *point = (point.0 + dx, point.1 + dy));
    placed.width = right - left + 2.0 * edge;
    placed.height = bottom - top + 2.0 * edge + heading + 22.0;
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn no_two_nodes_and_no_two_labels_overlap() {
        let diagram = example();
        let placed = place(&diagram, &Layout::of(&diagram));
        for areas in [&placed.nodes, &placed.labels] {
            for (index, area) in areas.iter().enumerate() {
                assert!(
                    !areas[index + 1..].iter().any(|other| area.overlaps(other)),
                    "{area:?}"
                );
            }
        }
    }

    #[test]
    fn everything_is_inside_the_picture() {
        let diagram = example();
        let placed = place(&diagram, &Layout::of(&diagram));
        for area in placed.nodes.iter().chain(&placed.labels) {
            assert!(area.x - area.width / 2.0 >= 0.0 && area.x + area.width / 2.0 <= placed.width);
            assert!(
                area.y - area.height / 2.0 >= 0.0 && area.y + area.height / 2.0 <= placed.height
            );
        }
    }

    #[test]
    fn items_that_want_the_same_place_share_it_out_evenly() {
        assert_eq!(spread(&[0.0, 0.0], &[10.0, 10.0]), [-18.0, 18.0]);
        assert_eq!(spread(&[0.0, 100.0], &[10.0, 10.0]), [0.0, 100.0]);
    }
}
