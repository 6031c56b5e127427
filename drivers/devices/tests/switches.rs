//! A bumper and a button against a switch that bounces.

use crate::common::{Bench, Listener, ms, run, stamp, status};
use sinew_board::Pin;
use sinew_devices::{Bumper, BumperConfig, Button, ButtonConfig};
use sinew_messages::{Contact, Press};
use sinew_runtime::{Graph, Time};
use std::time::Duration;

const BOUNCE: Duration = Duration::from_millis(3);

/// What a bumper says while its switch is pressed and released at these moments.
fn bumps(config: &BumperConfig, presses: &[(Time, bool)]) -> Vec<Contact> {
    let mut bench = Bench::new();
    let switch = bench.mock.switch("bumper", Pin::GPIO17, BOUNCE);
    for (time, pressed) in presses.iter().copied() {
        let switch = switch.clone();
        bench.at(time, move || switch.set(pressed, stamp(time)));
    }
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let bumper = graph.add("bumper", Bumper::on(&bench.board, config).unwrap());
    let node = graph.add("listener", listener.clone());
    graph
        .connect(bumper.out::<Contact>(), &node)
        .keep_oldest(16);
    let system = run(graph, bench, ms(1000));
    assert_eq!(status(&system, "bumper").restarts, 0);
    listener.messages()
}

#[test]
fn a_free_bumper_says_so_at_start() {
    let said = bumps(&BumperConfig::default(), &[]);
    assert_eq!(said.len(), 1);
    assert!(!said[0].touching);
}

#[test]
fn a_bouncing_touch_is_exactly_one_event_and_so_is_its_end() {
    let presses = [(ms(100), true), (ms(300), false)];
    let said = bumps(&BumperConfig::default(), &presses);
    let touching: Vec<bool> = said.iter().map(|contact| contact.touching).collect();
    assert_eq!(touching, [false, true, false]);
    for (contact, (time, _)) in said[1..].iter().zip(presses) {
        let after = contact.measured_at.since(stamp(time));
        assert!(
            (Duration::from_millis(5)..=Duration::from_millis(8)).contains(&after),
            "{after:?}"
        );
    }
}

#[test]
fn a_touch_that_began_before_the_start_is_reported_at_the_start() {
    let said = bumps(&BumperConfig::default(), &[(ms(0), true), (ms(500), false)]);
    let touching: Vec<bool> = said.iter().map(|contact| contact.touching).collect();
    assert_eq!(touching.last(), Some(&false));
    assert!(touching.contains(&true), "{touching:?}");
}

#[test]
fn a_bumper_that_is_wired_to_open_touches_while_its_switch_is_open() {
    let mut config = BumperConfig::default();
    config.normally_closed = true;
    let said = bumps(&config, &[(ms(100), true)]);
    let touching: Vec<bool> = said.iter().map(|contact| contact.touching).collect();
    assert_eq!(touching, [true, false]);
}

#[test]
fn each_press_of_a_button_is_one_press_and_one_release() {
    let mut bench = Bench::new();
    let switch = bench.mock.switch("button", Pin::GPIO27, BOUNCE);
    for press in 0..5 {
        for (offset, pressed) in [(0, true), (60, false)] {
            let (switch, time) = (switch.clone(), ms(100 + 150 * press + offset));
            bench.at(time, move || switch.set(pressed, stamp(time)));
        }
    }
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let button = graph.add(
        "button",
        Button::on(&bench.board, &ButtonConfig::default()).unwrap(),
    );
    let node = graph.add("listener", listener.clone());
    graph.connect(button.out::<Press>(), &node).keep_oldest(16);
    run(graph, bench, ms(1000));
    let said: Vec<bool> = listener
        .messages()
        .iter()
        .map(|press| press.pressed)
        .collect();
    let wanted: Vec<bool> = (0..11).map(|index| index % 2 == 1).collect();
    assert_eq!(said, wanted);
}
