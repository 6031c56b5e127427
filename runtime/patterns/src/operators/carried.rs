//! What an operator holds: a reading or an event as it came, or a command with its lease.

use sinew_runtime::{Context, Emits, Leased, Message};

/// A value on its way through an operator. A command keeps the lease that it came with, so that no operator can
/// lengthen one.
#[derive(Clone, Debug)]
pub(crate) enum Carried<M> {
    /// A reading or an event.
    Value(M),
    /// A command.
    Command(Leased<M>),
}

impl<M: Message> Carried<M> {
    /// Publishes it. A command whose lease has ended while it was held is forgotten.
    pub(crate) fn publish<A: Emits<M>>(self, ctx: &mut Context<A>) {
        match self {
            Self::Value(value) => ctx.publish(value),
            Self::Command(command) if command.valid_until() > ctx.now() => ctx.publish(command),
            Self::Command(_) => {}
        }
    }
}
