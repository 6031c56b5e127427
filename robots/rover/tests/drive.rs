//! The owner of the wheels: when it goes, they brake, and nothing moves before a person says so.

use rover::{body, rover};
use sinew::prelude::*;
use sinew_sim::{Fault, no_motion_after_its_lease, panic, property};

#[test]
fn a_drive_that_panics_leaves_the_wheels_braked_and_the_rover_disarmed() {
    let stands = property("nothing is driven after the drive panicked", |moment| {
        if moment.at < Timestamp::ZERO + ms(10_020) {
            return Ok(false);
        }
        match moment.motors.iter().find(|motor| motor.duty != Duty::ZERO) {
            None => Ok(true),
            Some(motor) => Err(format!("{} is driven", motor.name)),
        }
    });
    let run = Simulation::of(rover, body)
        .seed(4)
        .fault(Fault::at(secs(10), panic("drive")))
        .always(stands)
        .always(no_motion_after_its_lease())
        .run(secs(30));
    assert!(
        run.distance() > Meters(0.5),
        "it never drove: {}",
        run.distance()
    );
    assert!(
        !run.end().is_armed,
        "a restart of the wheels' owner disarms"
    );
    assert_eq!(
        run.report().restarts,
        1,
        "it was restarted and refused to move"
    );
    assert_eq!(run.vacuous(), [""; 0]);
}

#[test]
fn a_disarmed_rover_does_not_move() {
    let run = Simulation::of(rover, body).seed(4).disarmed().run(secs(10));
    assert_eq!(run.distance(), Meters(0.0));
    assert!(run.messages() > 5_000, "its nervous system was at work");
}
