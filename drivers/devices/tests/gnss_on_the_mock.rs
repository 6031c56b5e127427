//! A satellite receiver against its twin, in virtual time.

use crate::common::{Bench, Listener, counters, ms, run, stamp, status};
use sinew_board::Timestamp;
use sinew_devices::{Gnss, GnssConfig, GnssCounters};
use sinew_messages::{Degrees, Fix, FixMode, Hertz, Meters, MetersPerSecond};
use sinew_mock::{GnssState, GnssTwin};
use sinew_runtime::{Graph, Node, Restart};
use std::time::Duration;

/// A receiver that drives east, ten times a second.
fn fitted(bench: &Bench, baud: u32) -> GnssTwin {
    bench
        .mock
        .gnss("gnss", "gnss", baud, Hertz(10.0), |now: Timestamp| {
            GnssState {
                latitude: Degrees(44.068_843),
                longitude: Degrees(-121.314_191 + 1e-4 * now.seconds()),
                altitude: Meters(1127.7),
                speed: MetersPerSecond(0.8),
                track: Degrees(90.0),
                ..GnssState::default()
            }
        })
}

fn listened_to(graph: &mut Graph, bench: &Bench, baud: u32) -> (Node<Gnss>, Listener<Fix>) {
    let gnss = graph.add(
        "gnss",
        Gnss::on(&bench.board, &GnssConfig::at("gnss", baud)).unwrap(),
    );
    graph.supervise(&gnss, Restart::patient());
    let listener = Listener::new();
    let ears = graph.add("ears", listener.clone());
    graph.connect(gnss.out::<Fix>(), &ears).keep_oldest(1000);
    (gnss, listener)
}

#[test]
fn every_epoch_of_the_twin_is_a_fix_within_its_own_period() {
    let (bench, mut graph) = (Bench::new(), Graph::new("test"));
    let _twin = fitted(&bench, 115_200);
    let (gnss, listener) = listened_to(&mut graph, &bench, 115_200);
    let counted = counters::<_, GnssCounters>(&mut graph, &gnss, ms(10_050));
    let system = run(graph, bench, ms(10_060));

    let fixes = listener.messages();
    assert_eq!(fixes.len(), 100);
    for (index, fix) in fixes.iter().enumerate() {
        let second = 0.1 * (index as f64 + 1.0);
        let epoch = fix.time.unwrap();
        assert_eq!(epoch.millisecond_of_day as usize, 100 * (index + 1));
        assert_eq!((fix.mode, fix.satellites), (FixMode::ThreeD, Some(8)));
        assert!((fix.longitude.unwrap().0 - (-121.314_191 + 1e-4 * second)).abs() < 1e-7);
        assert!((fix.altitude.unwrap().0 - 1127.7).abs() < 0.06);
        assert!((fix.speed.unwrap().0 - 0.8).abs() < 0.001);
        // Until the end of a cycle is known, the next one ends it.
        let most = if index < 2 { 125 } else { 25 };
        let late = fix
            .received_at
            .since(stamp(ms(u64::from(epoch.millisecond_of_day))));
        assert!(
            late <= Duration::from_millis(most),
            "{late:?} after epoch {index}"
        );
    }
    let counted = counted.lock().unwrap()[0];
    assert_eq!(
        (counted.fixes, counted.late, counted.line.damaged()),
        (100, 0, 0)
    );
    assert_eq!(status(&system, "gnss").failures, 0);
}

#[test]
fn a_receiver_that_falls_silent_fails_and_is_heard_again_when_it_is_back() {
    let (mut bench, mut graph) = (Bench::new(), Graph::new("test"));
    let twin = fitted(&bench, 115_200);
    let (_, listener) = listened_to(&mut graph, &bench, 115_200);
    let again = twin.clone();
    bench.at(ms(3_005), move || twin.unplug());
    bench.at(ms(20_005), move || again.replug());
    let system = run(graph, bench, ms(30_000));

    let status = status(&system, "gnss");
    let why = status.last_failure.unwrap();
    assert!(
        why.contains("no byte for 5") && why.contains("\"gnss\""),
        "{why}"
    );
    // Silent from 3 s to 20 s: it is given 5 s each time.
    assert!((2..=3).contains(&status.failures), "{}", status.failures);
    assert_eq!(listener.between(ms(3_200), ms(20_000)).len(), 0);
    assert!(listener.between(ms(21_000), ms(30_000)).len() >= 88);
}

#[test]
fn a_receiver_without_a_position_says_so_at_every_epoch() {
    let (bench, mut graph) = (Bench::new(), Graph::new("test"));
    let blind = |_: Timestamp| GnssState {
        satellites: 0,
        ..GnssState::default()
    };
    let _twin = bench.mock.gnss("gnss", "gnss", 115_200, Hertz(1.0), blind);
    let (_, listener) = listened_to(&mut graph, &bench, 115_200);
    run(graph, bench, ms(10_500));
    let fixes = listener.messages();
    assert!(fixes.len() >= 9, "{}", fixes.len());
    assert!(
        fixes
            .iter()
            .all(|fix| fix.mode == FixMode::None && fix.latitude.is_none())
    );
}

#[test]
fn a_receiver_at_another_speed_fails_and_the_error_says_so() {
    let (bench, mut graph) = (Bench::new(), Graph::new("test"));
    let _twin = fitted(&bench, 115_200);
    let (_, listener) = listened_to(&mut graph, &bench, 9600);
    let system = run(graph, bench, ms(7_000));
    let why = status(&system, "gnss").last_failure.unwrap();
    assert!(why.contains("check the baud rate, which is 9600"), "{why}");
    assert_eq!(listener.messages().len(), 0);
}
