//! A robot's graph as data to draw, and its drawings: text, Mermaid, SVG.

mod layout;
mod mermaid;
mod place;
mod svg;
mod text;

pub(crate) use svg::escape;

/// A graph, reduced to what a drawing shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// The graph's name.
    pub name: String,
    /// The nodes, in the order in which the graph adds them.
    pub nodes: Vec<DiagramNode>,
    /// The edges, in the order in which the graph connects them.
    pub edges: Vec<DiagramEdge>,
}

/// A node of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagramNode {
    /// The node's name in the graph.
    pub name: String,
    /// Its actor's type, without its path.
    pub actor: String,
}

/// How an edge is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stroke {
    /// The newest value counts.
    Reading,
    /// Each value counts.
    Event,
    /// The newest value counts and expires.
    Command,
}

/// An edge of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagramEdge {
    /// Index of the source in [`Diagram::nodes`].
    pub from: usize,
    /// Index of the receiver.
    pub to: usize,
    /// The message's name.
    pub message: String,
    /// The policy in words: `latest`, `newest 16`, `lease 250 ms`.
    pub policy: String,
    /// How it is drawn.
    pub stroke: Stroke,
}

impl Diagram {
    /// One line per node and per edge.
    pub fn to_text(&self) -> String {
        text::draw(self)
    }

    /// A Mermaid flow chart, as Markdown renderers draw it.
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// A picture that reads on light and on dark backgrounds.
    pub fn to_svg(&self) -> String {
        svg::draw(self)
    }
}

#[cfg(test)]
pub(crate) fn example() -> Diagram {
    let nodes = [
        "sonar HcSr04",
        "bumper Bumper",
        "pilot Pilot",
        "reflex Reflex",
        "drive DifferentialDrive",
        "odometer Odometer",
    ];
    let edge = |from, to, message: &str, policy: &str, stroke| DiagramEdge {
        from,
        to,
        message: message.to_owned(),
        policy: policy.to_owned(),
        stroke,
    };
    Diagram {
        name: "rover".to_owned(),
        nodes: (nodes.iter())
            .filter_map(|node| node.split_once(' '))
            .map(|(name, actor)| DiagramNode {
                name: name.to_owned(),
                actor: actor.to_owned(),
            })
            .collect(),
        edges: vec![
            edge(
                0,
                3,
                "Range",
                "latest, silence after 200 ms",
                Stroke::Reading,
            ),
            edge(0, 2, "Range", "latest", Stroke::Reading),
            edge(1, 3, "Contact", "newest 16", Stroke::Event),
            edge(2, 3, "Twist", "lease 250 ms", Stroke::Command),
            edge(3, 4, "Twist", "lease 250 ms", Stroke::Command),
            edge(4, 5, "WheelMotion", "latest", Stroke::Reading),
            edge(5, 2, "Odometry", "latest", Stroke::Reading),
        ],
    }
}
