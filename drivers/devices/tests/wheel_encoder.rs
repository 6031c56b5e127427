//! An encoder against its twin.

use crate::common::{Bench, Listener, ms, run, stamp, status};
use sinew_board::Pin;
use sinew_devices::{WheelEncoder, WheelEncoderConfig};
use sinew_messages::{Radians, Side, WheelMotion};
use sinew_mock::{EncoderPins, EncoderTwin};
use sinew_runtime::{Graph, Injection, System};
use std::f64::consts::TAU;

const PINS: EncoderPins = EncoderPins {
    a: Pin::GPIO5,
    b: Pin::GPIO6,
};
const COUNT: f64 = TAU / 1000.0;

/// A wheel whose speed in rad/s is `speed(ms)`, turned in steps of a millisecond until `until`.
fn turning(bench: &mut Bench, until: u64, speed: impl Fn(u64) -> f64) -> EncoderTwin {
    let twin = bench.mock.encoder("encoder", PINS, 1000);
    for at in 1..=until {
        let (twin, by) = (twin.clone(), Radians(speed(at) * 0.001));
        bench.at(ms(at), move || {
            twin.turn(by, stamp(ms(at - 1)), stamp(ms(at)))
        });
    }
    twin
}

fn watch(bench: Bench, config: &WheelEncoderConfig, until: u64) -> (System, Vec<WheelMotion>) {
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let encoder = graph.add("encoder", WheelEncoder::on(&bench.board, config).unwrap());
    let node = graph.add("listener", listener.clone());
    graph.connect(encoder.out::<WheelMotion>(), &node);
    let system = run(graph, bench, ms(until));
    (system, listener.messages())
}

#[test]
fn a_wheel_is_followed_to_the_count_100_times_a_second() {
    let mut bench = Bench::new();
    turning(&mut bench, 1000, |_| 5.0);
    let mock = bench.mock.clone();
    let (_, motions) = watch(bench, &WheelEncoderConfig::default(), 1000);
    assert_eq!(motions.len(), 100);
    for motion in &motions {
        assert_eq!((motion.wheel, motion.lost_edges), (Side::Left, 0));
        let turned = 5.0 * motion.measured_at.seconds();
        assert!(
            (motion.angle.0 - turned).abs() <= 5.0 * 0.001 + COUNT,
            "{motion:?}"
        );
    }
    for motion in &motions[2..] {
        assert!((motion.speed.0 - 5.0).abs() < 0.01, "{motion:?}");
    }
    assert_eq!(mock.complaints(), []);
}

#[test]
fn backward_is_negative_and_a_mirrored_motor_turns_the_sign_around() {
    let mut bench = Bench::new();
    turning(&mut bench, 500, |_| -8.0);
    let (_, motions) = watch(bench, &WheelEncoderConfig::default(), 500);
    let last = motions.last().unwrap();
    assert!(
        (last.angle.0 + 4.0).abs() < 0.01 && (last.speed.0 + 8.0).abs() < 0.02,
        "{last:?}"
    );

    let mut bench = Bench::new();
    turning(&mut bench, 500, |_| -8.0);
    let mut config = WheelEncoderConfig::at(Side::Right, PINS.a, PINS.b);
    config.reversed = true;
    let (_, motions) = watch(bench, &config, 500);
    let last = motions.last().unwrap();
    assert_eq!(last.wheel, Side::Right);
    assert!(
        (last.angle.0 - 4.0).abs() < 0.01 && (last.speed.0 - 8.0).abs() < 0.02,
        "{last:?}"
    );
}

#[test]
fn a_wheel_that_goes_to_and_fro_loses_nothing() {
    let mut bench = Bench::new();
    let twin = turning(&mut bench, 2000, |at| 30.0 * (at as f64 / 70.0).sin());
    let (_, motions) = watch(bench, &WheelEncoderConfig::default(), 2000);
    let last = motions.last().unwrap();
    assert!(motions.iter().any(|motion| motion.speed.0 < -20.0));
    assert_eq!(last.lost_edges, 0);
    assert!(
        (last.angle.0 - twin.count() as f64 * COUNT).abs() < 1e-9,
        "{last:?}"
    );
}

#[test]
fn a_wheel_that_stops_has_no_speed_after_a_tenth_of_a_second() {
    let mut bench = Bench::new();
    turning(&mut bench, 500, |at| if at <= 300 { 5.0 } else { 0.0 });
    let (_, motions) = watch(bench, &WheelEncoderConfig::default(), 500);
    assert!(motions[28].speed.0 > 4.9, "{:?}", motions[28]);
    assert!(motions[31].speed.0 < 1.0, "{:?}", motions[31]);
    assert_eq!(motions[41].speed.0, 0.0, "{:?}", motions[41]);
}

#[test]
fn edges_that_the_board_lost_are_counted() {
    let mut bench = Bench::new();
    // 320 counts a millisecond: 1,600 edges of each line between two readings, of which the queue holds fewer.
    turning(&mut bench, 200, |_| 320.0 * COUNT * 1000.0);
    let (_, motions) = watch(bench, &WheelEncoderConfig::default(), 200);
    let last = motions.last().unwrap();
    assert!(last.lost_edges > 1000, "{last:?}");
    let truth = 64_000.0 * COUNT;
    let wrong = (truth - last.angle.0).abs() / COUNT;
    assert!(
        wrong <= last.lost_edges as f64 + 1.0,
        "{wrong} counts wrong, {last:?}"
    );
}

#[test]
fn the_angle_is_kept_across_a_restart() {
    let mut bench = Bench::new();
    turning(&mut bench, 1000, |at| if at <= 400 { 5.0 } else { 0.0 });
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let config = WheelEncoderConfig::default();
    let encoder = graph.add("encoder", WheelEncoder::on(&bench.board, &config).unwrap());
    let node = graph.add("listener", listener.clone());
    graph.connect(encoder.out::<WheelMotion>(), &node);
    let mut system = run(graph, bench, ms(500));
    system.handle().inject("encoder", Injection::Panic);
    system.run_until(ms(1000));
    assert_eq!(status(&system, "encoder").restarts, 1);
    let motions: Vec<WheelMotion> = listener.messages();
    let (before, after) = (&motions[45], motions.last().unwrap());
    assert!(
        (before.angle.0 - 2.0).abs() < 0.01 && before.angle == after.angle,
        "{after:?}"
    );
}

#[test]
fn an_unplugged_encoder_looks_like_a_wheel_that_stands() {
    let mut bench = Bench::new();
    let twin = turning(&mut bench, 1000, |_| 5.0);
    bench.at(ms(505), move || twin.unplug());
    let (system, motions) = watch(bench, &WheelEncoderConfig::default(), 1000);
    assert_eq!(system.report().failures, 0);
    assert_eq!(motions.len(), 100);
    assert_eq!(motions.last().unwrap().speed.0, 0.0);
}
