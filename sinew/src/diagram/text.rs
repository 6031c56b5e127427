//! The graph as plain text: each node, and below it where its messages go.

use super::{Diagram, Stroke};
use std::fmt::Write as _;

pub(super) fn draw(diagram: &Diagram) -> String {
    let mut text = String::new();
    let counts = (diagram.nodes.len(), diagram.edges.len());
    let _ = writeln!(
        text,
        "{}: {} nodes, {} edges",
        diagram.name, counts.0, counts.1
    );
    let widest = |of: fn(&super::DiagramEdge) -> usize| diagram.edges.iter().map(of).max();
    let message = widest(|edge| edge.message.chars().count()).unwrap_or(0);
    let to = |index: usize| {
        diagram
            .nodes
            .get(index)
            .map_or("?", |node| node.name.as_str())
    };
    let target = diagram
        .edges
        .iter()
        .map(|edge| to(edge.to).chars().count())
        .max()
        .unwrap_or(0);
    for (index, node) in diagram.nodes.iter().enumerate() {
        let _ = writeln!(text, "\n{} ({})", node.name, node.actor);
        for edge in diagram.edges.iter().filter(|edge| edge.from == index) {
            let arrow = match edge.stroke {
                Stroke::Reading => "-->",
                Stroke::Event => "..>",
                Stroke::Command => "==>",
            };
            let (name, to) = (&edge.message, to(edge.to));
            let _ = writeln!(
                text,
                "  {name:message$} {arrow} {to:target$}  {}",
                edge.policy
            );
        }
    }
    let _ = writeln!(text, "\n--> reading   ..> event   ==> command");
    text
}

#[cfg(test)]
mod tests {
    use super::super::example;

    #[test]
    fn each_edge_is_a_line_below_its_source_and_commands_look_different() {
        let text = example().to_text();
        assert!(text.starts_with("rover: 6 nodes, 7 edges\n"), "{text}");
        let reflex = text
            .split("\n\n")
            .find(|part| part.starts_with("reflex (Reflex)"))
            .unwrap();
        assert_eq!(
            reflex,
            "reflex (Reflex)\n  Twist       ==> drive     lease 250 ms"
        );
        assert!(
            text.contains("Range       --> reflex    latest, silence after 200 ms"),
            "{text}"
        );
        assert!(
            text.contains("Contact     ..> reflex    newest 16"),
            "{text}"
        );
    }
}
