//! All tests that need no process of their own, in one program: each file is linked once, not each a program.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;
mod config;
mod gnss_on_the_mock;
mod gnss_over_a_pty;
mod gnss_receiver;
mod hc_sr04;
mod ina219;
mod led;
mod mpu6050;
mod odometer;
mod readme_table;
mod switches;
mod wheel_encoder;
