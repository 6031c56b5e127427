//! What turns the messages of a switch into a lock of an arbiter.

use serde::{Deserialize, Serialize};
use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Message, Needs, Silence};

/// Reads the messages of one lock of an [`Arbiter`](super::Arbiter). It is locked until the first message says
/// otherwise, after a restart, and while its edge is silent.
#[derive(Clone, Debug)]
pub struct Lock<N> {
    place: u16,
    is_locked: fn(&N) -> bool,
    locked: bool,
}

/// Has a lock publish its state once more.
#[derive(Clone, Copy, Debug)]
pub(super) struct SayAgain;

/// The state of a lock, and which one it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LockState {
    place: u16,
    pub(super) locked: bool,
}

impl LockState {
    /// The place of its lock.
    pub(super) fn place(&self) -> usize {
        usize::from(self.place)
    }
}

impl<N: Message> Lock<N> {
    pub(super) fn at(place: u16, is_locked: fn(&N) -> bool) -> Self {
        Self {
            place,
            is_locked,
            locked: true,
        }
    }

    fn say(&self, ctx: &mut Context<Self>) {
        ctx.publish(LockState {
            place: self.place,
            locked: self.locked,
        });
    }
}

impl<N: Message> Actor for Lock<N> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.say(ctx);
        Ok(())
    }

    fn needs(needs: &mut Needs) {
        needs.value::<N>();
    }
}

impl<N: Message> Emits<LockState> for Lock<N> {}

impl<N: Message> Handler<N> for Lock<N> {
    type Reply = ();
    async fn handle(&mut self, it: N, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.locked = (self.is_locked)(&it);
        self.say(ctx);
        Ok(())
    }
}

impl<N: Message> Handler<Silence<N>> for Lock<N> {
    type Reply = ();
    async fn handle(&mut self, _: Silence<N>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.locked = true;
        self.say(ctx);
        Ok(())
    }
}

impl<N: Message> Handler<SayAgain> for Lock<N> {
    type Reply = ();
    async fn handle(&mut self, _: SayAgain, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.say(ctx);
        Ok(())
    }
}
