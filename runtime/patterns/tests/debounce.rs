//! A debounce passes a value once no newer one came for its rest.

use crate::common::{Heard, Log, Mouth, at_ms, ear, mouth, ms, say_at, simulated};
use sinew_patterns::Debounce;
use sinew_runtime::{Graph, Injection, Node, System, Time};

/// A contact, a debounce of 20 ms and a listener.
fn bouncing() -> (System, Node<Mouth<bool>>, Log<Heard<bool>>) {
    let mut graph = Graph::new("debounce");
    let contact = mouth(&mut graph, "contact");
    let (sink, log) = ear(&mut graph, "sink");
    let settled = graph.add("settled", Debounce::rested(ms(20)));
    graph.connect(&contact, &settled).keep_newest(64);
    graph.connect(&settled, &sink);
    (simulated(graph), contact, log)
}

#[test]
fn a_bouncing_contact_says_one_thing_once_it_has_settled() {
    let (mut system, contact, log) = bouncing();
    for at in 0..10 {
        say_at(&mut system, at, &contact, at % 2 == 0);
    }
    for at in 200..205 {
        say_at(&mut system, at, &contact, at % 2 == 0);
    }
    system.run_until(at_ms(400));
    assert_eq!(
        log.take(),
        [Heard::Value(false, 29), Heard::Value(true, 224)]
    );
}

#[test]
fn a_value_that_rested_exactly_long_enough_passes_and_one_that_did_not_is_replaced() {
    let (mut system, contact, log) = bouncing();
    say_at(&mut system, 0, &contact, true);
    say_at(&mut system, 19, &contact, false);
    system.run_until(at_ms(39) - std::time::Duration::from_nanos(1));
    assert_eq!(log.len(), 0, "19 ms and 19.999999 ms are less than 20");
    system.run_until(at_ms(39));
    say_at(&mut system, 39, &contact, true);
    system.run_until(at_ms(100));
    assert_eq!(
        log.take(),
        [Heard::Value(false, 39), Heard::Value(true, 59)]
    );
}

#[test]
fn what_never_rests_never_passes_and_costs_one_timer_a_rest() {
    let (mut system, contact, log) = bouncing();
    for at in 0..1_000 {
        say_at(&mut system, at, &contact, true);
    }
    system.run_until(at_ms(1_018));
    assert_eq!(log.len(), 0);
    let handled = system.report().nodes[2].handled;
    // One look at 20 ms, and one 20 ms after each newest value that a look found: every 19 ms.
    assert!((1_000..=1_000 + 53).contains(&handled), "{handled}");
    system.run_until(at_ms(1_019));
    assert_eq!(log.take(), [Heard::Value(true, 1_019)]);
}

#[test]
fn a_restart_forgets_what_had_not_settled() {
    let (mut system, contact, log) = bouncing();
    say_at(&mut system, 0, &contact, true);
    system.run_until(at_ms(10));
    assert!(system.handle().inject("settled", Injection::Panic));
    system.run_until(Time::from_nanos(500_000_000));
    assert_eq!(log.len(), 0);
    say_at(&mut system, 500, &contact, false);
    system.run_until(at_ms(600));
    assert_eq!(log.take(), [Heard::Value(false, 520)]);
}
