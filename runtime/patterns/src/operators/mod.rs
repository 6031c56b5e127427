//! Operators: actors that stand between two nodes and change what flows there.

mod carried;
mod debounce;
mod filter;
mod map;
mod merge;
mod smooth;
mod throttle;
mod zip;

pub(crate) use carried::Carried;
pub use debounce::Debounce;
pub use filter::Filter;
pub use map::Map;
pub use merge::Merge;
pub use smooth::Smooth;
pub use throttle::Throttle;
pub use zip::Zip;
