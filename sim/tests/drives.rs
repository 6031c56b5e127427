//! A robot's graph drives a body in a world.

use crate::scout::{Config, body, hall, scout};
use sinew_messages::{Meters, Timestamp};
use sinew_runtime::Time;
use sinew_sim::{Simulation, Stage, World, text_map};
use std::time::Duration;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_robot_drives_down_a_hall_and_stops_before_the_wall() {
    let run = Simulation::of(scout, body).world(hall()).run(secs(60));
    // 11.5 m to the wall, less the hull, the sonar's place and 0.4 m, and what it takes to stop.
    assert!(
        run.distance() > Meters(10.8) && run.distance() < Meters(11.2),
        "{run:?}"
    );
    assert!(run.closest_approach() > Meters(0.2), "{run:?}");
    assert_eq!((run.collisions(), run.failures()), (0, 0), "{run:?}");
    assert!(run.complaints().is_empty(), "{run:?}");
    assert!(run.messages() > 1000);
    assert_eq!(run.ended(), None);
    // 24 columns of 6 cells, all free; the way down the middle visits one row, but the last cell's end.
    assert!((run.coverage() - 23.0 / 144.0).abs() < 0.01, "{run:?}");
}

#[test]
fn a_robot_without_a_reflex_distance_touches_the_wall_once_and_pushes() {
    let blind = Config {
        stop_distance: Meters(-1.0),
        ..Config::default()
    };
    let run = Simulation::of(scout, body)
        .config(blind)
        .world(hall())
        .run(secs(60));
    assert_eq!(run.collisions(), 1, "{run:?}");
    assert_eq!(run.closest_approach(), Meters::ZERO);
    assert!(run.distance() < Meters(11.4), "{run:?}");
}

#[test]
fn a_disarmed_robot_stays_where_it_is() {
    let run = Simulation::of(scout, body)
        .world(hall())
        .disarmed()
        .run(secs(10));
    assert_eq!(run.distance(), Meters::ZERO);
    assert!(run.messages() > 100, "it runs all the same");
    assert!(!run.end().is_armed);
}

#[test]
fn the_same_seed_gives_the_same_trace_and_the_same_picture() {
    let once = |seed| {
        Simulation::of(scout, body)
            .world(hall())
            .seed(seed)
            .run(secs(20))
    };
    let (one, same, other) = (once(7), once(7), once(8));
    assert_eq!(one.trace_hash(), same.trace_hash());
    assert_eq!(one.messages(), same.messages());
    assert!(one.picture() == same.picture());
    assert_ne!(one.trace_hash(), other.trace_hash());
}

#[test]
fn a_stage_goes_on_where_it_stood_and_ends_like_a_simulation() {
    let config = Config::default();
    let mut stage = Stage::new(scout, body, &config, hall(), 7, |board| board).unwrap();
    let start = stage.snapshot();
    assert_eq!(start.at, Timestamp::ZERO);
    // It arms itself once its sonar has spoken.
    assert!(!start.is_armed && start.path.len() == 1);
    let mut before = start.pose.x;
    for second in 1..=20 {
        stage.run_until(Time::ZERO + secs(second));
        let now = stage.snapshot();
        assert!(now.pose.x > before, "{second}");
        before = now.pose.x;
    }
    let map = text_map(&stage.snapshot(), 72, 12);
    assert!(map.contains('→'), "{map}");
    let run = stage.finish();
    let whole = Simulation::of(scout, body)
        .world(hall())
        .seed(7)
        .run(secs(20));
    assert_eq!(run.distance(), whole.distance());
    assert_eq!(run.trace_hash(), whole.trace_hash());
}

#[test]
fn a_snapshot_shows_what_the_sonar_sees() {
    let world = World::from_toml(
        "[bounds]\nx = [0, 3]\ny = [0, 3]\n[start]\nx = 0.5\ny = 1.5\n",
        "w.toml",
    );
    let config = Config::default();
    let mut stage = Stage::new(scout, body, &config, world.unwrap(), 1, |board| board).unwrap();
    stage.run_until(Time::ZERO + Duration::from_millis(90));
    let seen = &stage.snapshot().seen[0];
    // From 0.6 m to the wall at 3 m; what it drove in 90 ms is less than a centimeter.
    assert!((seen.distance.unwrap().0 - 2.4).abs() < 0.01, "{seen:?}");
}
