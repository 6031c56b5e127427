//! It stands: through pushes, noise and lost readings; and what it does when it cannot.

use balancer::{Config, balancer, body};
use sinew::prelude::*;
use sinew_sim::{
    Fault, FaultKind, Stage, no_motion_after_its_lease, no_motion_while_disarmed, property,
};
use std::cell::Cell;
use std::rc::Rc;

/// A bare floor.
fn floor() -> World {
    let text = "[bounds]\nx = [0, 12]\ny = [0, 12]\n[start]\nx = 6\ny = 6\n";
    World::from_toml(text, "floor").expect("it is a world")
}

fn stage(config: &Config, seed: u64) -> Stage {
    let mut stage =
        Stage::new(balancer, body, config, floor(), seed, |board| board).expect("it can be built");
    stage.always(no_motion_after_its_lease());
    stage.always(no_motion_while_disarmed());
    stage
}

/// The farthest that it leans from now on.
fn watch_lean(stage: &mut Stage) -> Rc<Cell<f64>> {
    let farthest = Rc::new(Cell::new(0.0_f64));
    let seen = Rc::clone(&farthest);
    stage.always(property("it leans", move |moment| {
        seen.set(seen.get().max(moment.tilt.0.abs()));
        Ok(true)
    }));
    farthest
}

fn run(stage: &mut Stage, until: Duration) {
    let _ = stage.run_until(Time::ZERO + until);
    assert_eq!(stage.breach(), None);
}

#[test]
fn it_is_armed_only_once_it_stood_upright_and_still_for_half_a_second() {
    let mut stage = stage(&Config::default(), 1);
    run(&mut stage, ms(400));
    assert!(!stage.board().safety().is_armed());
    run(&mut stage, ms(1200));
    assert!(
        stage.board().safety().is_armed(),
        "{:?}",
        stage.arming().refusals()
    );
}

#[test]
fn it_stands_for_ten_minutes_through_pushes_noise_and_lost_readings() {
    let mut stage = stage(&Config::default(), 3);
    let lean = watch_lean(&mut stage);
    let plan = |stage: &mut Stage, after, kind| {
        stage
            .fault(Fault::at(after, kind))
            .expect("it can go wrong");
    };
    let part = "imu".to_owned();
    plan(&mut stage, secs(2), FaultKind::Noise { part, up_to: 0.05 });
    let (from, to) = ("imu".to_owned(), "balance".to_owned());
    plan(
        &mut stage,
        secs(2),
        FaultKind::LostEdge {
            from,
            to,
            often: 10,
        },
    );
    for push in 0..58 {
        let by = if push % 2 == 0 { 0.8 } else { -0.8 };
        plan(&mut stage, secs(10 + 10 * push), FaultKind::Push { by });
    }
    run(&mut stage, secs(600));
    assert!(stage.board().safety().is_armed(), "it stands");
    assert!(lean.get() > 0.03, "it was pushed: {}", lean.get());
    assert!(lean.get() < 0.4, "it leant by {}", lean.get());
    let edges = stage.handle().metrics().edges;
    let lost = edges
        .iter()
        .find(|edge| edge.from == "imu")
        .map_or(0, |edge| edge.dropped);
    assert!(lost >= 1_150, "one reading of a hundred was lost: {lost}");
    let run = stage.finish();
    assert_eq!(run.failures(), 0);
    assert_eq!(run.collisions(), 0, "it stays where it is");
}

#[test]
fn with_its_controller_broken_it_falls_and_disarms() {
    let mut config = Config::default();
    config.balance.lean = -config.balance.lean;
    let mut stage = stage(&config, 1);
    let lean = watch_lean(&mut stage);
    run(&mut stage, secs(10));
    assert!(lean.get() > 1.0, "it lies: {}", lean.get());
    assert!(!stage.board().safety().is_armed());
    let refusals = stage.arming().refusals();
    assert!(
        refusals.iter().any(|it| it.to_string().contains("upright")),
        "{refusals:?}"
    );
}

#[test]
fn a_stalled_motor_ends_with_a_body_that_lies_and_wheels_that_rest() {
    let mut stage = stage(&Config::default(), 1);
    let lean = watch_lean(&mut stage);
    for part in ["left-wheel", "right-wheel"] {
        let part = part.to_owned();
        let stalled = Fault::at(secs(5), FaultKind::Stalled { part });
        stage.fault(stalled).expect("it has that wheel");
    }
    stage
        .fault(Fault::at(secs(6), FaultKind::Push { by: 1.0 }))
        .expect("it can be pushed");
    run(&mut stage, secs(5));
    assert!(stage.board().safety().is_armed() && lean.get() < 0.4);
    run(&mut stage, secs(12));
    assert!(lean.get() > 1.0, "it lies: {}", lean.get());
    assert!(!stage.board().safety().is_armed());
    let motion = stage.board().motion();
    assert!(
        motion.iter().all(|output| output.duty == Duty::ZERO),
        "{motion:?}"
    );
}

#[test]
fn a_sensor_that_falls_silent_stops_the_wheels_within_a_lease() {
    let mut stage = stage(&Config::default(), 1);
    let part = "imu".to_owned();
    let unplugged = Fault::at(secs(5), FaultKind::Unplug { part });
    stage.fault(unplugged).expect("it has an imu");
    let last = Rc::new(Cell::new(Timestamp::ZERO));
    let seen = Rc::clone(&last);
    stage.always(property("it is driven", move |moment| {
        if moment.motors.iter().any(|motor| motor.duty != Duty::ZERO) {
            seen.set(moment.at);
        }
        Ok(true)
    }));
    run(&mut stage, secs(8));
    let unplugged = Timestamp::ZERO + secs(5);
    assert!(last.get() > unplugged - ms(20), "it was driven until then");
    assert!(
        last.get() <= unplugged + ms(30),
        "driven until {:?}",
        last.get()
    );
}
