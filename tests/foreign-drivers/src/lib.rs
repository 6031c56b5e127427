#![doc = include_str!("../README.md")]

mod display;
mod port;
mod registers;

pub use display::Display;
pub use port::Port;
pub use registers::{OnSpi, Registers};
