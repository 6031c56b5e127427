//! An odometer behind two encoders.

use crate::common::{Bench, Listener, Speaker, for_ms, ms, run, stamp};
use sinew_devices::{Odometer, OdometerConfig};
use sinew_messages::{Odometry, Radians, RadiansPerSecond, Side, WheelMotion};
use sinew_runtime::{Graph, Time};
use std::f64::consts::{FRAC_PI_2, TAU};

/// A wheel that turns evenly, read every 10 ms from `from` until before `until`.
fn wheel(wheel: Side, speed: f64, from: u64, until: u64) -> Speaker<WheelMotion> {
    let reading = |at: u64| {
        let motion = WheelMotion {
            measured_at: stamp(ms(at)),
            wheel,
            // Encoders that ran before the odometer did: their angles begin anywhere.
            angle: Radians(100.0 + speed * (at as f64 * 0.001)),
            speed: RadiansPerSecond(speed),
            lost_edges: 0,
        };
        (ms(at), motion)
    };
    Speaker::new((from..until).step_by(10).map(reading).collect())
}

fn odometry(
    left: Speaker<WheelMotion>,
    right: Speaker<WheelMotion>,
    until: Time,
) -> Listener<Odometry> {
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let odometer = graph.add(
        "odometer",
        Odometer::new(&OdometerConfig::default()).unwrap(),
    );
    let left = graph.add("left", left);
    let right = graph.add("right", right);
    let node = graph.add("listener", listener.clone());
    graph.connect(left.out::<WheelMotion>(), &odometer);
    graph.connect(right.out::<WheelMotion>(), &odometer);
    graph
        .connect(odometer.out::<Odometry>(), &node)
        .silence_after(for_ms(100));
    run(graph, Bench::new(), until);
    listener
}

#[test]
fn straight_ahead_is_the_way_of_the_wheels() {
    let both = |side| wheel(side, 10.0, 10, 1011);
    let said = odometry(both(Side::Left), both(Side::Right), ms(1020)).messages();
    assert_eq!(said.len(), 101);
    let last = said.last().unwrap();
    // The first pair is where it begins: 10 ms to 1010 ms, 10 rad/s on wheels of 32.5 mm.
    assert!((last.pose.x.0 - 0.325).abs() < 1e-9, "{last:?}");
    assert!(
        last.pose.y.0.abs() < 1e-9 && last.pose.heading.0.abs() < 1e-9,
        "{last:?}"
    );
    assert!((last.twist.x.0 - 0.325).abs() < 1e-9, "{last:?}");
    assert_eq!(last.measured_at, stamp(ms(1010)));
}

#[test]
fn a_quarter_turn_on_the_spot_is_a_quarter_turn_to_the_left() {
    // heading = r (right - left) / track, in one second.
    let speed = FRAC_PI_2 * 0.15 / 2.0 / 0.0325;
    let said = odometry(
        wheel(Side::Left, -speed, 10, 1011),
        wheel(Side::Right, speed, 10, 1011),
        ms(1020),
    )
    .messages();
    let last = said.last().unwrap();
    assert!((last.pose.heading.0 - FRAC_PI_2).abs() < 1e-9, "{last:?}");
    assert!(last.pose.x.0.hypot(last.pose.y.0) < 1e-9, "{last:?}");
    assert!((last.twist.yaw.0 - FRAC_PI_2).abs() < 1e-9, "{last:?}");
}

#[test]
fn a_full_circle_ends_where_it_began() {
    let (way, turn) = (0.5, TAU);
    let left = (way - turn * 0.075) / 0.0325;
    let right = (way + turn * 0.075) / 0.0325;
    let said = odometry(
        wheel(Side::Left, left, 10, 1011),
        wheel(Side::Right, right, 10, 1011),
        ms(1020),
    )
    .messages();
    let (half, last) = (&said[50], said.last().unwrap());
    assert!(half.pose.y.0 > 0.1, "{half:?}");
    assert!(last.pose.x.0.hypot(last.pose.y.0) < 1e-9, "{last:?}");
}

#[test]
fn one_silent_wheel_silences_the_odometry() {
    let listener = odometry(
        wheel(Side::Left, 5.0, 10, 1000),
        wheel(Side::Right, 5.0, 10, 500),
        ms(1000),
    );
    assert!((49..=50).contains(&listener.messages().len()));
    let silences = listener.silences.lock().unwrap().clone();
    assert_eq!(silences.len(), 1);
    assert!(
        (ms(590)..=ms(600)).contains(&silences[0]),
        "{}",
        silences[0]
    );
}

/// What an odometer says of a wheel that turns with 10 rad/s and is read at these moments, beside a left one that is read
/// every 10 ms.
fn beside(right: impl Iterator<Item = u64>) -> Vec<Odometry> {
    let reading = |at: u64| {
        let motion = WheelMotion {
            measured_at: stamp(ms(at)),
            wheel: Side::Right,
            angle: Radians(10.0 * (at as f64 * 0.001)),
            speed: RadiansPerSecond(10.0),
            lost_edges: 0,
        };
        (ms(at), motion)
    };
    let right = Speaker::new(right.map(reading).collect());
    odometry(wheel(Side::Left, 10.0, 10, 1011), right, ms(1020)).messages()
}

#[test]
fn a_missing_reading_of_one_wheel_makes_no_turn_and_loses_no_way() {
    let said = beside((10..1011).step_by(10).filter(|at| at % 70 != 0));
    let last = said.last().unwrap();
    let pose = last.pose;
    assert!((pose.x.0 - 0.325).abs() < 1e-9, "{last:?}");
    assert!(
        pose.y.0.abs() < 1e-9 && pose.heading.0.abs() < 1e-9,
        "{last:?}"
    );
}

#[test]
fn wheels_that_are_read_in_turns_make_no_turn() {
    let said = beside((14..1011).step_by(10));
    assert!(said.len() >= 99, "{}", said.len());
    let first = said[1].pose.heading.0;
    for odometry in &said[1..] {
        // The first readings were 4 ms apart, and the turn between them is not known; it must not grow.
        assert!(
            (odometry.pose.heading.0 - first).abs() < 1e-9,
            "{odometry:?}"
        );
    }
}
