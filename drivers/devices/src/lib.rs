#![doc = include_str!("../README.md")]

mod bumper;
mod button;
mod counters;
mod differential_drive;
mod feed_forward;
mod gnss;
mod hc_sr04;
mod i2c_address;
#[cfg(feature = "ina219")]
mod ina219;
mod led;
mod limits;
mod motor_board;
mod mounting;
#[cfg(feature = "mpu6050")]
mod mpu6050;
mod odometer;
mod ranges;
mod roboclaw;
mod switch;
mod wheel_encoder;

pub use bumper::{Bumper, BumperConfig};
pub use button::{Button, ButtonConfig};
pub use counters::ReadCounters;
pub use differential_drive::{
    BridgeConfig, DifferentialDrive, DifferentialDriveConfig, DifferentialDriveCounters,
};
pub use gnss::{Gnss, GnssConfig, GnssCounters, GnssError, NmeaCodec, NmeaFrame};
pub use hc_sr04::{HcSr04, HcSr04Config, HcSr04Counters, HcSr04Error};
#[cfg(feature = "ina219")]
pub use ina219::{Ina219, Ina219Config, Ina219Counters, Ina219Error};
pub use led::{Led, LedConfig, Light};
pub use limits::{
    BatteryLimit, CurrentLimit, HeatLimit, Limits, LimitsConfig, StallLimit, TiltLimit,
};
pub use motor_board::{MotorBoardConfig, MotorBoardKind};
pub use mounting::{Axis, Mounting, OneLine};
#[cfg(feature = "mpu6050")]
pub use mpu6050::{Mpu6050, Mpu6050Config, Mpu6050Counters, Mpu6050Error};
pub use odometer::{Odometer, OdometerConfig};
pub use roboclaw::RoboclawConfig;
pub use wheel_encoder::{WheelEncoder, WheelEncoderConfig};
