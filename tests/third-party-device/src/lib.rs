#![doc = include_str!("../README.md")]

mod actor;
mod config;
mod driver;
mod twin;

pub use actor::{Temperature, Thermometer, ThermometerError};
pub use config::Tmp102Config;
pub use driver::Tmp102;
pub use twin::Tmp102Twin;
