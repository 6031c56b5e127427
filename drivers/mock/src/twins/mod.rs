//! The simulated parts, one file each.

pub(crate) mod encoder;
pub(crate) mod gnss;
pub(crate) mod hc_sr04;
pub(crate) mod ina219;
pub(crate) mod input_device;
pub(crate) mod led;
pub(crate) mod motor;
pub(crate) mod mpu6050;
mod nmea;
pub(crate) mod pca9685;
pub(crate) mod roboclaw;
pub(crate) mod serial_line;
pub(crate) mod switch;
pub(crate) mod wire_chip;
