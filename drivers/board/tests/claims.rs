//! Claims: who may have what, and what a user reads when two parts want the same.

use crate::fake::Fake;
use sinew_board::{
    Bias, Board, BoardError, BridgePins, ClaimError, Level, MotionSafety, Pin, PwmChannel,
    SerialSettings,
};
use std::sync::Arc;

const BRIDGE: BridgePins = BridgePins {
    pwm: PwmChannel::PWM0,
    forward: Pin::GPIO5,
    backward: Pin::GPIO6,
};
const BAUD: SerialSettings = SerialSettings::new(9600);

fn board() -> Board {
    Fake::default().board()
}

/// The text holds all of these.
fn says(error: &impl ToString, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in: {text}");
    }
}

#[test]
fn one_pin_twice_names_both_parts_the_first_node_and_the_header_pin() {
    let board = board();
    let echo = board
        .input("HC-SR04 echo", Pin::GPIO17, Bias::None)
        .unwrap();
    echo.owned_by("sonar");
    let error = board.indicator("LED", Pin::GPIO17, Level::Low).unwrap_err();
    assert_eq!(
        error.to_string(),
        "GPIO17 (header pin 11) is claimed twice: by \"HC-SR04 echo\" of node \"sonar\" and by \"LED\"; \
         move one of them to a free pin"
    );
}

#[test]
fn a_pin_that_a_bus_owns_cannot_be_had() {
    let board = board();
    let _imu = board.i2c("MPU6050", 1, 0x68).unwrap();
    let error = board.input("button", Pin::GPIO2, Bias::PullUp).unwrap_err();
    says(
        &error,
        &[
            "GPIO2 (header pin 3)",
            "MPU6050",
            "I2C1 address 0x68",
            "button",
        ],
    );
}

#[test]
fn a_bus_cannot_be_had_whose_pin_is_taken() {
    let board = board();
    let _button = board.input("button", Pin::GPIO3, Bias::PullUp).unwrap();
    let error = board.i2c("MPU6050", 1, 0x68).unwrap_err();
    says(&error, &["GPIO3 (header pin 5)", "MPU6050", "button"]);
}

#[test]
fn the_pin_of_a_pwm_channel_cannot_be_had() {
    let board = board();
    let _motor = board
        .bridge("left motor", BRIDGE, MotionSafety::default())
        .unwrap();
    let error = board.indicator("LED", Pin::GPIO12, Level::Low).unwrap_err();
    says(
        &error,
        &["GPIO12 (header pin 32)", "left motor", "PWM0", "LED"],
    );
}

#[test]
fn the_pins_of_a_uart_cannot_be_had() {
    let board = board().with_port("gnss", Arc::new(Fake::default()), "/dev/serial0");
    let _gnss = board.serial("NEO-M8N", "gnss", BAUD).unwrap();
    let error = board.indicator("LED", Pin::GPIO14, Level::Low).unwrap_err();
    says(
        &error,
        &[
            "GPIO14 (header pin 8)",
            "NEO-M8N",
            "serial port gnss (/dev/serial0)",
        ],
    );
}

#[test]
fn two_devices_on_one_address_cannot_be_had_but_on_two_they_can() {
    let board = board();
    let _first = board.i2c("INA219", 1, 0x40).unwrap();
    let _other = board.i2c("MPU6050", 1, 0x68).unwrap();
    let error = board.i2c("PCA9685", 1, 0x40).unwrap_err();
    says(&error, &["I2C1 address 0x40", "INA219", "PCA9685"]);
}

#[test]
fn a_reserved_address_is_refused() {
    let board = board();
    for address in [0x00, 0x07, 0x78, 0xff] {
        let error = board.i2c("INA219", 1, address).unwrap_err();
        assert!(matches!(error, ClaimError::ReservedAddress { .. }));
        says(&error, &["INA219", "0x08 to 0x77"]);
    }
}

#[test]
fn one_port_twice_cannot_be_had() {
    let board = board();
    let _gnss = board.serial("NEO-M8N", "gnss", BAUD).unwrap();
    let error = board.serial("lidar", "gnss", BAUD).unwrap_err();
    says(&error, &["serial port gnss", "NEO-M8N", "lidar"]);
}

#[test]
fn a_bridge_that_cannot_have_all_its_lines_claims_none() {
    let board = board();
    let _led = board.indicator("LED", Pin::GPIO6, Level::Low).unwrap();
    assert!(
        board
            .bridge("motor", BRIDGE, MotionSafety::default())
            .is_err()
    );
    assert_eq!(board.claims().len(), 1);
    assert_eq!(board.motion().len(), 0);
    assert!(board.input("button", Pin::GPIO5, Bias::PullUp).is_ok());
}

#[test]
fn a_bridge_whose_lines_are_one_pin_clashes_with_itself() {
    let pins = BridgePins {
        backward: Pin::GPIO5,
        ..BRIDGE
    };
    let error = board()
        .bridge("motor", pins, MotionSafety::default())
        .unwrap_err();
    says(&error, &["GPIO5 (header pin 29)"]);
}

#[test]
fn a_collecting_board_names_every_clash_with_both_nodes() {
    let board = board().collecting();
    let echo = board
        .input("HC-SR04 echo", Pin::GPIO17, Bias::None)
        .unwrap();
    let led = board.indicator("LED", Pin::GPIO17, Level::Low).unwrap();
    let button = board.input("button", Pin::GPIO12, Bias::PullUp).unwrap();
    let motor = board
        .bridge("motor", BRIDGE, MotionSafety::default())
        .unwrap();
    echo.owned_by("sonar");
    led.owned_by("lamp");
    button.owned_by("start");
    motor.owned_by("drive");
    let clashes = board.clashes();
    assert_eq!(clashes.len(), 2);
    says(
        &clashes[0],
        &["\"sonar\"", "\"lamp\"", "GPIO17 (header pin 11)"],
    );
    says(
        &clashes[1],
        &["\"start\"", "\"drive\"", "GPIO12 (header pin 32)"],
    );
}

#[test]
fn nothing_opens_on_a_collecting_board() {
    let fake = Fake::default();
    let board = fake.board().collecting();
    let unavailable = |error| matches!(error, BoardError::Unavailable { .. });
    let input = board.input("a", Pin::GPIO17, Bias::None).unwrap();
    assert!(unavailable(input.open().unwrap_err()));
    let indicator = board.indicator("b", Pin::GPIO27, Level::Low).unwrap();
    assert!(unavailable(indicator.open().unwrap_err()));
    let bridge = board.bridge("c", BRIDGE, MotionSafety::default()).unwrap();
    assert!(unavailable(bridge.open().unwrap_err()));
    let device = board.i2c("d", 1, 0x40).unwrap();
    assert!(unavailable(device.open().unwrap_err()));
    let port = board.serial("e", "gnss", BAUD).unwrap();
    assert!(unavailable(port.open().unwrap_err()));
    assert_eq!(fake.take(), []);
}

#[test]
fn claims_say_who_has_what_and_what_is_simulated() {
    let fake = Fake::default();
    let board = sinew_board::Board::new(fake.backends(false)).with_port(
        "gnss",
        Arc::new(fake.clone()),
        "/dev/ttyUSB0",
    );
    let led = board.indicator("LED", Pin::GPIO27, Level::Low).unwrap();
    led.owned_by("lamp");
    let _gnss = board.serial("NEO-M8N", "gnss", BAUD).unwrap();
    let claims = board.claims();
    assert_eq!(claims.len(), 2);
    assert_eq!(claims[0].part, "LED");
    assert_eq!(claims[0].owner.as_deref(), Some("lamp"));
    assert_eq!(claims[0].what.to_string(), "GPIO27 (header pin 13)");
    assert!(!claims[0].simulated, "the board is real");
    assert!(claims[1].simulated, "but this port is not");
    assert_eq!(
        claims[1].what.to_string(),
        "serial port gnss (/dev/ttyUSB0)"
    );
}

#[test]
fn pins_and_leases_are_checked_where_a_configuration_is_read() {
    let read = serde_json::from_str::<BridgePins>;
    let pins = read(r#"{"pwm": "PWM0", "forward": "GPIO5", "backward": "header:31"}"#).unwrap();
    assert_eq!(pins, BRIDGE);
    let error = read(r#"{"pwm": "PWM0", "forward": "5", "backward": "GPIO6"}"#).unwrap_err();
    says(&error, &["GPIO5", "header:5"]);
    let read = serde_json::from_str::<MotionSafety>;
    assert_eq!(read("{}").unwrap(), MotionSafety::default());
    says(
        &read(r#"{"longest_lease_ms": 1001}"#).unwrap_err(),
        &["1 to 1000 ms", "1001 ms"],
    );
    says(
        &read(r#"{"lease": 1}"#).unwrap_err(),
        &["unknown field", "longest_lease_ms"],
    );
    let written = serde_json::to_string(&MotionSafety::default()).unwrap();
    assert_eq!(read(&written).unwrap(), MotionSafety::default());
}
