#![doc = include_str!("../README.md")]

mod arming;
#[cfg(target_os = "linux")]
pub mod guardian;
mod refusal;
mod senses;
mod status;

pub use arming::{Allowances, Arming};
pub use refusal::Refusal;
pub use status::{ArmState, ArmStatus};
