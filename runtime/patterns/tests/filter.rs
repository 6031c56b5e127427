//! A filter passes what its closure accepts, unchanged, and nothing else.

use crate::common::{Heard, at_ms, ear, edge, mouth, ms, say_at, simulated};
use sinew_patterns::Filter;
use sinew_runtime::Graph;

#[test]
fn what_is_accepted_passes_and_all_else_is_kept_back() {
    let mut graph = Graph::new("filter");
    let source = mouth::<u32>(&mut graph, "source");
    let (sink, log) = ear(&mut graph, "sink");
    let even = graph.add("even", Filter::new(|number: &u32| number.is_multiple_of(2)));
    graph.connect(&source, &even);
    graph.connect(&even, &sink);
    let mut system = simulated(graph);
    for number in 0..5 {
        say_at(&mut system, u64::from(number), &source, number);
    }
    system.run_until(at_ms(10));
    let passed = [0, 2, 4].map(|number| Heard::Value(number, u64::from(number)));
    assert_eq!(log.take(), passed);
    let report = system.report();
    assert_eq!(edge(&report, 0)[1] - edge(&report, 1)[0], 2, "kept back");
}

#[test]
fn a_command_that_passes_keeps_its_lease_and_one_that_is_kept_back_leaves_the_one_before_it_alone()
{
    let mut graph = Graph::new("filter");
    let source = mouth::<u32>(&mut graph, "source");
    let (sink, log) = ear(&mut graph, "sink");
    let slow = graph.add("slow", Filter::new(|speed: &u32| *speed < 10));
    graph.command(&source, &slow).lease(ms(100));
    graph.command(&slow, &sink).lease(ms(900));
    let mut system = simulated(graph);
    for (at, speed) in [(0, 5), (50, 50), (60, 6)] {
        say_at(&mut system, at, &source, speed);
    }
    system.run_until(at_ms(200));
    assert_eq!(
        log.take(),
        [Heard::Command(5, 0, 100), Heard::Command(6, 60, 160)]
    );
}
