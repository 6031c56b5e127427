//! A command and how long it may stand.

use crate::Time;

/// A command with the moment at which it ceases to be valid, set by its source and never extended after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leased<M> {
    value: M,
    valid_until: Time,
}

impl<M> Leased<M> {
    /// A command that stands until `valid_until`.
    #[must_use]
    pub const fn new(value: M, valid_until: Time) -> Self {
        Self { value, valid_until }
    }

    /// The command.
    pub const fn value(&self) -> &M {
        &self.value
    }

    /// The command without its lease.
    #[must_use]
    pub fn into_value(self) -> M {
        self.value
    }

    /// The first moment at which the command is no longer valid.
    #[must_use]
    pub const fn valid_until(&self) -> Time {
        self.valid_until
    }

    /// Another command with the lease of this one.
    #[must_use]
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> Leased<N> {
        Leased {
            value: change(self.value),
            valid_until: self.valid_until,
        }
    }

    /// The same command, valid until `moment` if that is sooner.
    #[must_use]
    pub fn shortened(self, moment: Time) -> Self {
        Self {
            valid_until: self.valid_until.min(moment),
            ..self
        }
    }
}
