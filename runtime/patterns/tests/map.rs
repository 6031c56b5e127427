//! A map turns each value into another, and a command keeps its lease.

use crate::common::{Heard, ear, mouth, ms, say_at, simulated};
use sinew_patterns::Map;
use sinew_runtime::{Graph, Injection};

#[test]
fn each_value_becomes_what_the_closure_makes_of_it() {
    let mut graph = Graph::new("map");
    let source = mouth::<u32>(&mut graph, "source");
    let (sink, log) = ear::<String>(&mut graph, "sink");
    let words = graph.add("words", Map::new(|number: u32| format!("{number} cm")));
    graph.connect(&source, &words);
    graph.connect(&words, &sink);
    let mut system = simulated(graph);
    say_at(&mut system, 1, &source, 30);
    say_at(&mut system, 2, &source, 7);
    system.run_until(crate::common::at_ms(10));
    let wanted = [(1, "30 cm"), (2, "7 cm")];
    let wanted = wanted.map(|(at, text)| Heard::Value(text.to_owned(), at));
    assert_eq!(log.take(), wanted);
}

#[test]
fn a_command_keeps_its_lease() {
    let mut graph = Graph::new("map");
    let source = mouth::<i32>(&mut graph, "source");
    let (sink, log) = ear::<i32>(&mut graph, "sink");
    let half = graph.add("half", Map::new(|speed: i32| speed / 2));
    graph.command(&source, &half).lease(ms(120));
    graph.command(&half, &sink).lease(ms(900));
    let mut system = simulated(graph);
    say_at(&mut system, 5, &source, 8);
    system.run_until(crate::common::at_ms(10));
    assert_eq!(log.take(), [Heard::Command(4, 5, 125)]);
}

#[test]
fn what_a_closure_remembers_begins_anew_after_a_restart() {
    let mut graph = Graph::new("map");
    let source = mouth::<u32>(&mut graph, "source");
    let (sink, log) = ear::<u32>(&mut graph, "sink");
    let mut sum = 0;
    let sums = Map::new(move |more: u32| {
        sum += more;
        sum
    });
    let sums = graph.add("sums", sums);
    graph.connect(&source, &sums);
    graph.connect(&sums, &sink);
    let mut system = simulated(graph);
    say_at(&mut system, 0, &source, 1);
    say_at(&mut system, 1, &source, 2);
    system.run_until(crate::common::at_ms(2));
    assert!(system.handle().inject("sums", Injection::Panic));
    say_at(&mut system, 500, &source, 4);
    system.run_until(crate::common::at_ms(501));
    let wanted = [(1, 0), (3, 1), (4, 500)];
    assert_eq!(log.take(), wanted.map(|(sum, at)| Heard::Value(sum, at)));
}
