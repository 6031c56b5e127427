//! Each driver does over the mock what its chip is for.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use sinew_board::{Board, I2cHandle, SpiMode, SpiSettings};
use sinew_foreign_drivers::{Display, Port, Registers};
use sinew_mock::{I2cChip, Mock};

/// A board with this chip on its bus 1, opened for a driver.
fn handle(address: u8, chip: impl I2cChip + 'static) -> I2cHandle {
    let mock = Mock::new(0);
    mock.i2c_chip("chip", "CHIP", 1, address, Box::new(chip));
    let claim = Board::new(mock.backends()).i2c("chip", 1, address);
    claim.unwrap().open().unwrap()
}

#[test]
fn a_pca9685_turns_sixteen_servos() {
    use pwm_pca9685::{Address, Channel, Pca9685};
    let chip = Registers::bytes(u8::MAX);
    let mut servos = Pca9685::new(handle(0x40, chip.clone()), Address::default()).unwrap();
    servos.set_prescale(121).unwrap();
    servos.enable().unwrap();
    servos.set_channel_on_off(Channel::C3, 0, 307).unwrap();
    // PRE_SCALE, and LED3_ON_L to LED3_OFF_H (NXP PCA9685, section 7.3).
    assert_eq!(chip.values(0xFE), [121]);
    assert_eq!(chip.values(0x06 + 4 * 3), [0, 0, 0x33, 0x01]);
}

#[test]
fn a_published_driver_finds_in_our_pca9685_what_it_knows() {
    use pwm_pca9685::{Address, Channel, Pca9685};
    let mock = Mock::new(0);
    let twin = mock.pca9685("outputs", 1, 0x40);
    let board = Board::new(mock.backends());
    let handle = board.i2c("outputs", 1, 0x40).unwrap().open().unwrap();
    let mut outputs = Pca9685::new(handle, Address::default()).unwrap();
    outputs.set_channel_on_off(Channel::C3, 0, 307).unwrap();
    assert_eq!(twin.output(3), 0.0, "it sleeps");
    outputs.set_prescale(121).unwrap();
    outputs.enable().unwrap();
    assert_eq!(twin.output(3), 307.0 / 4096.0);
    outputs.set_channel_on_off(Channel::C4, 4000, 904).unwrap();
    assert_eq!(
        twin.output(4),
        1000.0 / 4096.0,
        "over the end of the period"
    );
    outputs.set_channel_full_on(Channel::C5, 0).unwrap();
    assert_eq!(twin.output(5), 0.0, "off, which it begins with, wins");
    outputs.set_channel_off(Channel::C5, 0).unwrap();
    assert_eq!(twin.output(5), 1.0);
    outputs.set_channel_full_off(Channel::C5).unwrap();
    assert_eq!(twin.output(5), 0.0);
    outputs.set_channel_on_off(Channel::All, 0, 2048).unwrap();
    assert!((0..16).all(|output| twin.output(output) == 0.5));
    assert_eq!(mock.complaints(), []);
}

#[test]
fn an_ads1115_measures_a_voltage() {
    use ads1x1x::{Ads1x1x, FullScaleRange, TargetAddr, channel};
    // A conversion that is ready, and its result.
    let chip = Registers::words()
        .with_values(1, &[0x85, 0x83])
        .with_values(0, &[0x12, 0x34]);
    let mut inputs = Ads1x1x::new_ads1115(handle(0x48, chip.clone()), TargetAddr::default());
    inputs
        .set_full_scale_range(FullScaleRange::Within4_096V)
        .unwrap();
    let value = nb::block!(inputs.read(channel::SingleA2)).unwrap();
    assert_eq!(value, 0x1234);
    // MUX says AIN2 against ground, PGA says 4.096 V (TI ADS1115, section 9.6.3).
    let [upper, _] = chip.values(1);
    assert_eq!(upper & 0b0111_1110, 0b0110_0010);
}

#[test]
fn a_tcs3472_sees_a_colour() {
    use tcs3472::Tcs3472;
    // STATUS, and four channels with the lower byte first (ams TCS3472, register description).
    let chip = Registers::bytes(0x1F).with_values(0x13, &[1, 0x10, 0, 0x20, 1, 0x30, 2, 0x40, 3]);
    let mut eye = Tcs3472::new(handle(0x29, chip.clone()));
    eye.enable().unwrap();
    eye.enable_rgbc().unwrap();
    assert!(eye.is_rgbc_status_valid().unwrap());
    let seen = eye.read_all_channels().unwrap();
    let seen = (seen.clear, seen.red, seen.green, seen.blue);
    assert_eq!(seen, (0x010, 0x120, 0x230, 0x340));
    assert_eq!(chip.values(0), [0b11], "PON and AEN");
}

#[test]
fn an_as5600_knows_an_angle() {
    let chip = Registers::bytes(u8::MAX).with_values(0x0C, &[0x0A, 0xBC, 0x07, 0xFF]);
    let mut magnet = as5600::As5600::new(handle(0x36, chip));
    assert_eq!(magnet.raw_angle().unwrap(), 0xABC);
    assert_eq!(magnet.angle().unwrap(), 0x7FF);
}

#[test]
fn a_pcf8574_drives_and_reads_pins() {
    let chip = Port::default();
    let mut expander = port_expander::Pcf8574::new(handle(0x20, chip.clone()), false, false, false);
    let mut pins = expander.split();
    pins.p0.set_low().unwrap();
    assert_eq!(chip.driven(), 0b1111_1110);
    pins.p0.set_high().unwrap();
    chip.pull_low(0b0000_1000);
    assert!(pins.p3.is_low().unwrap() && pins.p4.is_high().unwrap());
}

#[test]
fn a_bmi160_feels_and_turns() {
    use bmi160::{AccelerometerPowerMode, Bmi160, SensorSelector, SlaveAddr};
    // CHIP_ID; DATA_8 to DATA_19: rates, then accelerations (Bosch BMI160, section 2.11).
    let data = [1, 0, 2, 0, 3, 0, 0xFC, 0xFF, 5, 0, 6, 0];
    let chip = Registers::bytes(u8::MAX)
        .with_values(0x00, &[0xD1])
        .with_values(0x0C, &data);
    let mut inertia = Bmi160::new_with_i2c(handle(0x68, chip.clone()), SlaveAddr::default());
    assert_eq!(inertia.chip_id().unwrap(), 0xD1);
    inertia
        .set_accel_power_mode(AccelerometerPowerMode::Normal)
        .unwrap();
    assert_eq!(chip.values(0x7E), [0x11]);
    let data = inertia.data(SensorSelector::new().accel().gyro()).unwrap();
    let (accel, gyro) = (data.accel.unwrap(), data.gyro.unwrap());
    assert_eq!((accel.x, accel.y, accel.z), (-4, 5, 6));
    assert_eq!((gyro.x, gyro.y, gyro.z), (1, 2, 3));
}

#[test]
fn a_bmi160_on_spi_says_who_it_is_and_what_it_feels() {
    use bmi160::{AccelerometerPowerMode, Bmi160, SensorSelector};
    let data = [1, 0, 2, 0, 3, 0, 0xFC, 0xFF, 5, 0, 6, 0];
    let chip = Registers::bytes(0x7F)
        .with_values(0x00, &[0xD1])
        .with_values(0x0C, &data);
    let mock = Mock::new(0);
    let modes = &[SpiMode::Mode0, SpiMode::Mode3];
    let on_spi = Box::new(chip.on_spi());
    mock.spi_chip("chip", "BMI160", 0, 0, modes, 10_000_000, on_spi);
    let settings = SpiSettings::new(10_000_000);
    let claim = Board::new(mock.backends()).spi("chip", 0, 0, settings);
    let mut inertia = Bmi160::new_with_spi(claim.unwrap().open().unwrap());
    assert_eq!(inertia.chip_id().unwrap(), 0xD1);
    inertia
        .set_accel_power_mode(AccelerometerPowerMode::Normal)
        .unwrap();
    assert_eq!(chip.values(0x7E), [0x11]);
    let data = inertia.data(SensorSelector::new().accel()).unwrap();
    let accel = data.accel.unwrap();
    assert_eq!((accel.x, accel.y, accel.z), (-4, 5, 6));
}

#[test]
fn an_lm75_measures_a_temperature() {
    let chip = Registers::words().with_values(0, &[0x19, 0x80]);
    let mut thermometer = lm75::Lm75::new(handle(0x48, chip.clone()), lm75::Address::default());
    assert_eq!(thermometer.read_temperature().unwrap(), 25.5);
    thermometer.set_os_temperature(80.0).unwrap();
    assert_eq!(chip.values(3), [80, 0]);
}

#[test]
fn a_ds3231_keeps_the_time() {
    use ds323x::{DateTimeAccess as _, Ds323x, NaiveDate};
    let chip = Registers::bytes(u8::MAX);
    let mut clock = Ds323x::new_ds3231(handle(0x68, chip.clone()));
    let date = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
    let moment = date.and_hms_opt(19, 59, 58).unwrap();
    clock.set_datetime(&moment).unwrap();
    assert_eq!(clock.datetime().unwrap(), moment);
    // Seconds, minutes and hours, decimal digits in four bits each (Maxim DS3231, figure 1).
    assert_eq!(chip.values(0), [0x58, 0x59, 0x19]);
}

#[test]
fn an_ssd1306_shows_a_point() {
    use ssd1306::mode::DisplayConfig as _;
    use ssd1306::prelude::DisplayRotation;
    use ssd1306::size::DisplaySize128x64;
    use ssd1306::{I2CDisplayInterface, Ssd1306};
    let chip = Display::default();
    let wires = I2CDisplayInterface::new(handle(0x3C, chip.clone()));
    let mut display = Ssd1306::new(wires, DisplaySize128x64, DisplayRotation::Rotate0)
        .into_buffered_graphics_mode();
    display.init().unwrap();
    assert!(chip.commands().contains(&0xAF), "it is switched on");
    display.clear_buffer();
    display.flush().unwrap();
    let before = chip.pixels().len();
    display.set_pixel(3, 1, true);
    display.flush().unwrap();
    assert_eq!(chip.pixels()[before..], [0b10]);
}

#[tokio::test]
async fn an_ina219_is_asked_by_its_async_driver() {
    use ina219::{AsyncIna219, address::Address};
    let mock = Mock::new(7);
    // Of which the shunt takes 0.15 V.
    let supply = (sinew_messages::Volts(7.55), sinew_messages::Amperes(1.5));
    mock.ina219("battery", 1, 0x40, 0.1, move |_| supply);
    let board = Board::new(mock.backends());
    let bus = board.i2c("INA219", 1, 0x40).unwrap().open().unwrap();
    let chip = AsyncIna219::new(bus, Address::from_byte(0x40).unwrap()).await;
    let mut chip = chip.unwrap();
    mock.advance(mock.now() + std::time::Duration::from_millis(2));
    assert_eq!(chip.bus_voltage().await.unwrap().voltage_mv(), 7_400);
    assert_eq!(mock.complaints(), []);
}
