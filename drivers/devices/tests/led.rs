//! An LED against its twin.

use crate::common::{Bench, Speaker, ms, run, stamp};
use sinew_board::Pin;
use sinew_devices::{Led, LedConfig, Light};
use sinew_messages::{Hertz, Timestamp};
use sinew_mock::LedTwin;
use sinew_runtime::{Graph, Time};

fn lit_by(
    config: &LedConfig,
    lines: Vec<(Time, Light)>,
    until: Time,
) -> (LedTwin, sinew_runtime::System) {
    let bench = Bench::new();
    let twin = bench.mock.led("led", Pin::GPIO25);
    let mut graph = Graph::new("test");
    let led = graph.add("led", Led::on(&bench.board, config).unwrap());
    let speaker = graph.add("speaker", Speaker::new(lines));
    graph.connect(speaker.out::<Light>(), &led);
    (twin, run(graph, bench, until))
}

/// The changes after the board opened the line.
fn changes(twin: &LedTwin) -> Vec<(Timestamp, bool)> {
    twin.changes()
        .into_iter()
        .filter(|(at, _)| *at > Timestamp::ZERO)
        .collect()
}

#[test]
fn a_blink_is_lit_for_half_of_each_period_exactly() {
    let blink = Light::Blinking { rate: Hertz(5.0) };
    let (twin, _system) = lit_by(&LedConfig::default(), vec![(ms(100), blink)], ms(550));
    let wanted: Vec<(Timestamp, bool)> = (0..5)
        .map(|index| (stamp(ms(100 + 100 * index)), index % 2 == 0))
        .collect();
    assert_eq!(changes(&twin), wanted);
}

#[test]
fn the_same_message_again_does_not_disturb_a_blink() {
    let blink = Light::Blinking { rate: Hertz(5.0) };
    let lines = vec![(ms(100), blink), (ms(150), blink), (ms(270), blink)];
    let (twin, _system) = lit_by(&LedConfig::default(), lines, ms(450));
    let at: Vec<Timestamp> = changes(&twin).iter().map(|(at, _)| *at).collect();
    assert_eq!(at, [100, 200, 300, 400].map(|time| stamp(ms(time))));
}

#[test]
fn rates_that_no_eye_sees_and_rates_that_are_none_do_not_blink() {
    let fast = Light::Blinking { rate: Hertz(1e9) };
    let none = Light::Blinking {
        rate: Hertz(f64::NAN),
    };
    let lines = vec![(ms(100), fast), (ms(200), none), (ms(300), Light::On)];
    let (twin, _system) = lit_by(&LedConfig::default(), lines, ms(400));
    let wanted = [(100, true), (200, false), (300, true)];
    assert_eq!(changes(&twin), wanted.map(|(at, lit)| (stamp(ms(at)), lit)));
}

#[test]
fn it_is_dark_after_a_stop() {
    let (twin, mut system) = lit_by(&LedConfig::default(), vec![(ms(100), Light::On)], ms(200));
    assert!(twin.is_lit());
    system.shut_down();
    assert!(!twin.is_lit());
}
