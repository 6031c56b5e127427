//! An INA219 against its twin.

#![cfg(feature = "ina219")]

use crate::common::{Bench, Listener, for_ms, ms, run, status};
use sinew_devices::{Ina219, Ina219Config};
use sinew_messages::{Amperes, BatteryState, Timestamp, Volts};
use sinew_mock::{I2cChip, I2cTwin, Moment, Unmodelled};
use sinew_runtime::{Graph, Restart, System};

fn fit(
    bench: &Bench,
    shunt_ohms: f64,
    world: impl FnMut(Timestamp) -> (Volts, Amperes) + Send + 'static,
) -> I2cTwin {
    bench.mock.ina219("battery", 1, 0x40, shunt_ohms, world)
}

fn graph(bench: &Bench, config: &Ina219Config) -> (Graph, Listener<BatteryState>) {
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let battery = graph.add("battery", Ina219::on(&bench.board, config).unwrap());
    let node = graph.add("listener", listener.clone());
    graph
        .connect(battery.out::<BatteryState>(), &node)
        .silence_after(for_ms(500));
    graph.supervise(&battery, Restart::patient());
    (graph, listener)
}

/// What it says of a battery for a second.
fn measure(volts: f64, amperes: f64, config: &Ina219Config) -> Vec<BatteryState> {
    let bench = Bench::new();
    let _twin = fit(&bench, config.shunt_ohms, move |_| {
        (Volts(volts), Amperes(amperes))
    });
    let mock = bench.mock.clone();
    let (graph, listener) = graph(&bench, config);
    let system = run(graph, bench, ms(1050));
    assert_eq!(mock.complaints(), []);
    assert_eq!(system.report().failures, 0);
    listener.messages()
}

#[test]
fn a_battery_under_load_is_measured_ten_times_a_second() {
    let found = measure(7.4, 1.5, &Ina219Config::default());
    assert_eq!(found.len(), 10);
    for state in found {
        // The bus has steps of 4 mV, the shunt of 10 uV: 0.1 mA in 0.1 Ohm.
        assert!((state.voltage.0 - 7.4).abs() <= 0.0021, "{state:?}");
        assert!((state.current.0 - 1.5).abs() <= 0.000_051, "{state:?}");
        assert!((state.power.0 - 11.1).abs() <= 0.004, "{state:?}");
    }
}

#[test]
fn the_example_of_the_data_sheet_comes_out() {
    // Section 9.2.2.1: 12 V behind a shunt of 2 mOhm that carries 10 A, so 20 mV: 11.98 V at the load.
    let mut config = Ina219Config::default();
    config.shunt_ohms = 0.002;
    let found = measure(12.0, 10.0, &config);
    let state = found.last().unwrap();
    assert!((state.current.0 - 10.0).abs() <= 0.0026, "{state:?}");
    assert!((state.voltage.0 - 12.0).abs() <= 0.0021, "{state:?}");
    assert!((state.power.0 - 120.0).abs() <= 0.06, "{state:?}");
}

#[test]
fn a_battery_that_is_charged_has_a_negative_current() {
    let found = measure(8.2, -0.75, &Ina219Config::default());
    let state = found.last().unwrap();
    assert!((state.current.0 + 0.75).abs() <= 0.000_051, "{state:?}");
    assert!(
        state.power.0 < 0.0 && (state.voltage.0 - 8.2).abs() <= 0.0021,
        "{state:?}"
    );
}

#[test]
fn beyond_full_scale_it_shows_full_scale() {
    let found = measure(12.0, 5.0, &Ina219Config::default());
    assert!((found.last().unwrap().current.0 - 3.2).abs() < 1e-9);
}

#[test]
fn unplugged_it_fails_falls_silent_and_works_again_when_it_is_plugged_in() {
    let mut bench = Bench::new();
    let twin = fit(&bench, 0.1, |_| (Volts(7.4), Amperes(0.5)));
    let again = twin.clone();
    bench.at(ms(1050), move || twin.unplug());
    bench.at(ms(3050), move || again.replug());
    let (graph, listener) = graph(&bench, &Ina219Config::default());
    let mut system = run(graph, bench, ms(3000));
    assert_eq!(listener.between(ms(1051), ms(3000)), []);
    assert_eq!(listener.silences.lock().unwrap().len(), 1);
    let failure = status(&system, "battery").last_failure.unwrap();
    assert!(
        failure.contains("resetting the INA219 at 0x40"),
        "{failure}"
    );
    system.run_until(ms(6000));
    assert!(listener.between(ms(5000), ms(6000)).len() >= 9);
}

/// A chip that answers every read of two bytes with what its register holds.
struct Stranger {
    configuration: u16,
    bus: u16,
    pointer: u8,
}

impl I2cChip for Stranger {
    fn power_on(&mut self, _: Moment) {}

    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        self.pointer = bytes[0];
        Ok(())
    }

    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        let value = match self.pointer {
            0 => self.configuration,
            2 => self.bus,
            _ => 0,
        };
        into.copy_from_slice(&value.to_be_bytes());
        Ok(())
    }
}

fn strange(configuration: u16, bus: u16) -> (System, Listener<BatteryState>) {
    let bench = Bench::new();
    let stranger = Stranger {
        configuration,
        bus,
        pointer: 0,
    };
    bench
        .mock
        .i2c_chip("stranger", "unknown", 1, 0x40, Box::new(stranger));
    let (graph, listener) = graph(&bench, &Ina219Config::default());
    (run(graph, bench, ms(1500)), listener)
}

#[test]
fn what_does_not_come_out_of_a_reset_as_an_ina219_is_refused() {
    let (system, listener) = strange(0x1234, 0);
    assert_eq!(listener.messages(), []);
    let failure = status(&system, "battery").last_failure.unwrap();
    assert!(
        failure.contains("is no INA219 (ConfigurationNotDefaultAfterReset)"),
        "{failure}"
    );
}

#[test]
fn a_chip_that_converts_no_more_is_a_failure_after_a_second() {
    let (system, listener) = strange(0x399f, 0x1000);
    assert_eq!(listener.messages(), []);
    let status = status(&system, "battery");
    assert!(
        status
            .last_failure
            .unwrap()
            .contains("no new conversion for a second")
    );
    assert_eq!(status.restarts, 1);
}
