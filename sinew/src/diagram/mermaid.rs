//! The graph as a Mermaid flow chart.

use super::{Diagram, Stroke};
use std::fmt::Write as _;

pub(super) fn draw(diagram: &Diagram) -> String {
    let mut chart = String::from("flowchart LR\n");
    for (index, node) in diagram.nodes.iter().enumerate() {
        let (name, actor) = (escape(&node.name), escape(&node.actor));
        let _ = writeln!(chart, "    n{index}[\"<b>{name}</b><br/>{actor}\"]");
    }
    for edge in &diagram.edges {
        let arrow = match edge.stroke {
            Stroke::Reading => "-->",
            Stroke::Event => "-.->",
            Stroke::Command => "==>",
        };
        let (from, to) = (edge.from, edge.to);
        let (message, policy) = (escape(&edge.message), escape(&edge.policy));
        let _ = writeln!(
            chart,
            "    n{from} {arrow}|\"{message}<br/>{policy}\"| n{to}"
        );
    }
    chart
}

/// Mermaid reads entity codes in quoted labels; everything else that means something to it is coded.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '"' | '<' | '>' | '#' | '&' | '`' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn nodes_and_edges_become_a_flow_chart_with_thick_commands() {
        let chart = example().to_mermaid();
        assert!(chart.starts_with("flowchart LR\n"));
        assert!(chart.contains("n0[\"<b>sonar</b><br/>HcSr04\"]"));
        assert!(
            chart.contains("n2 ==>|\"Twist<br/>lease 250 ms\"| n3"),
            "{chart}"
        );
        assert!(chart.contains("n1 -.->|\"Contact<br/>newest 16\"| n3"));
    }

    #[test]
    fn a_name_with_quotes_or_angle_brackets_cannot_break_the_chart() {
        assert_eq!(escape("Pid<\"x\">#"), "Pid#60;#34;x#34;#62;#35;");
    }
}
