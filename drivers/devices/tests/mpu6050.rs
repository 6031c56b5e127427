//! An MPU-6050 against its twin.

#![cfg(feature = "mpu6050")]

use crate::common::{Bench, Listener, counters, for_ms, ms, run, stamp, status};
use sinew_devices::{Axis, Mounting, Mpu6050, Mpu6050Config, Mpu6050Counters};
use sinew_messages::{Celsius, Imu, Timestamp, Vector3};
use sinew_mock::{I2cChip, I2cTwin, Inertia, Moment, Unmodelled};
use sinew_runtime::{Graph, Node, Restart};
use std::time::Duration;

/// From start to the first reading: reset 100 ms, settling 30 ms, one period.
const FIRST: u64 = 135;

fn fit(bench: &Bench, world: impl FnMut(Timestamp) -> Inertia + Send + 'static) -> I2cTwin {
    bench.mock.mpu6050("imu", 1, 0x68, world)
}

fn graph(bench: &Bench, config: &Mpu6050Config) -> (Graph, Node<Mpu6050>, Listener<Imu>) {
    let listener = Listener::new();
    let mut graph = Graph::new("test");
    let imu = graph.add("imu", Mpu6050::on(&bench.board, config).unwrap());
    let node = graph.add("listener", listener.clone());
    graph
        .connect(imu.out::<Imu>(), &node)
        .silence_after(for_ms(200));
    graph.supervise(&imu, Restart::patient());
    (graph, imu, listener)
}

/// The newest reading of a chip that feels the same for half a second.
fn feel(felt: Inertia, config: &Mpu6050Config) -> Imu {
    let bench = Bench::new();
    let _twin = fit(&bench, move |_| felt);
    let mock = bench.mock.clone();
    let (graph, _, listener) = graph(&bench, config);
    let system = run(graph, bench, ms(500));
    assert_eq!(mock.complaints(), []);
    assert_eq!(system.report().failures, 0);
    listener.messages().last().copied().unwrap()
}

fn close(found: Vector3, wanted: [f64; 3], within: f64) {
    for (found, wanted) in [found.x, found.y, found.z].iter().zip(wanted) {
        assert!((found - wanted).abs() <= within, "{found} is not {wanted}");
    }
}

/// Half a count of the scales that the device sets: 65.5 per degree/s, 8192 per g.
const GYRO_ROUNDING: f64 = 0.5 / 65.5 * std::f64::consts::PI / 180.0 + 1e-9;
const ACCEL_ROUNDING: f64 = 0.5 / 8192.0 * 9.80665 + 1e-9;

#[test]
fn at_rest_it_feels_gravity_200_times_a_second() {
    let bench = Bench::new();
    let _twin = fit(&bench, |_| Inertia::default());
    let (graph, _, listener) = graph(&bench, &Mpu6050Config::default());
    run(graph, bench, ms(1000));
    let readings = listener.messages();
    assert_eq!(readings.len() as u64, (1000 - FIRST) / 5 + 1);
    for imu in &readings {
        close(imu.linear_acceleration, [0.0, 0.0, 9.80665], ACCEL_ROUNDING);
        close(imu.angular_velocity, [0.0; 3], GYRO_ROUNDING);
        assert!((imu.temperature.unwrap().0 - 25.0).abs() < 0.01);
    }
    // Setting the chip up took its time on a bus of 100 kHz.
    let late = readings[0].measured_at.since(stamp(ms(FIRST)));
    assert!(
        late > Duration::ZERO && late < Duration::from_millis(3),
        "{late:?}"
    );
}

#[test]
fn turning_and_pushing_come_out_as_they_went_in() {
    let felt = Inertia {
        angular_velocity: Vector3 {
            x: 0.5,
            y: -1.25,
            z: 6.0,
        },
        acceleration: Vector3 {
            x: -3.0,
            y: 2.5,
            z: -9.81,
        },
        temperature: Celsius(-10.0),
    };
    let found = feel(felt, &Mpu6050Config::default());
    close(found.angular_velocity, [0.5, -1.25, 6.0], GYRO_ROUNDING);
    close(
        found.linear_acceleration,
        [-3.0, 2.5, -9.81],
        ACCEL_ROUNDING,
    );
    assert!((found.temperature.unwrap().0 + 10.0).abs() < 0.01);
}

#[test]
fn beyond_full_scale_it_shows_full_scale() {
    let felt = Inertia {
        angular_velocity: Vector3 {
            z: -100.0,
            ..Vector3::default()
        },
        ..Inertia::default()
    };
    let found = feel(felt, &Mpu6050Config::default());
    // -32768 counts of 65.5 per degree and second.
    let full = (-32768.0_f64 / 65.5).to_radians();
    assert!((found.angular_velocity.z - full).abs() < 1e-9);
}

#[test]
fn a_chip_that_is_mounted_on_its_side_measures_the_bodys_axes() {
    let mut config = Mpu6050Config::default();
    // Its z points forward, its x up, so its y points left.
    config.mounting = Mounting::new(Axis::PlusZ, Axis::PlusY).unwrap();
    let felt = Inertia {
        acceleration: Vector3 {
            x: -9.80665,
            y: 1.0,
            z: 2.0,
        },
        ..Inertia::default()
    };
    let found = feel(felt, &config);
    close(
        found.linear_acceleration,
        [2.0, 1.0, 9.80665],
        ACCEL_ROUNDING,
    );
}

#[test]
fn unplugged_it_fails_falls_silent_and_works_again_when_it_is_plugged_in() {
    let mut bench = Bench::new();
    let twin = fit(&bench, |_| Inertia::default());
    let again = twin.clone();
    bench.at(ms(1001), move || twin.unplug());
    bench.at(ms(3001), move || again.replug());
    let (graph, _, listener) = graph(&bench, &Mpu6050Config::default());
    let mut system = run(graph, bench, ms(3000));
    assert_eq!(listener.between(ms(1002), ms(3000)), []);
    assert_eq!(listener.silences.lock().unwrap().len(), 1);
    let failure = status(&system, "imu").last_failure.unwrap();
    assert!(
        failure.contains("asking the identity of the MPU-6050 at 0x68"),
        "{failure}"
    );
    system.run_until(ms(6000));
    assert!(listener.between(ms(5500), ms(6000)).len() >= 98);
}

#[test]
fn a_chip_that_lost_its_power_for_a_moment_is_not_read_while_it_sleeps() {
    let mut bench = Bench::new();
    let twin = fit(&bench, |_| Inertia::default());
    bench.at(ms(1001), move || {
        twin.unplug();
        twin.replug();
    });
    let (graph, _, listener) = graph(&bench, &Mpu6050Config::default());
    let system = run(graph, bench, ms(4000));
    let failure = status(&system, "imu").last_failure.unwrap();
    assert!(failure.contains("sleeps"), "{failure}");
    let found = listener.between(ms(3500), ms(4000));
    assert!(found.len() >= 98);
    for imu in found {
        close(imu.linear_acceleration, [0.0, 0.0, 9.80665], ACCEL_ROUNDING);
    }
}

#[test]
fn readings_that_repeat_the_one_before_are_counted() {
    let mut bench = Bench::new();
    let moves = |now: Timestamp| Inertia {
        angular_velocity: Vector3 {
            z: now.seconds(),
            ..Vector3::default()
        },
        ..Inertia::default()
    };
    let twin = fit(&bench, moves);
    bench.at(ms(600), move || twin.freeze());
    let (mut graph, imu, _) = graph(&bench, &Mpu6050Config::default());
    let moving = counters(&mut graph, &imu, ms(599));
    run(graph, bench, ms(600));
    let moving: Mpu6050Counters = moving.lock().unwrap()[0];
    assert!(moving.readings >= 90);
    assert_eq!(moving.repeated, 0);

    let mut bench = Bench::new();
    let twin = fit(&bench, moves);
    bench.at(ms(600), move || twin.freeze());
    let (mut graph, imu, _) = self::graph(&bench, &Mpu6050Config::default());
    let frozen = counters(&mut graph, &imu, ms(999));
    run(graph, bench, ms(1000));
    let frozen: Mpu6050Counters = frozen.lock().unwrap()[0];
    assert!(frozen.repeated_in_a_row >= 78, "{frozen:?}");
}

/// A chip of the same family, of which only the identity is known here.
struct Relative;

impl I2cChip for Relative {
    fn power_on(&mut self, _: Moment) {}

    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        assert_eq!(
            bytes,
            [0x75],
            "a stranger is asked who it is and not written to"
        );
        Ok(())
    }

    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        into.fill(0x71);
        Ok(())
    }
}

#[test]
fn another_chip_at_its_address_is_refused_by_its_identity() {
    let bench = Bench::new();
    bench
        .mock
        .i2c_chip("stranger", "MPU9250", 1, 0x68, Box::new(Relative));
    let (graph, _, listener) = graph(&bench, &Mpu6050Config::default());
    let system = run(graph, bench, ms(1000));
    assert_eq!(listener.messages(), []);
    let failure = status(&system, "imu").last_failure.unwrap();
    assert!(failure.contains("0x71"), "{failure}");
}
