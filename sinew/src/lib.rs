#![doc = include_str!("../README.md")]

pub mod config;
mod finding;
mod source;

pub use finding::{Finding, FindingKind};
pub use source::{Place, SourceText};
