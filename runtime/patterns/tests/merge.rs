//! A merge makes one flow of several, with one silence.

use crate::common::{Heard, at_ms, ear, mouth, ms, say_at, simulated};
use sinew_patterns::Merge;
use sinew_runtime::Graph;

#[test]
fn what_comes_from_any_source_passes_in_its_order() {
    let mut graph = Graph::new("merge");
    let front = mouth(&mut graph, "front");
    let back = mouth(&mut graph, "back");
    let (sink, log) = ear(&mut graph, "sink");
    let bumps = graph.add("bumps", Merge::new());
    graph.connect(&front, &bumps).keep_newest(4);
    graph.connect(&back, &bumps).keep_newest(4);
    graph.connect(&bumps, &sink).keep_newest(8);
    let mut system = simulated(graph);
    for (at, source, value) in [(0, &front, 1), (3, &back, 2), (3, &back, 3), (9, &front, 4)] {
        say_at(&mut system, at, source, value);
    }
    system.run_until(at_ms(10));
    let wanted = [(1, 0), (2, 3), (3, 3), (4, 9)];
    assert_eq!(
        log.take(),
        wanted.map(|(value, at)| Heard::Value(value, at))
    );
}

#[test]
fn it_is_silent_only_when_all_of_its_sources_are() {
    let mut graph = Graph::new("merge");
    let left = mouth(&mut graph, "left");
    let right = mouth(&mut graph, "right");
    let (sink, log) = ear(&mut graph, "sink");
    let ahead = graph.add("ahead", Merge::new());
    graph.connect(&left, &ahead);
    graph.connect(&right, &ahead);
    graph.connect(&ahead, &sink).silence_after(ms(100));
    let mut system = simulated(graph);
    for (at, source) in [(50, &left), (120, &right), (200, &right)] {
        say_at(&mut system, at, source, 0);
    }
    system.run_until(at_ms(299));
    assert_eq!(log.take().len(), 3, "left has been silent for 249 ms");
    system.run_until(at_ms(301));
    assert_eq!(log.take(), [Heard::Silence(200)]);
}
