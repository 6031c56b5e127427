//! The twin of the INA219, driven by the unmodified crate `ina219`.

use crate::bench::{board, pass};
use embedded_hal::i2c::{I2c, Operation};
use ina219::SyncIna219;
use ina219::address::Address;
use ina219::calibration::{IntCalibration, MicroAmpere, MicroWatt};
use ina219::configuration::{
    Configuration, MeasuredSignals, OperatingMode, Resolution, ShuntVoltageRange,
};
use sinew_board::{Board, I2cHandle};
use sinew_messages::{Amperes, Hertz, Volts};
use sinew_mock::{I2cController, Ina219Twin, Mock};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ADDRESS: u8 = 0x40;
/// Two channels of 12 bits take 532 us each.
const CONVERSION: Duration = Duration::from_micros(1064);

struct Rig {
    mock: Mock,
    board: Board,
    twin: Ina219Twin,
    supply: Arc<Mutex<(Volts, Amperes)>>,
}

impl Rig {
    fn new(shunt_ohms: f64, volts: f64, amperes: f64) -> Self {
        let (mock, board) = board();
        let supply = Arc::new(Mutex::new((Volts(volts), Amperes(amperes))));
        let world = Arc::clone(&supply);
        let twin = mock.ina219("battery", 1, ADDRESS, shunt_ohms, move |_| {
            *world.lock().unwrap()
        });
        Self {
            mock,
            board,
            twin,
            supply,
        }
    }

    fn bus(&self) -> I2cHandle {
        let claim = self.board.i2c("INA219", 1, ADDRESS).unwrap();
        claim.open().unwrap()
    }

    fn register(&self, bus: &mut I2cHandle, register: u8) -> u16 {
        let mut bytes = [0; 2];
        bus.write_read(ADDRESS, &[register], &mut bytes).unwrap();
        u16::from_be_bytes(bytes)
    }
}

fn address() -> Address {
    Address::from_byte(ADDRESS).unwrap()
}

#[test]
fn the_worked_example_of_the_datasheet_reads_as_printed() {
    // SBOS448G section 9.2.2.1: 12 V, 10 A through 2 mOhm, ranges 16 V and 40 mV, current LSB 1 mA.
    let rig = Rig::new(0.002, 12.0, 10.0);
    let mut bus = rig.bus();
    assert_eq!(rig.register(&mut bus, 0), 0x399F, "after power-on");
    bus.write(ADDRESS, &[0, 0x01, 0x9F]).unwrap();
    bus.write(ADDRESS, &[5, 0x50, 0x00]).unwrap();
    pass(&rig.mock, CONVERSION);
    assert_eq!(rig.register(&mut bus, 1), 0x07D0, "20 mV");
    assert_eq!(
        rig.register(&mut bus, 2),
        0x5D98 | 2,
        "11.98 V, conversion ready"
    );
    assert_eq!(rig.register(&mut bus, 5), 0x5000);
    assert_eq!(rig.register(&mut bus, 4), 0x2710, "10 A");
    assert_eq!(rig.register(&mut bus, 3), 0x1766, "119.8 W");
    assert_eq!(rig.mock.complaints(), []);
}

#[test]
fn the_driver_measures_discharge_and_charge() {
    let rig = Rig::new(0.1, 7.406, 1.5);
    // Quick enough to set the chip up before its first conversion, of 586 us, has ended.
    rig.mock
        .set_i2c_controller(I2cController::bcm2835().at(Hertz(1e6)));
    let calibration = IntCalibration::new(MicroAmpere(100), 100_000).unwrap();
    let mut chip = SyncIna219::new_calibrated(rig.bus(), address(), calibration).unwrap();
    assert!(
        chip.next_measurement().unwrap().is_none(),
        "no conversion has ended yet"
    );
    pass(&rig.mock, CONVERSION);
    let measured = chip.next_measurement().unwrap().unwrap();
    assert_eq!(measured.shunt_voltage.shunt_voltage_uv(), 150_000);
    assert_eq!(
        measured.bus_voltage.voltage_mv(),
        7256,
        "behind the shunt, not at the battery"
    );
    assert_eq!(measured.current, MicroAmpere(1_500_000));
    assert!(
        chip.next_measurement().unwrap().is_none(),
        "reading the power clears the flag"
    );

    *rig.supply.lock().unwrap() = (Volts(7.998), Amperes(-0.5));
    pass(&rig.mock, CONVERSION);
    let measured = chip.next_measurement().unwrap().unwrap();
    assert_eq!(measured.shunt_voltage.shunt_voltage_uv(), -50_000);
    assert_eq!(measured.current, MicroAmpere(-500_000));
    assert_eq!(
        measured.power,
        MicroWatt(4_024_000),
        "8.048 V * 0.5 A, without a sign"
    );
}

#[test]
fn full_scale_is_that_of_the_range_on_both_sides() {
    for (range, counts) in [
        (ShuntVoltageRange::Fsr40mv, 4000),
        (ShuntVoltageRange::Fsr80mv, 8000),
        (ShuntVoltageRange::Fsr160mv, 16_000),
        (ShuntVoltageRange::Fsr320mv, 32_000),
    ] {
        for sign in [1, -1] {
            let rig = Rig::new(0.1, 5.0, 10.0 * f64::from(sign));
            let mut chip = SyncIna219::new(rig.bus(), address()).unwrap();
            let configuration = Configuration {
                shunt_voltage_range: range,
                ..Configuration::default()
            };
            chip.set_configuration(configuration).unwrap();
            pass(&rig.mock, CONVERSION);
            let shunt = chip.shunt_voltage().unwrap().shunt_voltage_10uv();
            assert_eq!(shunt, sign as i16 * counts);
        }
    }
}

#[test]
fn the_bus_voltage_ends_at_zero_and_at_its_range() {
    for (volts, millivolts) in [(-1.0, 0), (0.0, 0), (26.0, 26_000), (40.0, 32_000)] {
        let rig = Rig::new(0.1, volts, 0.0);
        let mut chip = SyncIna219::new(rig.bus(), address()).unwrap();
        pass(&rig.mock, CONVERSION);
        assert_eq!(chip.bus_voltage().unwrap().voltage_mv(), millivolts);
    }
}

#[test]
fn a_current_that_does_not_fit_raises_the_overflow_flag() {
    let rig = Rig::new(0.1, 12.0, 3.0);
    let mut bus = rig.bus();
    bus.write(ADDRESS, &[5, 0xFF, 0xFE]).unwrap();
    pass(&rig.mock, CONVERSION);
    assert_eq!(rig.register(&mut bus, 2) & 3, 3, "ready and overflow");
}

#[test]
fn a_triggered_conversion_happens_once() {
    let rig = Rig::new(0.1, 5.0, 1.0);
    let mut chip = SyncIna219::new(rig.bus(), address()).unwrap();
    let once = Configuration {
        bus_resolution: Resolution::Avg128,
        shunt_resolution: Resolution::Avg128,
        operating_mode: OperatingMode::Triggered(MeasuredSignals::ShutAndBusVoltage),
        ..Configuration::default()
    };
    chip.set_configuration(once).unwrap();
    // 136.2 ms, of which a look takes half of one on the bus.
    pass(&rig.mock, Duration::from_micros(135_500));
    assert!(chip.next_measurement().unwrap().is_none());
    pass(&rig.mock, Duration::from_micros(700));
    assert!(chip.next_measurement().unwrap().is_some());
    pass(&rig.mock, Duration::from_secs(1));
    assert!(chip.next_measurement().unwrap().is_none());
    chip.trigger().unwrap();
    pass(&rig.mock, Duration::from_micros(136_200));
    assert!(chip.next_measurement().unwrap().is_some());
}

#[test]
fn frozen_it_keeps_its_measurement_and_replugged_it_begins_anew() {
    let rig = Rig::new(0.1, 5.0, 1.0);
    let mut bus = rig.bus();
    bus.write(ADDRESS, &[5, 0x10, 0x00]).unwrap();
    pass(&rig.mock, CONVERSION);
    assert_eq!(rig.register(&mut bus, 1), 10_000);
    rig.twin.freeze();
    *rig.supply.lock().unwrap() = (Volts(5.0), Amperes(2.0));
    pass(&rig.mock, CONVERSION);
    assert_eq!(rig.register(&mut bus, 1), 10_000);
    assert_eq!(
        rig.register(&mut bus, 2) & 2,
        2,
        "it still says that it converted"
    );
    rig.twin.unplug();
    assert!(bus.write(ADDRESS, &[1]).is_err());
    rig.twin.replug();
    assert_eq!(rig.register(&mut bus, 1), 0);
    assert_eq!(rig.register(&mut bus, 5), 0, "calibration is lost");
    pass(&rig.mock, CONVERSION);
    assert_eq!(rig.register(&mut bus, 1), 20_000);
}

#[test]
fn what_it_does_not_have_is_an_error_that_names_chip_and_register() {
    let rig = Rig::new(0.1, 5.0, 1.0);
    let mut bus = rig.bus();
    let error = bus.write_read(ADDRESS, &[6], &mut [0; 2]).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("INA219") && text.contains("0x06"), "{text}");
    let text = bus.write(ADDRESS, &[4, 0, 0]).unwrap_err().to_string();
    assert!(text.contains("Current"), "{text}");
    assert_eq!(rig.mock.complaint_count(), 2);
}

#[test]
fn two_reads_in_one_transaction_are_refused_as_the_bcm2835_does() {
    let rig = Rig::new(0.1, 5.0, 1.0);
    let mut bus = rig.bus();
    let (mut first, mut second) = ([0; 2], [0; 2]);
    let mut operations = [
        Operation::Write(&[1]),
        Operation::Read(&mut first),
        Operation::Write(&[2]),
        Operation::Read(&mut second),
    ];
    let text = bus
        .transaction(ADDRESS, &mut operations)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("bcm2835") && text.contains("no_transaction"),
        "{text}"
    );
}

#[test]
fn adjacent_writes_are_one_message_and_the_calibration_has_no_lowest_bit() {
    let rig = Rig::new(0.1, 5.0, 1.0);
    let mut bus = rig.bus();
    let mut operations = [Operation::Write(&[5]), Operation::Write(&[0x12, 0x35])];
    bus.transaction(ADDRESS, &mut operations).unwrap();
    assert_eq!(rig.register(&mut bus, 5), 0x1234);
}
