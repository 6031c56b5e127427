//! A smooth operator follows its values with a time constant, however often they come.

use crate::common::{Heard, Log, Mouth, at_ms, ear, mouth, ms, say_at, simulated};
use sinew_patterns::Smooth;
use sinew_runtime::{Graph, Node, System};
use std::time::Duration;

fn smoothed(time_constant: Duration) -> (System, Node<Mouth<f64>>, Log<Heard<f64>>) {
    let mut graph = Graph::new("smooth");
    let source = mouth(&mut graph, "source");
    let (sink, log) = ear(&mut graph, "sink");
    let towards = |last: f64, new: f64, share: f64| last + (new - last) * share;
    let calm = graph.add("calm", Smooth::over(time_constant, towards));
    graph.connect(&source, &calm);
    graph.connect(&calm, &sink);
    (simulated(graph), source, log)
}

/// What was heard last.
fn last(log: &Log<Heard<f64>>) -> f64 {
    match log.take().pop() {
        Some(Heard::Value(value, _)) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn after_one_time_constant_a_step_is_done_to_63_percent() {
    let (mut system, source, log) = smoothed(ms(1_000));
    say_at(&mut system, 0, &source, 0.0);
    for at in 1..=1_000 {
        say_at(&mut system, at, &source, 1.0);
    }
    system.run_until(at_ms(1_001));
    let done = last(&log);
    assert!((done - (1.0 - (-1.0f64).exp())).abs() < 1e-3, "{done}");
}

#[test]
fn the_first_value_passes_unchanged_and_a_gap_counts_as_the_time_it_took() {
    let (mut system, source, log) = smoothed(ms(100));
    say_at(&mut system, 50, &source, 7.0);
    say_at(&mut system, 150, &source, 8.0);
    say_at(&mut system, 1_050, &source, 0.0);
    system.run_until(at_ms(1_100));
    let wanted = [(7.0, 50), (7.5, 150), (0.75, 1_050)];
    let heard = log.take();
    assert_eq!(heard.len(), wanted.len());
    for (heard, (value, at)) in heard.into_iter().zip(wanted) {
        let Heard::Value(found, when) = heard else {
            panic!("{heard:?}");
        };
        assert!((found - value).abs() < 1e-12 && when == at, "{found}");
    }
}

#[test]
fn a_time_constant_of_zero_lets_all_pass() {
    let (mut system, source, log) = smoothed(Duration::ZERO);
    say_at(&mut system, 1, &source, 1.0);
    say_at(&mut system, 1, &source, 5.0);
    system.run_until(at_ms(2));
    assert_eq!(last(&log).to_bits(), 5.0f64.to_bits());
}
