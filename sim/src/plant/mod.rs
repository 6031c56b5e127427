//! How a body really moves.

mod battery;
mod chassis;
mod coverage;
mod journey;
mod pendulum;

pub(crate) use battery::Battery;
pub use battery::BatteryModel;
pub(crate) use chassis::{Chassis, Frame, GRAVITY, place};
pub(crate) use coverage::{CELL, Coverage};
pub(crate) use journey::Journey;
pub use journey::Sample;
pub(crate) use pendulum::Lean;
pub use pendulum::Pendulum;
