#![doc = include_str!("../README.md")]

mod arming;
mod refusal;
mod status;

pub use arming::Arming;
pub use refusal::Refusal;
pub use status::{ArmState, ArmStatus};
