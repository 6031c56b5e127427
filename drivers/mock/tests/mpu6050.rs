//! The twin of the MPU6050, driven by the unmodified crate `mpu6050-dmp`.

use crate::bench::{board, pass};
use embedded_hal::i2c::{Error, ErrorKind, I2c, NoAcknowledgeSource};
use mpu6050_dmp::accel::AccelFullScale;
use mpu6050_dmp::address::Address;
use mpu6050_dmp::clock_source::ClockSource;
use mpu6050_dmp::config::DigitalLowPassFilter;
use mpu6050_dmp::gyro::GyroFullScale;
use mpu6050_dmp::sensor::Mpu6050;
use sinew_board::{Board, I2cClaim, I2cHandle};
use sinew_messages::{Celsius, Vector3};
use sinew_mock::{Inertia, Mock, Mpu6050Twin};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ADDRESS: u8 = 0x68;
/// In m/s^2.
const G: f64 = 9.806_65;

struct Rig {
    mock: Mock,
    board: Board,
    twin: Mpu6050Twin,
    claim: I2cClaim,
    feels: Arc<Mutex<Inertia>>,
}

impl Rig {
    fn new() -> Self {
        let (mock, board) = board();
        let feels = Arc::new(Mutex::new(Inertia::default()));
        let world = Arc::clone(&feels);
        let twin = mock.mpu6050("imu", 1, ADDRESS, move |_| *world.lock().unwrap());
        Self {
            claim: board.i2c("IMU", 1, ADDRESS).unwrap(),
            mock,
            board,
            twin,
            feels,
        }
    }

    fn bus(&self) -> I2cHandle {
        self.claim.open().unwrap()
    }

    fn chip(&self) -> Mpu6050<I2cHandle> {
        let Ok(mut chip) = Mpu6050::new(self.bus(), Address(ADDRESS)) else {
            panic!("the chip does not answer");
        };
        chip.set_clock_source(ClockSource::Xgyro).unwrap();
        chip.set_digital_lowpass_filter(DigitalLowPassFilter::Filter2)
            .unwrap();
        chip.set_sample_rate_divider(0).unwrap();
        chip
    }

    /// Feels this, and lets a sample be taken.
    fn feel(&self, accel_g: [f64; 3], degrees_per_second: [f64; 3], celsius: f64) {
        let vector = |[x, y, z]: [f64; 3], unit: f64| Vector3 {
            x: x * unit,
            y: y * unit,
            z: z * unit,
        };
        *self.feels.lock().unwrap() = Inertia {
            angular_velocity: vector(degrees_per_second, 1.0_f64.to_radians()),
            acceleration: vector(accel_g, G),
            temperature: Celsius(celsius),
        };
        pass(&self.mock, Duration::from_millis(5));
    }
}

#[test]
fn one_g_and_known_rates_read_as_the_sensitivities_of_the_datasheet() {
    let scales = [
        (AccelFullScale::G2, 16384, GyroFullScale::Deg250, 131.0),
        (AccelFullScale::G4, 8192, GyroFullScale::Deg500, 65.5),
        (AccelFullScale::G8, 4096, GyroFullScale::Deg1000, 32.8),
        (AccelFullScale::G16, 2048, GyroFullScale::Deg2000, 16.4),
    ];
    for (accel_scale, accel_lsb, gyro_scale, gyro_lsb) in scales {
        let rig = Rig::new();
        let mut chip = rig.chip();
        chip.set_accel_full_scale(accel_scale).unwrap();
        chip.set_gyro_full_scale(gyro_scale).unwrap();
        rig.feel([1.0, -1.0, 0.5], [100.0, -100.0, 250.0], 25.0);
        let (accel, gyro) = chip.motion6().unwrap();
        assert_eq!(
            [accel.x(), accel.y(), accel.z()],
            [accel_lsb, -accel_lsb, accel_lsb / 2]
        );
        let expected = [100.0, -100.0, 250.0].map(|rate: f64| (rate * gyro_lsb).round() as i16);
        assert_eq!([gyro.x(), gyro.y(), gyro.z()], expected);
        assert_eq!(rig.mock.complaints(), []);
    }
}

#[test]
fn beyond_the_full_scale_outputs_saturate_with_their_sign() {
    let rig = Rig::new();
    let mut chip = rig.chip();
    rig.feel([2.5, -2.5, -2.0], [300.0, -300.0, -250.0], 25.0);
    let accel = chip.accel().unwrap();
    let gyro = chip.gyro().unwrap();
    assert_eq!(
        [accel.x(), accel.y(), accel.z()],
        [i16::MAX, i16::MIN, i16::MIN]
    );
    assert_eq!([gyro.x(), gyro.y(), gyro.z()], [i16::MAX, i16::MIN, -32750]);
}

#[test]
fn the_temperature_has_its_zero_at_36_53_degrees_and_340_counts_a_degree() {
    let rig = Rig::new();
    let mut chip = rig.chip();
    for (celsius, counts) in [(36.53, 0), (37.53, 340), (-40.0, -26_020), (85.0, 16_480)] {
        rig.feel([0.0, 0.0, 1.0], [0.0; 3], celsius);
        assert_eq!(chip.temperature().unwrap().raw(), counts, "{celsius}");
    }
}

#[test]
fn it_sleeps_at_power_on_and_again_after_a_replug_and_a_reset() {
    let rig = Rig::new();
    let mut bus = rig.bus();
    let mut read = |register: u8| {
        let mut bytes = [0; 2];
        bus.write_read(ADDRESS, &[register], &mut bytes).unwrap();
        bytes
    };
    rig.feel([0.0, 0.0, 1.0], [0.0; 3], 25.0);
    assert_eq!(read(0x6B)[0], 0x40, "PWR_MGMT_1 after power-on");
    assert_eq!(read(0x3F), [0, 0], "nothing is measured asleep");
    drop(bus);

    let mut chip = rig.chip();
    rig.feel([0.0, 0.0, 1.0], [0.0; 3], 25.0);
    assert_eq!(chip.accel().unwrap().z(), 16384);
    rig.twin.unplug();
    rig.twin.replug();
    rig.feel([0.0, 0.0, 1.0], [0.0; 3], 25.0);
    assert_eq!(chip.accel().unwrap().z(), 0, "asleep after a replug");
    chip.disable_sleep().unwrap();
    rig.feel([0.0, 0.0, 1.0], [0.0; 3], 25.0);
    assert_eq!(chip.accel().unwrap().z(), 16384);
    chip.reset(&mut rig.board.delay()).unwrap();
    assert_eq!(chip.accel().unwrap().z(), 0, "asleep after a reset");
}

#[test]
fn it_says_who_it_is_whatever_its_address() {
    let (mock, board) = board();
    mock.mpu6050("imu", 1, 0x69, |_| Inertia::default());
    let mut bus = board.i2c("IMU", 1, 0x69).unwrap().open().unwrap();
    let mut identity = [0];
    bus.write_read(0x69, &[0x75], &mut identity).unwrap();
    assert_eq!(identity, [0x68]);
}

#[test]
fn between_two_samples_it_answers_with_the_same_and_frozen_always() {
    let rig = Rig::new();
    let mut chip = rig.chip();
    chip.set_sample_rate_divider(9).unwrap();
    pass(&rig.mock, Duration::from_millis(10));
    rig.feel([0.0, 0.0, 1.0], [0.0; 3], 25.0);
    assert_eq!(chip.accel().unwrap().z(), 16384);
    rig.feels.lock().unwrap().acceleration.z = 0.0;
    pass(&rig.mock, Duration::from_millis(3));
    assert_eq!(
        chip.accel().unwrap().z(),
        16384,
        "the next sample comes after 20 ms"
    );
    pass(&rig.mock, Duration::from_millis(5));
    assert_eq!(chip.accel().unwrap().z(), 0);

    rig.twin.freeze();
    rig.feel([0.0, 0.0, -1.0], [0.0; 3], 25.0);
    pass(&rig.mock, Duration::from_secs(1));
    assert_eq!(chip.accel().unwrap().z(), 0);
    rig.twin.thaw();
    assert_eq!(chip.accel().unwrap().z(), -16384);
}

#[test]
fn unplugged_its_address_is_not_acknowledged() {
    let rig = Rig::new();
    let mut bus = rig.bus();
    rig.twin.unplug();
    let error = bus.write(ADDRESS, &[0x6B, 0]).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)
    );
    rig.twin.replug();
    bus.write(ADDRESS, &[0x6B, 0]).unwrap();
}

#[test]
fn what_it_does_not_model_is_an_error_that_names_chip_and_register() {
    let rig = Rig::new();
    let mut chip = rig.chip();
    assert!(chip.get_fifo_count().is_err());
    assert!(chip.enable_dmp().is_err());
    let mut bus = chip.release();
    let text = bus.write(ADDRESS, &[0x1C, 0xE0]).unwrap_err().to_string();
    for named in ["MPU6050", "imu", "ACCEL_CONFIG", "0x1c", "self-test"] {
        assert!(text.contains(named), "{named} in {text}");
    }
    let text = bus.write(ADDRESS, &[0x75, 0x00]).unwrap_err().to_string();
    assert!(
        text.contains("WHO_AM_I") && text.contains("read-only"),
        "{text}"
    );
    let complaints = rig.mock.complaints();
    assert_eq!(complaints.len(), 4);
    assert!(
        complaints[0].text.contains("FIFO_COUNT"),
        "{}",
        complaints[0]
    );
    assert!(complaints.iter().all(|complaint| complaint.part == "imu"));
}
