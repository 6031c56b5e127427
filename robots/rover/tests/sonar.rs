//! Without a sonar that can be believed the wheels stand still.

use rover::{body, rover};
use sinew::prelude::*;
use sinew_sim::{
    Fault, freeze, no_motion_after_its_lease, no_wheel_turns_after_silence, panic, property, unplug,
};

fn failures_of(run: &sinew_sim::Run, node: &str) -> u64 {
    run.report()
        .nodes
        .iter()
        .find(|found| found.name == node)
        .expect("it is a node")
        .failures
}

#[test]
fn the_rover_stops_when_its_sonar_falls_silent() {
    let run = Simulation::of(rover, body)
        .seed(7)
        .fault(Fault::at(secs(20), unplug("sonar")))
        .always(no_wheel_turns_after_silence(ms(250)))
        .always(no_motion_after_its_lease())
        .run(secs(60));
    assert!(
        run.distance() > Meters(2.0),
        "it never drove: {}",
        run.distance()
    );
    assert!(
        run.distance() < Meters(8.0),
        "it drove on blind: {}",
        run.distance()
    );
    assert!(run.stopped_by("reflex"));
    assert_eq!(
        run.vacuous(),
        [""; 0],
        "nothing put the property to the test"
    );
    assert_eq!(run.collisions(), 0);
}

#[test]
fn a_sonar_that_does_not_answer_fails_and_is_tried_again_with_growing_pauses() {
    let run = Simulation::of(rover, body)
        .seed(3)
        .fault(Fault::at(secs(5), unplug("sonar")))
        .run(secs(35));
    let failures = failures_of(&run, "sonar");
    // 0.1, 0.2, 0.4, 0.8, 1.6 s, then every 2 s: about 18 in 30 s, not 600.
    assert!((12..=24).contains(&failures), "{failures}");
    assert_eq!(run.report().ended, None, "patience has no limit");
}

#[test]
fn a_sonar_whose_actor_panics_is_back_and_the_rover_drives_on() {
    let run = Simulation::of(rover, body)
        .seed(5)
        .fault(Fault::at(secs(10), panic("sonar")))
        .always(no_motion_after_its_lease())
        .run(secs(60));
    assert_eq!(failures_of(&run, "sonar"), 1);
    assert!(
        run.distance() > Meters(8.0),
        "it did not drive on: {}",
        run.distance()
    );
    assert_eq!(run.collisions(), 0);
}

#[test]
fn a_frozen_sonar_is_believed_and_the_bumper_ends_each_push() {
    // It repeats its last echo for ever, which no receiver can tell from a wall that keeps its distance: the rover
    // touches what it does not see, and the bumper is what is left.
    let (mut touched, mut since) = (0, Timestamp::ZERO);
    let no_push = property("it does not push on what it touches", move |moment| {
        if moment.collisions > touched {
            (touched, since) = (moment.collisions, moment.at);
        }
        // What it only grazes at its side, beyond the bumper, does not hold it.
        let held = moment.twist.x < MetersPerSecond(0.05);
        let pushing = held && moment.motors.iter().all(|motor| motor.duty.ratio() > 0.0);
        let later = moment.at.since(since);
        match (touched > 0 && later >= ms(30) && later < ms(300), pushing) {
            (true, true) => Err(format!("both wheels drive forward {later:?} after a touch")),
            (inside, _) => Ok(inside),
        }
    });
    let run = Simulation::of(rover, body)
        .seed(1)
        .fault(Fault::at(secs(12), freeze("sonar")))
        .always(no_push)
        .always(no_motion_after_its_lease())
        .run(secs(40));
    assert_eq!(run.faults_injected(), 1);
    assert!(run.collisions() > 0, "nothing put the bumper to the test");
}
