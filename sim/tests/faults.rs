//! Faults strike, properties watch, and both say what happened.

use crate::scout::{Config, body, hall, scout};
use sinew_messages::Meters;
use sinew_runtime::{Restart, Time};
use sinew_safety::Refusal;
use sinew_sim::{
    Fault, Simulation, SimulationError, Stage, freeze, no_motion_after_its_lease,
    no_wheel_turns_after_silence, panic, property, unplug,
};
use std::time::Duration;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn drive() -> Simulation<Config> {
    Simulation::of(scout, body).world(hall()).seed(7)
}

#[test]
fn a_robot_whose_sonar_is_unplugged_stops_because_of_its_reflex() {
    let run = drive()
        .fault(Fault::at(secs(5), unplug("sonar")))
        .always(no_wheel_turns_after_silence(ms(250)))
        .run(secs(20));
    assert!(
        run.distance() > Meters(1.5) && run.distance() < Meters(2.2),
        "{run:?}"
    );
    assert!(
        run.stopped_by("reflex") && !run.stopped_by("pilot"),
        "{run:?}"
    );
    assert_eq!(run.faults_injected(), 1);
    assert!(
        run.failures() > 0,
        "the sonar's actor fails without its sensor"
    );
    assert!(run.vacuous().is_empty(), "{run:?}");
    assert!(run.picture().contains("sonar unplugged"));
}

#[test]
fn a_robot_that_ends_by_itself_leaves_a_body_that_stands() {
    let impatient = Config {
        restart: Restart::never(),
        ..Config::default()
    };
    let run = drive()
        .config(impatient)
        .fault(Fault::at(secs(5), unplug("sonar")))
        .always(no_wheel_turns_after_silence(ms(300)))
        .always(no_motion_after_its_lease())
        .run(secs(20));
    assert!(
        run.ended().is_some_and(|why| why.contains("sonar")),
        "{run:?}"
    );
    assert_eq!(run.duration(), secs(20));
    assert!(
        run.distance() > Meters(1.5) && run.distance() < Meters(2.2),
        "{run:?}"
    );
    assert_eq!(run.end().twist.x.0, 0.0);
}

#[test]
fn a_robot_that_does_not_heed_silence_breaks_the_property_with_seed_time_and_command() {
    let heedless = Config {
        heeds_silence: false,
        ..Config::default()
    };
    let broken = drive()
        .config(heedless)
        .fault(Fault::at(secs(5), unplug("sonar")))
        .always(no_wheel_turns_after_silence(ms(250)))
        .try_run(secs(20));
    let Err(SimulationError::Broken(broken)) = broken else {
        panic!("{broken:?}");
    };
    let told = broken.to_string();
    for part in [
        "broken at 5.255",
        "with seed 7",
        "no wheel turns after 250ms of silence",
        "left motor is driven",
        "255ms after sonar fell silent",
        "SINEW_SEED=7 cargo test -p sinew-sim -- --exact faults::a_robot_that_does_not_heed_silence",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
}

#[test]
#[should_panic(expected = "no wheel turns after 250ms of silence")]
fn a_broken_property_panics_in_the_test() {
    let heedless = Config {
        heeds_silence: false,
        ..Config::default()
    };
    let simulation = drive()
        .config(heedless)
        .fault(Fault::at(secs(5), unplug("sonar")));
    let _ = simulation
        .always(no_wheel_turns_after_silence(ms(250)))
        .run(secs(20));
}

/// The reasons against arming, as a person reads them.
fn reasons(refusals: &[Refusal]) -> String {
    let told: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    told.join("; ")
}

#[test]
fn a_robot_that_never_heard_what_its_wheels_need_does_not_arm_itself() {
    let mut stage = Stage::new(scout, body, &Config::default(), hall(), 7, |board| board).unwrap();
    stage.fault(Fault::at(ms(0), unplug("sonar"))).unwrap();
    stage.run_until(Time::ZERO + secs(5));
    let snapshot = stage.snapshot();
    assert!(!snapshot.is_armed && snapshot.distance == Meters::ZERO);
    let told = reasons(stage.waits_for());
    assert!(
        told.starts_with("nothing came from \"sonar\" yet"),
        "{told}"
    );
    let refused = stage.arming().arm().unwrap_err();
    assert_eq!(reasons(&refused), told);
}

#[test]
fn a_robot_whose_sonar_fell_silent_is_not_armed_again_before_it_speaks() {
    let mut stage = Stage::new(scout, body, &Config::default(), hall(), 7, |board| board).unwrap();
    let silent = Fault::at(secs(2), unplug("sonar")).lasting(secs(2));
    stage.fault(silent).unwrap();
    stage.run_until(Time::ZERO + secs(1));
    assert!(stage.snapshot().is_armed, "{}", reasons(stage.waits_for()));
    stage.disarm();
    stage.run_until(Time::ZERO + secs(3));
    let told = reasons(&stage.arming().arm().unwrap_err());
    assert!(
        told.starts_with("\"sonar\" has said nothing for 10"),
        "{told}"
    );
    stage.run_until(Time::ZERO + secs(6));
    assert!(!stage.snapshot().is_armed, "somebody disarmed it");
    stage.arming().arm().unwrap();
}

#[test]
fn whoever_disarms_a_robot_that_waits_is_obeyed() {
    let mut stage = Stage::new(scout, body, &Config::default(), hall(), 7, |board| board).unwrap();
    assert!(!stage.snapshot().is_armed && !stage.waits_for().is_empty());
    // As `ctl disarm` does, behind the back of the stage.
    stage.board().safety().disarm();
    stage.run_until(Time::ZERO + secs(2));
    assert!(!stage.snapshot().is_armed && stage.waits_for().is_empty());
}

#[test]
fn a_frozen_sonar_is_believed_and_that_ends_at_the_wall() {
    let run = drive()
        .fault(Fault::at(secs(5), freeze("sonar")))
        .run(secs(40));
    assert_eq!(
        run.collisions(),
        1,
        "a stale echo is a blind robot: {run:?}"
    );
    assert!(!run.stopped_by("reflex"), "{run:?}");
}

#[test]
fn a_panic_of_the_pilot_ends_its_leases_and_the_restart_drives_on() {
    let run = drive()
        .fault(Fault::at(secs(5), panic("pilot")))
        .always(no_motion_after_its_lease())
        .run(secs(20));
    assert_eq!(run.failures(), 1, "{run:?}");
    assert_eq!(run.report().restarts, 1, "{run:?}");
    assert!(run.distance() > Meters(5.0), "{run:?}");
}

#[test]
fn a_lease_that_runs_out_between_commands_stops_the_wheels_each_time() {
    let slow = Config {
        period: ms(1000),
        lease: ms(300),
        ..Config::default()
    };
    let run = drive()
        .config(slow)
        .always(no_motion_after_its_lease())
        .run(secs(20));
    assert!(run.vacuous().is_empty(), "leases did end: {run:?}");
    assert!(
        run.distance() > Meters(0.2) && run.distance() < Meters(4.0),
        "{run:?}"
    );
    assert!(run.stopped_by("drive"), "{run:?}");
}

#[test]
fn a_property_that_nothing_put_to_the_test_says_so() {
    let run = drive()
        .always(no_wheel_turns_after_silence(ms(250)))
        .always(no_motion_after_its_lease())
        .run(secs(5));
    assert_eq!(
        run.vacuous(),
        [
            "no wheel turns after 250ms of silence",
            "no motion after its lease"
        ]
    );
}

#[test]
fn a_property_of_ones_own_sees_every_step() {
    let run = drive()
        .always(property("it stays below 0.3 m/s", |moment| {
            let speed = moment.twist.x.0;
            if speed > 0.3 {
                Err(format!("{speed:.2} m/s"))
            } else {
                Ok(speed > 0.0)
            }
        }))
        .try_run(secs(5));
    let Err(SimulationError::Broken(broken)) = run else {
        panic!("{run:?}");
    };
    assert!(broken.breach.at.seconds() < 2.0, "{broken}");
}

#[test]
fn a_fault_in_something_that_is_not_there_is_refused_with_what_is() {
    for (fault, told) in [
        (
            unplug("lidar"),
            "there is no such part; there are left motor, right motor, sonar",
        ),
        (
            panic("reflexes"),
            "there is no such node; there are sonar, pilot, reflex, drive",
        ),
    ] {
        let refused = drive().fault(Fault::at(secs(1), fault)).try_run(secs(2));
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
}

#[test]
fn a_device_without_a_fitted_part_is_named_before_anything_runs() {
    let bare = |_: &Config| sinew_sim::Body::bench();
    let refused = Simulation::of(scout, bare)
        .try_run(secs(1))
        .unwrap_err()
        .to_string();
    assert_eq!(
        refused,
        "\"HC-SR04 trigger\" of node \"sonar\" claims GPIO23 (header pin 16), but the body fits nothing there: \
         fit the part, or take the device out of the graph"
    );
}
