//! What happens after an end: whether an actor is built anew, after which pause, and how often.

mod lifetime;
mod restart;

pub use lifetime::Lifetime;
pub use restart::Restart;
pub(crate) use restart::{Record, Verdict};
