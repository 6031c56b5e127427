//! E-stop, disarm, and the end of the program: at once, from any thread, whatever the actors do.

use rover::{Config, body, rover};
use sinew::prelude::*;
use sinew_sim::Stage;

fn at_full_speed() -> Stage {
    let config = Config::default();
    let mut stage =
        Stage::new(rover, body, &config, World::room(), 9, |board| board).expect("it can be built");
    for tenth in 1..200 {
        let _ = stage.run_until(Time::ZERO + ms(100) * tenth);
        if stage.snapshot().twist.x > MetersPerSecond(0.3) {
            return stage;
        }
    }
    panic!("it never drove fast");
}

fn driven(stage: &Stage) -> usize {
    stage
        .board()
        .motion()
        .iter()
        .filter(|output| output.duty != Duty::ZERO)
        .count()
}

#[test]
fn an_estop_stops_the_wheels_without_a_turn_of_any_actor() {
    let mut stage = at_full_speed();
    assert_eq!(driven(&stage), 2);
    let handled = stage.report().messages;
    stage.arming().estop();
    assert_eq!(
        driven(&stage),
        0,
        "the safe action comes from the thread that stops"
    );
    assert_eq!(stage.report().messages, handled);

    let _ = stage.run_until(stage.now() + secs(5));
    assert_eq!(
        driven(&stage),
        0,
        "no command moves it while the e-stop is latched"
    );
    assert!(stage.arming().arm().is_err(), "only a reset releases it");
}

#[test]
fn after_a_reset_and_arming_it_drives_again() {
    let mut stage = at_full_speed();
    let arming = stage.arming().clone();
    arming.estop();
    let _ = stage.run_until(stage.now() + secs(2));
    let there = stage.snapshot().distance;
    arming.reset().unwrap();
    arming.arm().expect("nothing speaks against it");
    let _ = stage.run_until(stage.now() + secs(20));
    assert!(stage.snapshot().distance > there + Meters(1.0));
}

#[test]
fn a_disarm_stops_the_wheels_and_arming_lets_them_turn_again() {
    let mut stage = at_full_speed();
    let arming = stage.arming().clone();
    arming.disarm();
    assert_eq!(driven(&stage), 0);
    let _ = stage.run_until(stage.now() + secs(1));
    assert_eq!(driven(&stage), 0);
    arming.arm().expect("nothing speaks against it");
    // The reflex, which saw the wheels stand against their orders, tries them again after two seconds.
    let turns = (0..300).any(|_| {
        let _ = stage.run_until(stage.now() + ms(10));
        driven(&stage) == 2
    });
    assert!(turns);
}

#[test]
fn arming_right_after_a_stop_obeys_no_command_from_before_it() {
    for pressed in [false, true] {
        let mut stage = at_full_speed();
        let arming = stage.arming().clone();
        let stopped = stage.now();
        if pressed {
            arming.estop();
        } else {
            arming.disarm();
        }
        arming.reset().unwrap();
        arming.arm().expect("nothing speaks against it");
        // Commands stand for 250 ms, and for 1 s at most: those that end within 1 s of the stop may be old.
        for after in [1, 10, 100, 250, 500, 740] {
            let _ = stage.run_until(stopped + ms(after));
            assert_eq!(driven(&stage), 0, "{after} ms after the stop");
        }
        let _ = stage.run_until(stopped + secs(2));
        assert_eq!(driven(&stage), 2, "new commands are obeyed");
    }
}

#[test]
fn the_end_of_the_program_brakes_the_wheels() {
    let stage = at_full_speed();
    let board = stage.board().clone();
    let run = stage.finish();
    assert!(run.distance() > Meters(0.02), "it never drove");
    assert!(
        board
            .motion()
            .iter()
            .all(|output| output.duty == Duty::ZERO)
    );
}
