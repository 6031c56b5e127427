//! An MPU-6050 gyroscope and accelerometer.
//!
//! **Wiring.** VCC of the breakout board (GY-521) to 3.3 V or 5 V (it carries a regulator), GND to GND, SDA to GPIO2 and
//! SCL to GPIO3 (bus 1, 400 kHz if other parts allow it), AD0 open or to GND for 0x68, to 3.3 V for 0x69.
//!
//! **Messages.** Emits [`Imu`] 200 times a second by default, in a right-handed frame of which the config says how
//! the chip's axes lie in it: x forward, y left, z up.
//!
//! **Fails** if the chip does not answer, if its identity is another chip's, or if it lost its supply for a moment (it then
//! sleeps). It drives nothing.
//! Readings that repeat the one before to the last bit are counted: a chip that moves is never that quiet.
//!
//! Source: MPU-6000/MPU-6050 Product Specification PS-MPU-6000A-00 revision 3.4 (start-up times: section 6.1 and 6.3) and
//! Register Map RM-MPU-6000A-00 revision 4.2, InvenSense, August 2013 (section numbers at the constants).

use crate::ranges::range;
use crate::{Mounting, ReadCounters, i2c_address};
use embedded_hal::i2c::I2c;
use mpu6050_dmp::accel::{Accel, AccelFullScale};
use mpu6050_dmp::clock_source::ClockSource;
use mpu6050_dmp::config::DigitalLowPassFilter;
use mpu6050_dmp::error::Error as ChipError;
use mpu6050_dmp::gyro::{Gyro, GyroFullScale};
use mpu6050_dmp::sensor::Mpu6050 as Chip;
use serde::{Deserialize, Deserializer, Serialize};
use sinew_board::{Board, BusError, ClaimError, I2cHandle};
use sinew_messages::{Celsius, Imu, Timestamp};
use sinew_runtime::{Actor, Context, Emits, EndActor, Factory, Failure, Handler};
use std::time::Duration;

/// Register map, section 4.32: the chip's identity, whatever AD0 says.
const WHO_AM_I: u8 = 0x75;
/// What it reads on an MPU-6050.
const IDENTITY: u8 = 0x68;
/// Register map, section 4.28: power management 1.
const PWR_MGMT_1: u8 = 0x6b;
/// Its bit that sets all registers back.
const DEVICE_RESET: u8 = 0x80;
/// Its bit that is set after power-up and reset.
const SLEEP: u8 = 0x40;
/// What the outputs show before the first sample.
const NOTHING: (Accel, Gyro) = (Accel::new(0, 0, 0), Gyro::new(0, 0, 0));
/// From power-up or reset until registers can be written: at most 100 ms (product specification, section 6.3).
const RESETTING: Duration = Duration::from_millis(100);
/// From waking until the gyroscope's zero has settled: 30 ms (product specification, section 6.1).
const SETTLING: Duration = Duration::from_millis(30);
/// One g, by which an accelerometer counts.
const STANDARD_GRAVITY: f64 = 9.806_65;
/// The temperature changes slowly: it is read with every hundredth reading only.
const TEMPERATURE_EVERY: u64 = 100;
/// Forces of a small robot, with room for a bump.
const ACCEL_SCALE: AccelFullScale = AccelFullScale::G4;
/// A turn of 500 degrees per second is faster than any that a small robot should make.
const GYRO_SCALE: GyroFullScale = GyroFullScale::Deg500;

/// Where an MPU-6050 is wired and how it is mounted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Mpu6050Config {
    /// The I2C bus; 1 is on the header.
    pub bus: u8,
    /// 0x68, or 0x69 with AD0 high.
    #[serde(deserialize_with = "address")]
    pub address: u8,
    /// From reading to reading: 2 to 1000 ms.
    #[serde(deserialize_with = "period_ms")]
    pub period_ms: u64,
    /// How the chip sits.
    pub mounting: Mounting,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    i2c_address::within(deserializer, "MPU-6050", &(0x68..=0x69))
}
range!(period_ms: u64, 2..=1000);

impl Default for Mpu6050Config {
    fn default() -> Self {
        Self {
            bus: 1,
            address: 0x68,
            period_ms: 5,
            mounting: Mounting::default(),
        }
    }
}

/// What an [`Mpu6050`] counted since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mpu6050Counters {
    /// Readings published.
    pub readings: u64,
    /// Readings that were the same as the one before, to the last bit.
    pub repeated: u64,
    /// How many of them came one after the other until now.
    pub repeated_in_a_row: u64,
}

/// Why an MPU-6050 cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Mpu6050Error {
    /// The bus failed.
    #[error(
        "{doing} the MPU-6050 at {address:#04x} of I2C bus {bus}: is it powered, are SDA and SCL connected?"
    )]
    Bus {
        /// What was being done.
        doing: &'static str,
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
        /// What the bus said.
        #[source]
        source: BusError,
    },
    /// Another chip answered.
    #[error(
        "what answers at {address:#04x} of I2C bus {bus} says that it is {found:#04x}, an MPU-6050 says 0x68 \
         (0x70: MPU-6500, 0x71: MPU-9250, 0x98: ICM-20689)"
    )]
    Identity {
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
        /// Its WHO_AM_I.
        found: u8,
    },
    /// It lost its power for a moment.
    #[error(
        "the MPU-6050 at {address:#04x} of I2C bus {bus} sleeps although it was woken: look at its supply"
    )]
    FellAsleep {
        /// The bus.
        bus: u8,
        /// The address.
        address: u8,
    },
}

/// What the actor tells itself.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The reset has ended.
    Configure,
    /// The gyroscope has settled.
    Begin,
    /// Time to read.
    Read,
}

/// The actor of an MPU-6050.
pub struct Mpu6050 {
    /// For what the chip's driver does not offer: identity, reset, power.
    i2c: I2cHandle,
    /// Handed over to the chip's driver after the reset.
    for_driver: Option<I2cHandle>,
    chip: Option<Chip<I2cHandle>>,
    board: Board,
    config: Mpu6050Config,
    last: Option<(Accel, Gyro)>,
    temperature: Option<Celsius>,
    counters: Mpu6050Counters,
}

impl std::fmt::Debug for Mpu6050 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mpu6050")
            .field("config", &self.config)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Mpu6050 {
    /// Claims the chip's address on its bus; the actor resets and configures the chip at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the address has an owner or the bus does not exist.
    pub fn on(board: &Board, config: &Mpu6050Config) -> Result<Factory<Self>, ClaimError> {
        let claim = board.i2c("MPU-6050", config.bus, config.address)?;
        let names = claim.clone();
        let (board, config) = (board.clone(), config.clone());
        let factory = Factory::new(move || {
            Ok(Self {
                i2c: claim.open()?,
                for_driver: Some(claim.open()?),
                chip: None,
                board: board.clone(),
                config: config.clone(),
                last: None,
                temperature: None,
                counters: Mpu6050Counters::default(),
            })
        });
        Ok(factory.named(move |node| names.owned_by(node)))
    }

    /// Asks who is there, and resets it.
    fn identify_and_reset(&mut self) -> Result<(), Mpu6050Error> {
        let identity = self.register("asking the identity of", WHO_AM_I)?;
        if identity != IDENTITY {
            return Err(Mpu6050Error::Identity {
                bus: self.config.bus,
                address: self.config.address,
                found: identity,
            });
        }
        self.i2c
            .write(self.config.address, &[PWR_MGMT_1, DEVICE_RESET])
            .map_err(|source| self.bus("resetting", source))
    }

    fn register(&mut self, doing: &'static str, register: u8) -> Result<u8, Mpu6050Error> {
        let mut value = [0];
        self.i2c
            .write_read(self.config.address, &[register], &mut value)
            .map_err(|source| self.bus(doing, source))?;
        Ok(value[0])
    }

    /// A chip that sleeps although it was woken has lost its power, and all that was set, for a moment.
    fn stay_awake(&mut self) -> Result<(), Mpu6050Error> {
        if self.register("asking for the state of", PWR_MGMT_1)? & SLEEP == 0 {
            return Ok(());
        }
        Err(Mpu6050Error::FellAsleep {
            bus: self.config.bus,
            address: self.config.address,
        })
    }

    /// Wakes the chip and sets scales and filter. The driver adds bits to what a register holds, so this is
    /// right after a reset only.
    fn configure(&self, i2c: I2cHandle) -> Result<Chip<I2cHandle>, Mpu6050Error> {
        let fails = |error| self.fails("configuring", error);
        let mut chip =
            Chip::new(i2c, self.config.address.into()).map_err(|refused| fails(refused.error))?;
        chip.set_clock_source(ClockSource::Xgyro).map_err(fails)?;
        // 1000 readings per second, filtered at 94 Hz: each of ours finds a new one.
        chip.set_sample_rate_divider(0).map_err(fails)?;
        chip.set_digital_lowpass_filter(DigitalLowPassFilter::Filter2)
            .map_err(fails)?;
        chip.set_accel_full_scale(ACCEL_SCALE).map_err(fails)?;
        chip.set_gyro_full_scale(GYRO_SCALE).map_err(fails)?;
        Ok(chip)
    }

    fn fails(&self, doing: &'static str, error: ChipError<I2cHandle>) -> Mpu6050Error {
        match error {
            ChipError::WriteError(source) | ChipError::WriteReadError(source) => {
                self.bus(doing, source)
            }
            ChipError::WrongDevice => Mpu6050Error::Identity {
                bus: self.config.bus,
                address: self.config.address,
                found: 0,
            },
        }
    }

    fn bus(&self, doing: &'static str, source: BusError) -> Mpu6050Error {
        Mpu6050Error::Bus {
            doing,
            bus: self.config.bus,
            address: self.config.address,
            source,
        }
    }

    fn read(&mut self) -> Result<Option<Imu>, Mpu6050Error> {
        let Some(chip) = self.chip.as_mut() else {
            return Ok(None);
        };
        let motion = chip.motion6();
        let warmth = if self.counters.readings.is_multiple_of(TEMPERATURE_EVERY) {
            Some(chip.temperature())
        } else {
            None
        };
        let measured_at = self.board.now();
        let motion = motion.map_err(|error| self.fails("reading", error))?;
        // All zero is what a chip shows that has just got its power, and what a moving one hardly ever does.
        if motion == NOTHING {
            self.stay_awake()?;
        }
        if let Some(warmth) = warmth {
            let warmth = warmth.map_err(|error| self.fails("reading", error))?;
            self.temperature = Some(Celsius(f64::from(warmth.raw()) / 340.0 + 36.53));
        }
        self.count(motion);
        Ok(Some(self.imu(measured_at, motion)))
    }

    fn count(&mut self, motion: (Accel, Gyro)) {
        self.counters.readings += 1;
        if self.last.replace(motion) == Some(motion) {
            self.counters.repeated += 1;
            self.counters.repeated_in_a_row += 1;
        } else {
            self.counters.repeated_in_a_row = 0;
        }
    }

    fn imu(&self, measured_at: Timestamp, (accel, gyro): (Accel, Gyro)) -> Imu {
        let turning = (1.0 / f64::from(GYRO_SCALE.scale())).to_radians();
        let pushing = STANDARD_GRAVITY / f64::from(ACCEL_SCALE.scale());
        let along = |x: i16, y: i16, z: i16, unit: f64| {
            let of = |raw: i16| f64::from(raw) * unit;
            self.config.mounting.in_body(of(x), of(y), of(z))
        };
        Imu {
            measured_at,
            angular_velocity: along(gyro.x(), gyro.y(), gyro.z(), turning),
            linear_acceleration: along(accel.x(), accel.y(), accel.z(), pushing),
            temperature: self.temperature,
        }
    }
}

impl Actor for Mpu6050 {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.identify_and_reset()?;
        ctx.after(RESETTING, Step::Configure);
        Ok(())
    }
}

impl Emits<Imu> for Mpu6050 {}

impl Handler<Step> for Mpu6050 {
    type Reply = ();
    async fn handle(&mut self, step: Step, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match step {
            Step::Configure => {
                let i2c = self.for_driver.take().ok_or(EndActor)?;
                self.chip = Some(self.configure(i2c)?);
                ctx.after(SETTLING, Step::Begin);
            }
            Step::Begin => {
                ctx.every(Duration::from_millis(self.config.period_ms), Step::Read);
            }
            Step::Read => {
                if let Some(imu) = self.read()? {
                    ctx.publish(imu);
                }
            }
        }
        Ok(())
    }
}

impl Handler<ReadCounters> for Mpu6050 {
    type Reply = Mpu6050Counters;
    async fn handle(
        &mut self,
        _: ReadCounters,
        _: &mut Context<Self>,
    ) -> Result<Mpu6050Counters, Failure> {
        Ok(self.counters)
    }
}
