#![doc = include_str!("../README.md")]

mod arming;
mod refusal;

pub use arming::{arm, refusals};
pub use refusal::Refusal;
