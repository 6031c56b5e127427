//! An HC-SR04 against its twin, and against lines that no healthy sensor shows.

use crate::common::{Bench, Listener, counters, for_ms, ms, run, stamp, status};
use sinew_board::Pin;
use sinew_devices::{HcSr04, HcSr04Config, HcSr04Counters};
use sinew_messages::{Meters, Radians, Range, Timestamp};
use sinew_mock::{EncoderPins, HcSr04Pins, HcSr04Twin};
use sinew_runtime::{Graph, Node, Restart, Time};
use std::f64::consts::TAU;
use std::time::Duration;

const PINS: HcSr04Pins = HcSr04Pins {
    trigger: Pin::GPIO23,
    echo: Pin::GPIO24,
};

fn fit(
    bench: &Bench,
    world: impl FnMut(Timestamp) -> Option<Meters> + Send + 'static,
) -> HcSr04Twin {
    bench.mock.hc_sr04("sonar", PINS, world)
}

/// A sonar with somebody who listens, who may hear nothing for 200 ms.
fn graph(bench: &Bench, config: &HcSr04Config) -> (Graph, Node<HcSr04>, Listener<Range>) {
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let sonar = graph.add("sonar", HcSr04::on(&bench.board, config).unwrap());
    let node = graph.add("listener", listener.clone());
    graph
        .connect(sonar.out::<Range>(), &node)
        .silence_after(for_ms(200));
    graph.supervise(&sonar, Restart::patient());
    (graph, sonar, listener)
}

#[test]
fn a_wall_is_measured_20_times_a_second_to_the_millimeter() {
    let bench = Bench::new();
    let _twin = fit(&bench, |_| Some(Meters(1.234)));
    let mock = bench.mock.clone();
    let (graph, _, listener) = graph(&bench, &HcSr04Config::default());
    let system = run(graph, bench, ms(2000));
    let ranges = listener.messages();
    assert!((38..=39).contains(&ranges.len()), "{}", ranges.len());
    for range in &ranges {
        let found = range.distance.unwrap();
        assert!((found.0 - 1.234).abs() < 0.001, "{found}");
    }
    for pair in ranges.windows(2) {
        let between = pair[1].measured_at.since(pair[0].measured_at);
        assert!(
            between.abs_diff(for_ms(50)) < Duration::from_micros(50),
            "{between:?}"
        );
    }
    assert_eq!(system.report().failures, 0);
    assert_eq!(mock.complaints(), []);
}

#[test]
fn no_echo_is_unknown_and_no_failure() {
    let bench = Bench::new();
    let _twin = fit(&bench, |_| None);
    let (mut graph, sonar, listener) = graph(&bench, &HcSr04Config::default());
    let counted = counters(&mut graph, &sonar, ms(1999));
    let system = run(graph, bench, ms(2000));
    let ranges = listener.messages();
    assert!(ranges.len() >= 38, "{}", ranges.len());
    assert!(ranges.iter().all(|range| range.distance.is_none()));
    assert_eq!(status(&system, "sonar").restarts, 0);
    let counted: HcSr04Counters = counted.lock().unwrap()[0];
    assert_eq!((counted.echoes, counted.busy), (0, 0));
    assert_eq!(counted.pings, 39);
}

#[test]
fn an_echo_from_beyond_the_range_is_unknown() {
    let bench = Bench::new();
    let far_then_near = |now| {
        Some(if now < stamp(ms(1000)) {
            Meters(2.1)
        } else {
            Meters(1.9)
        })
    };
    let _twin = fit(&bench, far_then_near);
    let mut config = HcSr04Config::default();
    config.max_range_m = Meters(2.0);
    let (graph, _, listener) = graph(&bench, &config);
    run(graph, bench, ms(2000));
    let far = listener.between(ms(0), ms(1000));
    let near = listener.between(ms(1060), ms(2000));
    assert!(far.len() >= 18 && far.iter().all(|range| range.distance.is_none()));
    assert!(near.len() >= 18 && near.iter().all(|range| range.distance.is_some()));
}

#[test]
fn an_unplugged_sensor_fails_falls_silent_and_works_again_when_it_is_plugged_in() {
    let mut bench = Bench::new();
    let twin = fit(&bench, |_| Some(Meters(0.5)));
    let again = twin.clone();
    bench.at(ms(1010), move || twin.unplug());
    bench.at(ms(5010), move || again.replug());
    let (graph, _, listener) = graph(&bench, &HcSr04Config::default());
    let mut system = run(graph, bench, ms(5000));
    assert!(listener.between(ms(0), ms(1010)).len() >= 18);
    assert_eq!(listener.between(ms(1060), ms(5000)), []);
    let silences = listener.silences.lock().unwrap().clone();
    assert_eq!(silences.len(), 1);
    assert!(
        (ms(1200)..ms(1260)).contains(&silences[0]),
        "{}",
        silences[0]
    );
    let unplugged = status(&system, "sonar");
    assert!(unplugged.last_failure.unwrap().contains("check its supply"));
    // Pauses of 100, 200, 400, 800, 1600 ms fit into four seconds.
    assert!(
        (4..=6).contains(&unplugged.restarts),
        "{}",
        unplugged.restarts
    );
    system.run_until(ms(9000));
    let found = listener.between(ms(7200), ms(9000));
    assert!(found.len() >= 34, "{}", found.len());
    assert!(found.iter().all(|range| range.distance.is_some()));
}

/// A sensor that a test plays by hand: Echo is line A of an encoder, which is high after one count and low again
/// after one count back.
fn played(bench: &mut Bench, edges: &[(u64, bool)]) {
    let pins = EncoderPins {
        a: PINS.echo,
        b: Pin::GPIO4,
    };
    let line = bench.mock.encoder("played echo", pins, 4);
    let count = Radians(TAU / 4.0);
    line.turn(count * 0.5, Timestamp::ZERO, Timestamp::ZERO);
    for (us, high) in edges.iter().copied() {
        let line = line.clone();
        let time = Time::from_nanos(us * 1000);
        let by = if high { count } else { -count };
        bench.at(time, move || line.turn(by, stamp(time), stamp(time)));
    }
}

#[test]
fn an_edge_from_before_the_trigger_belongs_to_no_ping() {
    let mut bench = Bench::new();
    // A stray pulse just before the ping at 50 ms, then the ping's own: 5831 us are a meter at 20 degC.
    played(
        &mut bench,
        &[
            (49_000, true),
            (49_900, false),
            (50_500, true),
            (56_331, false),
        ],
    );
    let (graph, _, listener) = graph(&bench, &HcSr04Config::default());
    run(graph, bench, ms(80));
    let ranges = listener.messages();
    assert_eq!(ranges.len(), 1);
    assert!((ranges[0].distance.unwrap().0 - 1.0).abs() < 0.002);
    assert_eq!(ranges[0].measured_at, Timestamp::from_nanos(56_331_000));
}

#[test]
fn an_echo_that_outlasts_its_ping_is_not_taken_for_the_next_one() {
    let mut bench = Bench::new();
    // The ping at 50 ms is answered for 70 ms: the one at 100 ms is left out, the one at 150 ms measures.
    played(
        &mut bench,
        &[
            (50_500, true),
            (120_500, false),
            (150_500, true),
            (153_416, false),
        ],
    );
    let (mut graph, sonar, listener) = graph(&bench, &HcSr04Config::default());
    let counted = counters(&mut graph, &sonar, ms(170));
    run(graph, bench, ms(180));
    let found: Vec<_> = listener
        .messages()
        .iter()
        .map(|range| range.distance)
        .collect();
    let [None, None, Some(last)] = found[..] else {
        panic!("{found:?}");
    };
    assert!((last.0 - 0.5).abs() < 0.002, "{last}");
    let counted: HcSr04Counters = counted.lock().unwrap()[0];
    assert_eq!((counted.pings, counted.busy), (2, 1));
}

#[test]
fn an_echo_line_that_stays_high_is_a_failure() {
    let mut bench = Bench::new();
    played(&mut bench, &[(50_500, true)]);
    let (graph, _, listener) = graph(&bench, &HcSr04Config::default());
    let system = run(graph, bench, ms(1000));
    assert!(
        listener
            .messages()
            .iter()
            .all(|range| range.distance.is_none())
    );
    let status = status(&system, "sonar");
    assert!(status.restarts >= 1);
    assert!(status.last_failure.unwrap().contains("GPIO24 stays high"));
}

#[test]
fn two_sensors_on_one_pin_are_refused_by_name() {
    let bench = Bench::new();
    let config = HcSr04Config::default();
    let mut graph = Graph::new("test");
    graph.add("front", HcSr04::on(&bench.board, &config).unwrap());
    let clash = HcSr04::on(&bench.board, &config).unwrap_err().to_string();
    assert!(
        clash.contains("front") && clash.contains("GPIO23"),
        "{clash}"
    );
}
