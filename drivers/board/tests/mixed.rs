//! A simulated board on which some things are real.

use crate::fake::{Fake, Write};
use sinew_board::{
    Bias, Board, BoardError, BridgePins, Level, MotionSafety, Pin, PwmChannel, Resource,
};

/// A simulated board with a real pin and a real bus.
fn mixed() -> (Fake, Fake, Board) {
    let (simulated, real) = (Fake::default(), Fake::default());
    let others = real.backends(false);
    let board = Board::new(simulated.backends(true))
        .with_pin(Pin::GPIO17, others.gpio)
        .with_i2c(0, others.i2c);
    (simulated, real, board)
}

#[test]
fn a_real_pin_is_read_and_written_where_it_is_and_the_rest_is_simulated() {
    let (simulated, real, board) = mixed();
    let mut lamp = board
        .indicator("lamp", Pin::GPIO17, Level::Low)
        .unwrap()
        .open()
        .unwrap();
    let mut other = board
        .indicator("other", Pin::GPIO27, Level::Low)
        .unwrap()
        .open()
        .unwrap();
    lamp.set(Level::High).unwrap();
    other.set(Level::High).unwrap();
    assert!(real.wrote(Write::Set(Pin::GPIO17, Level::High)));
    assert!(!real.wrote(Write::Set(Pin::GPIO27, Level::High)));
    assert!(simulated.wrote(Write::Set(Pin::GPIO27, Level::High)));
    let claims = board.claims();
    assert_eq!((claims[0].simulated, claims[1].simulated), (false, true));
    let is_real = |what: Resource| board.is_real(&what);
    assert!(is_real(Resource::Pin(Pin::GPIO17)) && !is_real(Resource::Pin(Pin::GPIO22)));
    assert!(is_real(Resource::I2c {
        bus: 0,
        address: 0x40
    }));
    assert!(!is_real(Resource::I2c {
        bus: 1,
        address: 0x40
    }));
    assert!(board.has_real_parts() && !Board::new(simulated.backends(true)).has_real_parts());
    let _input = board.input("button", Pin::GPIO22, Bias::PullUp).unwrap();
}

#[test]
fn a_bridge_with_one_real_line_is_a_real_one_and_stays_closed() {
    let (_, _, board) = mixed();
    let pins = BridgePins {
        pwm: PwmChannel::PWM0,
        forward: Pin::GPIO17,
        backward: Pin::GPIO21,
    };
    let claim = board
        .bridge("left H-bridge", pins, MotionSafety::default())
        .unwrap();
    assert!(matches!(claim.open(), Err(BoardError::NoGuardian { .. })));
}

#[test]
fn pins_of_two_kinds_are_not_read_together() {
    let (_, _, board) = mixed();
    let claim = board
        .inputs("sensors", &[Pin::GPIO17, Pin::GPIO27], Bias::None)
        .unwrap();
    let error = claim.open().unwrap_err().to_string();
    assert!(error.contains("one moment"), "{error}");
}
