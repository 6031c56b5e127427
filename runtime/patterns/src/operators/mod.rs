//! Operators: actors that stand between two nodes and change what flows there.

mod carried;
mod throttle;

pub(crate) use carried::Carried;
pub use throttle::Throttle;
