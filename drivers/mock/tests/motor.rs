//! The twin of an H-bridge with its motor.

use crate::bench::{at_ms, board, pin};
use sinew_board::{Applied, Board, Bridge, BridgePins, Duty, Level, MotionSafety, PwmChannel};
use sinew_messages::{Hertz, RadiansPerSecond};
use sinew_mock::{BridgeMotorPins, BridgeState, Mock, MotorModel, MotorTwin};
use std::time::Duration;

const PINS: BridgeMotorPins = BridgeMotorPins {
    pwm: PwmChannel::PWM0,
    forward: sinew_board::Pin::GPIO20,
    backward: sinew_board::Pin::GPIO21,
};

fn rig() -> (Mock, Board, MotorTwin) {
    let (mock, board) = board();
    let twin = mock.bridge_motor("left motor", PINS, MotorModel::default());
    (mock, board, twin)
}

fn bridge(board: &Board) -> Bridge {
    let pins = BridgePins {
        pwm: PINS.pwm,
        forward: PINS.forward,
        backward: PINS.backward,
    };
    let claim = board
        .bridge("left motor", pins, MotionSafety::default())
        .unwrap();
    let bridge = claim.open().unwrap();
    assert!(board.safety().arm());
    bridge
}

fn drive(bridge: &mut Bridge, ratio: f64) {
    let duty = Duty::new(ratio).unwrap();
    let applied = bridge.drive(duty, at_ms(250)).unwrap();
    assert_eq!(applied, Applied::Driven(duty));
}

#[test]
fn the_truth_table_is_that_of_the_tb6612fng() {
    let (mock, _, twin) = rig();
    let backends = mock.backends();
    let mut pwm = backends.pwm.channel(PINS.pwm, Hertz(20_000.0)).unwrap();
    let mut forward = backends.gpio.output(PINS.forward, Level::Low).unwrap();
    let mut backward = backends.gpio.output(PINS.backward, Level::Low).unwrap();
    let driven = |ratio| BridgeState::Drive(Duty::new(ratio).unwrap());
    let (low, high) = (Level::Low, Level::High);
    for (in1, in2, duty, expected) in [
        (low, low, 0.5, BridgeState::Coast),
        (high, low, 0.5, driven(0.5)),
        (low, high, 0.5, driven(-0.5)),
        (high, high, 0.5, BridgeState::Brake),
        (high, high, 0.0, BridgeState::Brake),
        (high, low, 1.0, driven(1.0)),
    ] {
        forward.set(in1).unwrap();
        backward.set(in2).unwrap();
        pwm.set_duty(duty).unwrap();
        assert_eq!(twin.state(), expected, "{in1:?} {in2:?} {duty}");
    }
}

#[test]
fn the_boards_bridge_drives_brakes_and_coasts_it() {
    let (_mock, board, twin) = rig();
    assert_eq!(
        twin.state(),
        BridgeState::Coast,
        "nobody drives its inputs yet"
    );
    let mut bridge = bridge(&board);
    drive(&mut bridge, -0.75);
    assert_eq!(twin.state(), BridgeState::Drive(Duty::new(-0.75).unwrap()));
    bridge.brake().unwrap();
    assert_eq!(twin.state(), BridgeState::Brake);
    bridge.coast().unwrap();
    assert_eq!(twin.state(), BridgeState::Coast);
    drive(&mut bridge, 0.5);
    drop(bridge);
    assert_eq!(
        twin.state(),
        BridgeState::Brake,
        "the safe action stays after the lines were closed"
    );
}

#[test]
fn it_reaches_63_percent_after_its_time_constant_whatever_the_steps() {
    let top = MotorModel::default().top_speed;
    let expected = top.0 * (1.0 - (-1.0_f64).exp());
    for steps in [1, 8, 80] {
        let (_mock, board, twin) = rig();
        let mut bridge = bridge(&board);
        drive(&mut bridge, 1.0);
        let step = Duration::from_millis(80) / steps;
        for _ in 0..steps {
            twin.step(step, false);
        }
        let speed = twin.speed().0;
        assert!((speed - expected).abs() < 1e-6, "{speed} in {steps} steps");
    }
}

#[test]
fn within_the_dead_band_it_stands() {
    let (_mock, board, twin) = rig();
    let mut bridge = bridge(&board);
    drive(&mut bridge, 0.11);
    assert_eq!(
        twin.step(Duration::from_secs(1), false),
        RadiansPerSecond::ZERO
    );
    drive(&mut bridge, 0.2);
    assert!(twin.step(Duration::from_secs(1), false).0 > 1.0);
}

#[test]
fn braking_stops_it_sooner_than_coasting_and_both_end_at_zero() {
    let after = |stop: fn(&mut Bridge)| {
        let (_mock, board, twin) = rig();
        let mut bridge = bridge(&board);
        drive(&mut bridge, -1.0);
        assert!(twin.step(Duration::from_secs(1), false).0 < -19.0);
        stop(&mut bridge);
        let soon = twin.step(Duration::from_millis(100), false).0;
        let end = twin.step(Duration::from_secs(10), false);
        (soon, end)
    };
    let (braked, braked_end) = after(|bridge| bridge.brake().unwrap());
    let (coasted, coasted_end) = after(|bridge| bridge.coast().unwrap());
    assert!(braked > -1.0 && coasted < -10.0, "{braked} and {coasted}");
    assert_eq!(
        (braked_end, coasted_end),
        (RadiansPerSecond::ZERO, RadiansPerSecond::ZERO)
    );
}

#[test]
fn held_it_stalls() {
    let (_mock, board, twin) = rig();
    let mut bridge = bridge(&board);
    drive(&mut bridge, 1.0);
    twin.step(Duration::from_millis(100), false);
    assert!(!twin.is_stalled());
    assert_eq!(
        twin.step(Duration::from_millis(1), true),
        RadiansPerSecond::ZERO
    );
    assert!(twin.is_stalled());
    bridge.coast().unwrap();
    twin.step(Duration::from_millis(1), true);
    assert!(!twin.is_stalled(), "a motor at rest is held by nobody");
}

#[test]
fn unplugged_nothing_drives_it_and_frozen_it_does_what_it_did() {
    let (_mock, board, twin) = rig();
    let mut bridge = bridge(&board);
    drive(&mut bridge, 0.5);
    twin.freeze();
    bridge.brake().unwrap();
    assert_eq!(twin.state(), BridgeState::Drive(Duty::new(0.5).unwrap()));
    twin.unplug();
    assert_eq!(twin.state(), BridgeState::Coast);
    twin.replug();
    assert_eq!(twin.state(), BridgeState::Brake);
}

#[test]
fn a_pin_or_channel_that_is_open_is_not_opened_again() {
    let (mock, _board, _twin) = rig();
    let backends = mock.backends();
    let _pwm = backends
        .pwm
        .channel(PwmChannel::PWM1, Hertz(1000.0))
        .unwrap();
    assert!(
        backends
            .pwm
            .channel(PwmChannel::PWM1, Hertz(1000.0))
            .is_err()
    );
    let line = backends.gpio.output(pin(17), Level::High).unwrap();
    assert!(
        backends
            .gpio
            .input(
                pin(17),
                sinew_board::InputSettings::new(sinew_board::Bias::None)
            )
            .is_err()
    );
    drop(line);
    assert!(backends.gpio.output(pin(17), Level::High).is_ok());
    for hertz in [0.0, -1.0, f64::NAN, 1e6] {
        assert!(
            backends
                .pwm
                .channel(PwmChannel::PWM0, Hertz(hertz))
                .is_err(),
            "{hertz}"
        );
    }
}
