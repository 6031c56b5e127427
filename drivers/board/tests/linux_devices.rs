//! What a Linux computer does not have says what was looked for, where, and what to do.
#![cfg(target_os = "linux")]

use embedded_hal::i2c::I2c;
use sinew_board::linux::{Devices, backends_at};
use sinew_board::{Bias, Board, BoardError, Level, Pin};
use std::path::PathBuf;

/// A board whose devices are nowhere.
fn bare() -> Board {
    let mut devices = Devices::default();
    devices.gpio_chip = Some(PathBuf::from("/nowhere/gpiochip0"));
    devices.buses = PathBuf::from("/nowhere");
    devices.pwm = PathBuf::from("/nowhere/pwm");
    Board::new(backends_at(devices))
}

fn told(error: &BoardError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_line_without_a_chip_names_pin_chip_and_remedy() {
    let claim = bare().input("button", Pin::GPIO17, Bias::PullUp).unwrap();
    let parts = ["GPIO17 (header pin 11)", "/nowhere/gpiochip0", "gpiodetect"];
    told(&claim.open().unwrap_err(), &parts);
    let claim = bare().indicator("LED", Pin::GPIO27, Level::Low).unwrap();
    told(
        &claim.open().unwrap_err(),
        &["GPIO27", "/nowhere/gpiochip0"],
    );
}

#[test]
fn a_bus_that_is_not_there_names_its_path_and_how_to_switch_it_on() {
    let claim = bare().i2c("INA219", 1, 0x40).unwrap();
    let error = claim.open().unwrap().write(0x40, &[0]).unwrap_err();
    told(&error.into(), &["I2C1", "/nowhere/i2c-1", "raspi-config"]);
}

#[test]
fn a_file_that_is_no_chip_is_refused() {
    let mut devices = Devices::default();
    devices.gpio_chip = Some(PathBuf::from("/dev/null"));
    let board = Board::new(backends_at(devices));
    let claim = board.input("button", Pin::GPIO17, Bias::None).unwrap();
    told(&claim.open().unwrap_err(), &["GPIO17", "/dev/null"]);
}
