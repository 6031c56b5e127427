#![doc = include_str!("../README.md")]

pub mod hc_sr04;
pub mod nmea;
pub mod pca9685;
mod quadrature;
pub mod roboclaw;

pub use hc_sr04::{Echo, EchoMeter, NoRisingEdge};
pub use nmea::{EpochAssembler, NmeaCounts, NmeaDamage, NmeaDecoder, NmeaItem, Sentence};
pub use quadrature::QuadratureDecoder;
pub use roboclaw::Roboclaw;
