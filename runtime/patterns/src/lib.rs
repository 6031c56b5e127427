#![doc = include_str!("../README.md")]

mod arbiter;
mod operators;

pub use arbiter::{Arbiter, ArbiterNode, InCharge, Lock, Standing, Standings};
pub use operators::{Debounce, Filter, Map, Merge, Smooth, Throttle, Zip};
