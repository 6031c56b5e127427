//! What stands for one source before an arbiter, so that equal messages can be told apart.

use serde::{Deserialize, Serialize};
use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Leased, Message, Needs, Time};
use std::marker::PhantomData;

/// Puts the place of its source on each command.
#[derive(Clone, Debug)]
pub(super) struct Contender<M> {
    place: u16,
    kind: PhantomData<fn() -> M>,
}

/// A command and which source it comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bid<M> {
    place: u16,
    issued_nanos: u64,
    valid_until_nanos: u64,
    command: M,
}

impl<M> Contender<M> {
    pub(super) fn at(place: u16) -> Self {
        Self {
            place,
            kind: PhantomData,
        }
    }
}

impl<M: Message> Actor for Contender<M> {
    fn needs(needs: &mut Needs) {
        needs.command::<M>();
    }
}

impl<M: Message> Emits<Bid<M>> for Contender<M> {}

impl<M: Message> Handler<Leased<M>> for Contender<M> {
    type Reply = ();
    async fn handle(&mut self, it: Leased<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(Bid {
            place: self.place,
            issued_nanos: ctx.now().nanos(),
            valid_until_nanos: it.valid_until().nanos(),
            command: it.into_value(),
        });
        Ok(())
    }
}

impl<M> Bid<M> {
    /// The place of its source.
    pub(super) fn place(&self) -> usize {
        usize::from(self.place)
    }

    /// When its source's command arrived.
    pub(super) fn issued(&self) -> Time {
        Time::from_nanos(self.issued_nanos)
    }

    /// The command with the lease that it came with.
    pub(super) fn into_command(self) -> Leased<M> {
        Leased::new(self.command, Time::from_nanos(self.valid_until_nanos))
    }
}
