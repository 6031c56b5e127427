//! Silence is a message too.

use crate::Time;
use std::fmt;
use std::marker::PhantomData;

/// Nothing came along an edge of `M` for longer than the edge allows.
///
/// It overtakes all waiting messages, comes once for each silence, and is withdrawn if a newer value arrived meanwhile.
pub struct Silence<M> {
    /// When the last value arrived, or when the receiver started if none ever came.
    pub since: Time,
    kind: PhantomData<fn() -> M>,
}

impl<M> Silence<M> {
    /// A silence that began at `since`.
    #[must_use]
    pub const fn new(since: Time) -> Self {
        Self {
            since,
            kind: PhantomData,
        }
    }
}

impl<M> Clone for Silence<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Silence<M> {}

impl<M> fmt::Debug for Silence<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Silence(since {})", self.since)
    }
}
