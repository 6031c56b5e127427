//! A zip joins each value of one source with one of another, each once.

use crate::common::{Heard, Log, Mouth, at_ms, ear, edge, mouth, ms, say_at, simulated};
use sinew_patterns::Zip;
use sinew_runtime::{Graph, Node, System};

/// The two wheels' distances, joined if they arrive within 5 ms.
struct Wheels {
    system: System,
    left: Node<Mouth<u32>>,
    right: Node<Mouth<u32>>,
    log: Log<Heard<(u32, u32)>>,
}

fn wheels() -> Wheels {
    let mut graph = Graph::new("zip");
    let left = mouth(&mut graph, "left");
    let right = mouth(&mut graph, "right");
    let (sink, log) = ear(&mut graph, "sink");
    let wheels = Zip::of(|left: u32, right: u32| (left, right))
        .within(ms(5))
        .add_to(&mut graph, "wheels", &left, &right);
    graph.connect(&wheels, &sink);
    Wheels {
        system: simulated(graph),
        left,
        right,
        log,
    }
}

#[test]
fn two_that_arrive_together_are_joined_whoever_came_first() {
    let mut it = wheels();
    say_at(&mut it.system, 10, &it.left, 1);
    say_at(&mut it.system, 12, &it.right, 2);
    say_at(&mut it.system, 20, &it.right, 4);
    say_at(&mut it.system, 25, &it.left, 3);
    it.system.run_until(at_ms(50));
    let wanted = [Heard::Value((1, 2), 12), Heard::Value((3, 4), 25)];
    assert_eq!(it.log.take(), wanted);
}

#[test]
fn each_value_is_used_once_and_of_those_that_wait_the_newest() {
    let mut it = wheels();
    for (at, value) in [(0, 1), (1, 2), (2, 3)] {
        say_at(&mut it.system, at, &it.left, value);
    }
    say_at(&mut it.system, 3, &it.right, 10);
    say_at(&mut it.system, 4, &it.right, 11);
    say_at(&mut it.system, 5, &it.left, 4);
    it.system.run_until(at_ms(50));
    let wanted = [Heard::Value((3, 10), 3), Heard::Value((4, 11), 5)];
    assert_eq!(it.log.take(), wanted);
    let report = it.system.report();
    let delivered = edge(&report, 1)[1] + edge(&report, 3)[1];
    assert_eq!(delivered - 2 * edge(&report, 4)[0], 2, "found no partner");
}

#[test]
fn what_waited_for_too_long_is_forgotten() {
    let mut it = wheels();
    say_at(&mut it.system, 0, &it.left, 1);
    say_at(&mut it.system, 6, &it.right, 2);
    say_at(&mut it.system, 11, &it.left, 3);
    it.system.run_until(at_ms(50));
    assert_eq!(it.log.take(), [Heard::Value((3, 2), 11)]);
}

#[test]
fn without_a_limit_a_partner_may_come_at_any_time() {
    let mut graph = Graph::new("zip");
    let frame = mouth::<u8>(&mut graph, "frame");
    let pose = mouth::<f64>(&mut graph, "pose");
    let (sink, log) = ear::<String>(&mut graph, "sink");
    let sighting = Zip::of(|frame: u8, pose: f64| format!("{frame} at {pose}"));
    let sighting = sighting.add_to(&mut graph, "sighting", &frame, &pose);
    graph.connect(&sighting, &sink);
    let mut system = simulated(graph);
    say_at(&mut system, 0, &pose, 1.5);
    say_at(&mut system, 60_000, &frame, 7);
    system.run_until(at_ms(60_001));
    assert_eq!(log.take(), [Heard::Value("7 at 1.5".to_owned(), 60_000)]);
}
