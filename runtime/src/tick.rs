//! A tick of a period.

use crate::Time;

/// One or more ends of a period, as one: what [`Context::ticks`](crate::Context::ticks) makes messages of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When it was due; of several that are one tick, when the last of them was. So the distance between two ticks is
    /// the period times the count of the later one, whenever they are handled.
    pub due: Time,
    /// How many periods ended since the tick before: one if none was missed.
    pub count: u64,
}
