//! An MPU6050 gyroscope and accelerometer, at register level.
//!
//! Sources: InvenSense RM-MPU-6000A-00 revision 4.2 ("RM": registers and reset values) and PS-MPU-6000A-00 revision
//! 3.4 ("PS": sensitivities). An access to anything else than the registers below is an error by name.

use crate::i2c::{I2cChip, I2cTwin, Moment, Unmodelled};
use crate::mock::Mock;
use sinew_messages::{Celsius, Timestamp, Vector3};
use std::time::Duration;

const SMPLRT_DIV: u8 = 0x19;
const CONFIG: u8 = 0x1A;
const GYRO_CONFIG: u8 = 0x1B;
const ACCEL_CONFIG: u8 = 0x1C;
const FIFO_EN: u8 = 0x23;
const INT_ENABLE: u8 = 0x38;
/// The first of 14 output registers: acceleration, temperature, angular velocity, big endian. RM sections 4.17 to 4.19.
const ACCEL_XOUT_H: u8 = 0x3B;
const TEMP_OUT_H: u8 = 0x41;
const GYRO_XOUT_H: u8 = 0x43;
const GYRO_ZOUT_L: u8 = 0x48;
const SIGNAL_PATH_RESET: u8 = 0x68;
const USER_CTRL: u8 = 0x6A;
const PWR_MGMT_1: u8 = 0x6B;
const PWR_MGMT_2: u8 = 0x6C;
const WHO_AM_I: u8 = 0x75;

/// PWR_MGMT_1 bits. RM section 4.28.
const DEVICE_RESET: u8 = 0x80;
const SLEEP: u8 = 0x40;
const TEMP_DIS: u8 = 0x08;

/// RM section 3: all registers are 0 after reset, but PWR_MGMT_1 (it sleeps) and WHO_AM_I.
const ASLEEP_AT_RESET: u8 = 0x40;
/// RM section 4.32: always this, whatever the pin AD0 makes of the address.
const IDENTITY: u8 = 0x68;

/// In m/s^2, the unit in which PS section 6.2 counts (CODATA standard acceleration of gravity).
const GRAVITY: f64 = 9.806_65;

/// Counts per degree and second at full scale 250, 500, 1000 and 2000 degrees per second. PS section 6.1.
const GYRO_SENSITIVITY: [f64; 4] = [131.0, 65.5, 32.8, 16.4];
/// Counts per g at full scale 2, 4, 8 and 16 g. PS section 6.2.
const ACCEL_SENSITIVITY: [f64; 4] = [16384.0, 8192.0, 4096.0, 2048.0];

/// What an inertial sensor feels, in its own frame (x forward, y left, z up as it is mounted).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inertia {
    /// In radians per second.
    pub angular_velocity: Vector3,
    /// In meters per second squared, gravity's reaction included: at rest and level z is 9.81.
    pub acceleration: Vector3,
    /// Of the chip.
    pub temperature: Celsius,
}

/// At rest, level, at 25 degC.
impl Default for Inertia {
    fn default() -> Self {
        Self {
            angular_velocity: Vector3::default(),
            acceleration: Vector3 {
                z: GRAVITY,
                ..Vector3::default()
            },
            temperature: Celsius(25.0),
        }
    }
}

/// A fitted MPU6050. Unplugged its address answers no more; frozen its outputs stay as they are.
pub type Mpu6050Twin = I2cTwin;

impl Mock {
    /// Fits an MPU6050 at 0x68 (pin AD0 low) or 0x69. It sleeps until a driver wakes it.
    ///
    /// `world` says what it feels whenever a new sample is read. It is called under the mock's lock: it must not use
    /// the mock.
    pub fn mpu6050(
        &self,
        name: &str,
        bus: u8,
        address: u8,
        world: impl FnMut(Timestamp) -> Inertia + Send + 'static,
    ) -> Mpu6050Twin {
        self.i2c_chip(name, "MPU6050", bus, address, Box::new(Mpu6050::new(world)))
    }
}

/// The chip.
struct Mpu6050 {
    world: Box<dyn FnMut(Timestamp) -> Inertia + Send>,
    registers: [u8; 128],
    pointer: u8,
    /// When it began to sample at this rate.
    awake_since: Timestamp,
    /// The number of the sample that the outputs hold, counted from then.
    sample: u128,
}

impl Mpu6050 {
    fn new(world: impl FnMut(Timestamp) -> Inertia + Send + 'static) -> Self {
        let mut chip = Self {
            world: Box::new(world),
            registers: [0; 128],
            pointer: 0,
            awake_since: Timestamp::ZERO,
            sample: 0,
        };
        chip.reset();
        chip
    }

    fn reset(&mut self) {
        self.registers = [0; 128];
        self.registers[usize::from(PWR_MGMT_1)] = ASLEEP_AT_RESET;
        self.registers[usize::from(WHO_AM_I)] = IDENTITY;
        self.pointer = 0;
        self.sample = 0;
    }

    fn register(&self, register: u8) -> u8 {
        self.registers[usize::from(register)]
    }

    /// From sample to sample. RM section 4.2: the gyroscope's rate, 8 kHz without its filter (DLPF_CFG 0) and 1 kHz
    /// with it, divided by 1 + SMPLRT_DIV.
    fn period(&self) -> Duration {
        let base = if self.register(CONFIG) & 0x07 == 0 {
            Duration::from_micros(125)
        } else {
            Duration::from_millis(1)
        };
        base * (1 + u32::from(self.register(SMPLRT_DIV)))
    }

    /// Takes the newest sample into the output registers, if there is one that was not read yet.
    fn sample(&mut self, at: Moment) {
        if self.register(PWR_MGMT_1) & SLEEP != 0 {
            return;
        }
        let sample = at.now.since(self.awake_since).as_nanos() / self.period().as_nanos();
        if sample == self.sample || at.frozen {
            return;
        }
        self.sample = sample;
        let felt = (self.world)(at.now);
        let accel = ACCEL_SENSITIVITY[usize::from(self.register(ACCEL_CONFIG) >> 3 & 3)] / GRAVITY;
        let gyro = GYRO_SENSITIVITY[usize::from(self.register(GYRO_CONFIG) >> 3 & 3)];
        self.output_vector(ACCEL_XOUT_H, felt.acceleration, accel);
        self.output_vector(GYRO_XOUT_H, felt.angular_velocity, gyro.to_degrees());
        if self.register(PWR_MGMT_1) & TEMP_DIS == 0 {
            // RM section 4.18: degrees = counts / 340 + 36.53.
            self.output(TEMP_OUT_H, (felt.temperature.0 - 36.53) * 340.0);
        }
    }

    fn output_vector(&mut self, first: u8, value: Vector3, counts: f64) {
        self.output(first, value.x * counts);
        self.output(first + 2, value.y * counts);
        self.output(first + 4, value.z * counts);
    }

    /// Beyond the full scale an output saturates; `as` does just that.
    fn output(&mut self, register: u8, counts: f64) {
        let bytes = (counts.round() as i16).to_be_bytes();
        self.registers[usize::from(register)..][..2].copy_from_slice(&bytes);
    }

    fn write_register(&mut self, at: Moment, register: u8, value: u8) -> Result<(), Unmodelled> {
        let (allowed, why) = writable(register);
        if allowed.is_none_or(|allowed| value & !allowed != 0) {
            return Err(Unmodelled {
                access: format!("writing {value:#04x} to"),
                register,
                name: name(register),
                why,
            });
        }
        match register {
            PWR_MGMT_1 if value & DEVICE_RESET != 0 => self.reset(),
            PWR_MGMT_1 => {
                let wakes = self.register(PWR_MGMT_1) & SLEEP != 0 && value & SLEEP == 0;
                self.registers[usize::from(register)] = value;
                if wakes {
                    self.restart_sampling(at);
                }
            }
            SMPLRT_DIV | CONFIG => {
                self.registers[usize::from(register)] = value;
                self.restart_sampling(at);
            }
            // Resets clear themselves; that of the signal path clears the outputs too (RM section 4.27, bit 0).
            USER_CTRL if value & 1 != 0 => {
                self.registers[usize::from(ACCEL_XOUT_H)..=usize::from(GYRO_ZOUT_L)].fill(0);
            }
            USER_CTRL | SIGNAL_PATH_RESET => {}
            _ => self.registers[usize::from(register)] = value,
        }
        Ok(())
    }

    fn restart_sampling(&mut self, at: Moment) {
        self.awake_since = at.now;
        self.sample = 0;
    }
}

/// The bits of a register that may be written as 1, `None` if it may not be written at all; and why not more.
fn writable(register: u8) -> (Option<u8>, &'static str) {
    match register {
        SMPLRT_DIV => (Some(0xFF), ""),
        CONFIG => (Some(0x07), "external synchronisation is missing"),
        GYRO_CONFIG | ACCEL_CONFIG => (Some(0x18), "self-test and high-pass filter are missing"),
        FIFO_EN => (Some(0), "the FIFO is missing"),
        INT_ENABLE => (Some(0), "the interrupt pin is missing"),
        SIGNAL_PATH_RESET => (Some(0x07), "only the three reset bits exist"),
        USER_CTRL => (Some(0x07), "FIFO, auxiliary bus and DMP are missing"),
        PWR_MGMT_1 => (Some(0xCB), "cycling and external clocks are missing"),
        PWR_MGMT_2 => (Some(0), "standby of single axes is missing"),
        ACCEL_XOUT_H..=GYRO_ZOUT_L | WHO_AM_I => (None, "it is read-only"),
        _ => (None, "the register is missing in this twin"),
    }
}

fn name(register: u8) -> &'static str {
    match register {
        SMPLRT_DIV => "SMPLRT_DIV",
        CONFIG => "CONFIG",
        GYRO_CONFIG => "GYRO_CONFIG",
        ACCEL_CONFIG => "ACCEL_CONFIG",
        FIFO_EN => "FIFO_EN",
        0x37 => "INT_PIN_CFG",
        INT_ENABLE => "INT_ENABLE",
        0x3A => "INT_STATUS",
        ACCEL_XOUT_H..TEMP_OUT_H => "ACCEL_OUT",
        TEMP_OUT_H..GYRO_XOUT_H => "TEMP_OUT",
        GYRO_XOUT_H..=GYRO_ZOUT_L => "GYRO_OUT",
        SIGNAL_PATH_RESET => "SIGNAL_PATH_RESET",
        USER_CTRL => "USER_CTRL",
        PWR_MGMT_1 => "PWR_MGMT_1",
        PWR_MGMT_2 => "PWR_MGMT_2",
        0x6D..=0x71 => "DMP memory",
        0x72 | 0x73 => "FIFO_COUNT",
        0x74 => "FIFO_R_W",
        WHO_AM_I => "WHO_AM_I",
        _ => "unknown",
    }
}

fn is_modelled(register: u8) -> bool {
    matches!(
        register,
        SMPLRT_DIV..=ACCEL_CONFIG
            | FIFO_EN
            | INT_ENABLE
            | ACCEL_XOUT_H..=GYRO_ZOUT_L
            | SIGNAL_PATH_RESET
            | USER_CTRL..=PWR_MGMT_2
            | WHO_AM_I
    )
}

impl I2cChip for Mpu6050 {
    fn power_on(&mut self, _at: Moment) {
        self.reset();
    }

    /// The first byte is the register; the others go to it and the following ones. PS section 9.3.
    fn write(&mut self, at: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        let Some((&first, values)) = bytes.split_first() else {
            return Ok(());
        };
        self.pointer = first;
        for &value in values {
            self.write_register(at, self.pointer, value)?;
            self.pointer = self.pointer.wrapping_add(1) & 0x7F;
        }
        Ok(())
    }

    /// Reads from the register of the last write on. A burst is one sample. PS section 9.3.
    fn read(&mut self, at: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        if matches!(self.pointer, ACCEL_XOUT_H..=GYRO_ZOUT_L) {
            self.sample(at);
        }
        for byte in into {
            let register = self.pointer;
            if !is_modelled(register) {
                return Err(Unmodelled {
                    access: "reading".to_owned(),
                    register,
                    name: name(register),
                    why: "the register is missing in this twin",
                });
            }
            *byte = self.register(register);
            self.pointer = register.wrapping_add(1) & 0x7F;
        }
        Ok(())
    }
}
