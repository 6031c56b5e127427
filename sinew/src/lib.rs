#![doc = include_str!("../README.md")]

mod arguments;
mod board;
mod check;
mod commands;
pub mod config;
pub mod ctl;
mod device_report;
mod diagram;
mod drawing;
mod finding;
mod fitting;
mod guard;
mod keyboard;
mod out;
mod pace;
pub mod prelude;
mod robot;
mod screen;
mod session;
mod source;
mod stop;
mod teleop;
#[cfg(unix)]
mod threads;
mod wiring;

pub use commands::run;
pub use diagram::{Diagram, DiagramEdge, DiagramNode, Stroke};
pub use finding::{Finding, FindingKind};
pub use fitting::Fitting;
pub use robot::{BodyFn, RobotFn};
pub use source::{Place, SourceText};
pub use teleop::{Drive, HandBack, Teleop};
