#![doc = include_str!("../README.md")]

pub mod config;
pub mod ctl;
mod diagram;
mod finding;
mod source;

pub use diagram::{Diagram, DiagramEdge, DiagramNode, Stroke};
pub use finding::{Finding, FindingKind};
pub use source::{Place, SourceText};
