//! Each sensor, unplugged and frozen while the wheels turn: what they do then, and how soon.

use rover::{body, rover};
use sinew::prelude::*;
use sinew_sim::{Fault, FaultKind, Run, freeze, no_motion_after_its_lease, property, unplug};
use std::cell::Cell;
use std::rc::Rc;

/// When the fault strikes: a rover of seed 7 is on its way then.
const STRUCK: Duration = secs(6);

/// A run with this fault, which lasts so long, and how long after it a motor was last driven.
fn struck_by(kind: FaultKind, lasts: Duration) -> (Run, Duration) {
    let last = Rc::new(Cell::new(Timestamp::ZERO));
    let seen = Rc::clone(&last);
    let strikes = Timestamp::ZERO + STRUCK;
    let watch = property("it drives when the fault strikes", move |moment| {
        let driven = moment.motors.iter().any(|motor| motor.duty != Duty::ZERO);
        if driven {
            seen.set(moment.at);
        }
        let just_now = moment.at >= strikes && moment.at < strikes + ms(10);
        Ok(driven && just_now)
    });
    let run = Simulation::of(rover, body)
        .seed(7)
        .fault(Fault::at(STRUCK, kind))
        .always(watch)
        .always(no_motion_after_its_lease())
        .run(STRUCK + lasts);
    assert_eq!(run.faults_injected(), 1);
    let watched = !run.vacuous().iter().any(|name| name.contains("strikes"));
    assert!(watched, "a parked rover proves nothing");
    (run, last.get().since(strikes))
}

fn failures_of(run: &Run, node: &str) -> u64 {
    let nodes = &run.report().nodes;
    let found = nodes.iter().find(|found| found.name == node);
    found.expect("it is a node").failures
}

/// It fails, is tried again with growing pauses, and nothing moves from `within` on to the end.
fn stops_the_wheels(part: &str, fault: FaultKind, within: Duration, by: &str) {
    let (run, driven_for) = struck_by(fault, secs(30));
    assert!(driven_for <= within, "{part}: driven for {driven_for:?}");
    assert!(run.stopped_by(by), "{part}: not the {by} stopped it");
    // Pauses of 0.1, 0.2, 0.4, 0.8, 1.6 s, then 2 s each: about 18 failures in 30 s.
    let failures = failures_of(&run, part);
    assert!((12..=24).contains(&failures), "{part}: {failures} failures");
    assert_eq!(run.ended(), None, "{part}: patience has no limit");
    assert_eq!(run.collisions(), 0, "{part}");
}

#[test]
fn an_unplugged_sonar_stops_the_wheels() {
    stops_the_wheels("sonar", unplug("sonar"), ms(250), "reflex");
}

#[test]
fn an_unplugged_inertial_sensor_stops_the_wheels() {
    stops_the_wheels("imu", unplug("imu"), ms(110), "reflex");
}

#[test]
fn an_unplugged_battery_monitor_stops_the_wheels() {
    stops_the_wheels("battery", unplug("battery"), ms(1_100), "pilot");
}

#[test]
fn an_unplugged_receiver_fails_and_is_tried_again_and_no_wheel_depends_on_it() {
    let (run, driven_for) = struck_by(unplug("gnss"), secs(18));
    // Silence of 5 s each, with the pauses between.
    assert!((2..=4).contains(&failures_of(&run, "gnss")));
    assert!(driven_for > secs(15), "it drove for {driven_for:?}");
    assert_eq!(run.collisions(), 0);
}

/// What no wire tells: these parts look well when they are torn off or hang. The rover drives on, and what is left of
/// its senses keeps it off walls.
#[test]
fn sensors_that_cannot_be_told_from_well_ones_leave_sonar_and_reflex_in_charge() {
    let quiet = [
        // Normally open: without wires it is never touched.
        unplug("bumper"),
        freeze("bumper"),
        // They repeat what they said last.
        freeze("imu"),
        freeze("battery"),
        freeze("gnss"),
    ];
    for fault in quiet {
        let what = fault.to_string();
        let (run, driven_for) = struck_by(fault, secs(8));
        assert_eq!(run.collisions(), 0, "{what}");
        assert_eq!(run.failures(), 0, "{what}: then it can be told after all");
        assert!(driven_for > secs(7), "{what}: driven for {driven_for:?}");
    }
}

/// An encoder without edges is a wheel that is not seen to turn: it rests, and is tried again now and then.
#[test]
fn an_encoder_without_edges_stops_the_wheels() {
    for fault in ["left-encoder", "right-encoder"]
        .into_iter()
        .flat_map(|part| [unplug(part), freeze(part)])
    {
        let what = fault.to_string();
        let first_rest = property(
            "it rests once the encoder was silent for long enough",
            |moment| {
                let since = moment.at.since(Timestamp::ZERO + STRUCK);
                let driven = moment.motors.iter().any(|motor| motor.duty != Duty::ZERO);
                match (since > ms(1_600) && since < ms(3_000), driven) {
                    (true, true) => Err("it is driven".to_owned()),
                    (inside, _) => Ok(inside),
                }
            },
        );
        let run = Simulation::of(rover, body)
            .seed(7)
            .fault(Fault::at(STRUCK, fault))
            .always(first_rest)
            .run(STRUCK + secs(8));
        assert_eq!(run.vacuous(), [""; 0], "{what}");
        assert_eq!(run.collisions(), 0, "{what}");
        assert!(
            run.distance() > Meters(0.5),
            "{what}: a parked rover proves nothing"
        );
    }
}

#[test]
fn an_encoder_whose_actor_fails_silences_the_odometry_and_that_stops_the_wheels() {
    for node in ["left-encoder", "right-encoder", "odometer"] {
        let mut simulation = Simulation::of(rover, body).seed(7);
        // Each time it is back it dies again: its pauses are 0.1, 0.2 and 0.4 s, silence is 0.2 s.
        for at in [12_000, 12_150, 12_450] {
            simulation = simulation.fault(Fault::at(ms(at), sinew_sim::panic(node)));
        }
        let still = property("no wheel is driven while it is away", |moment| {
            let away = moment.at.since(Timestamp::ZERO + ms(12_760));
            let driven = moment.motors.iter().any(|motor| motor.duty != Duty::ZERO);
            match (away > Duration::ZERO && away < ms(80), driven) {
                (true, true) => Err("it drives without odometry".to_owned()),
                (inside, _) => Ok(inside),
            }
        });
        let run = simulation.always(still).run(secs(16));
        assert_eq!(failures_of(&run, node), 3, "{node}");
        assert_eq!(run.vacuous(), [""; 0], "{node}");
        assert_eq!(run.collisions(), 0, "{node}");
    }
}
