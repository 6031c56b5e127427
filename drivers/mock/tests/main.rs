//! All tests that need no process of their own, in one program: each file is linked once, not each a program.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod analyzer;
mod bench;
mod board;
mod encoder;
mod hc_sr04;
mod i2c_bus;
mod ina219;
mod input_device;
mod lines;
mod motor;
mod mpu6050;
mod serial;
mod spi;
mod switch;
mod wire_chip;
