//! What happens after an end: whether an actor is built anew, after which pause, and how often.

mod group;
mod lifetime;
mod restart;
mod strategy;

pub(crate) use group::{Group, Word};
pub use lifetime::Lifetime;
pub use restart::Restart;
pub(crate) use restart::{Record, Verdict};
pub use strategy::Strategy;
