//! Places in the robot's own code: where a node is added and an edge connected.

use crate::config::read_text;
use crate::source::{Place, SourceText};
use sinew_runtime::{EdgeKind, Graph, GraphFinding};
use std::panic::Location;

/// Where the code makes what a finding is about.
pub(super) fn of_finding(
    graph: &Graph,
    finding: &GraphFinding,
) -> Option<&'static Location<'static>> {
    let edge = |from: &str, to: &str, what: &str| {
        let edges = graph.edges();
        let found = edges
            .iter()
            .rev()
            .find(|edge| edge.from == from && edge.to == to && edge.message == what);
        found.map(|edge| edge.at)
    };
    match finding {
        GraphFinding::TwoCommanders {
            node,
            message,
            second,
            ..
        } => graph
            .edges()
            .iter()
            .find(|edge| {
                let command = matches!(edge.kind, EdgeKind::Command { .. });
                command && edge.to == *node && edge.from == *second && edge.message == *message
            })
            .map(|edge| edge.at),
        GraphFinding::LeaseTooLong {
            from, to, message, ..
        }
        | GraphFinding::LeaseZero {
            from, to, message, ..
        }
        | GraphFinding::RoomZero {
            from, to, message, ..
        }
        | GraphFinding::SilenceZero {
            from, to, message, ..
        } => edge(from, to, message),
        other => of_node(graph, other.node()),
    }
}

/// Where the code adds a node; the last of several with one name.
pub(super) fn of_node(graph: &Graph, name: &str) -> Option<&'static Location<'static>> {
    graph
        .nodes()
        .iter()
        .rev()
        .find(|node| node.name == name)
        .map(|node| node.at)
}

/// The line as a place, if its file is at hand: the compiler notes it relative to the workspace, which is the current
/// folder or one above it.
pub(super) fn place(at: &Location<'_>) -> Option<Place> {
    let here = std::env::current_dir().ok()?;
    let path = here
        .ancestors()
        .map(|folder| folder.join(at.file()))
        .find(|path| path.is_file())?;
    let read = read_text(&path, "source file").ok()?;
    let source = SourceText::new(at.file(), read.text());
    line(&source, at.line() as usize, at.column() as usize)
}

fn line(source: &SourceText, line: usize, column: usize) -> Option<Place> {
    let text = source.text();
    let start: usize = text
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let shown = text[start..].lines().next()?;
    let from = shown
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(0, |(byte, _)| byte);
    Some(source.place(start + from..start + shown.trim_end().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_becomes_the_rest_of_its_line() {
        let source = SourceText::new("lib.rs", "one\n    graph.add(\"é\", x);\nthree");
        let place = line(&source, 2, 11).unwrap();
        assert_eq!((place.line(), place.text()), (2, "add(\"é\", x);"));
        assert!(line(&source, 9, 1).is_none() && line(&source, 0, 1).is_none());
    }
}
