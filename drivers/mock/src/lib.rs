#![doc = include_str!("../README.md")]

mod agenda;
mod complaint;
mod fitted;
mod gpio;
mod i2c;
mod mock;
mod net;
mod part;
mod port;
mod pwm;
mod random;
mod serial;
mod socket;
mod spi;
mod state;
mod twin;
mod twins;
mod wakes;
mod wires;

pub use complaint::Complaint;
pub use fitted::FittedInfo;
pub use i2c::{I2cChip, I2cTwin, Moment, Unmodelled};
pub use mock::Mock;
pub use spi::{SpiChip, SpiTwin};
pub use twin::Twin;
pub use twins::encoder::{EncoderPins, EncoderTwin};
pub use twins::gnss::{GnssState, GnssTwin};
pub use twins::hc_sr04::{HcSr04Pins, HcSr04Twin};
pub use twins::ina219::Ina219Twin;
pub use twins::led::LedTwin;
pub use twins::motor::{BridgeMotorPins, BridgeState, MotorModel, MotorTwin};
pub use twins::mpu6050::{Inertia, Mpu6050Twin};
pub use twins::serial_line::SerialTwin;
pub use twins::switch::SwitchTwin;
