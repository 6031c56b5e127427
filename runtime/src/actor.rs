//! What an actor is: its data, its hooks, its handlers, and what it emits.

use crate::{
    Accepts, AnyMessage, ChildStopped, Context, Failure, Message, Needs, Reason, Strategy,
};

/// One being with state of its own, that handles one message at a time.
///
/// An actor need not be `Send`: it is built on the thread that runs it, by its [`Factory`](crate::Factory).
#[allow(
    async_fn_in_trait,
    reason = "actors never leave their thread, so no Send bound is wanted"
)]
pub trait Actor: Sized + 'static {
    /// Runs once before the first message of an incarnation: attach inputs and timers here.
    ///
    /// # Errors
    ///
    /// A [`Failure`] ends this incarnation; the supervisor decides what follows.
    ///
    /// # Cancel safety
    ///
    /// A stop drops this future at its current await point; `stopped` runs after it.
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let _ = ctx;
        Ok(())
    }

    /// Runs once after the last message of an incarnation, unless it ended by a panic: its state is
    /// then nobody's to vouch for and is dropped. A deadline of two seconds applies, for it and its
    /// [closers](Context::closer) before it, of which [`Context::closed`] tells what they came to.
    ///
    /// # Errors
    ///
    /// A [`Failure`] here is logged and counted; the actor ends all the same.
    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let _ = (why, ctx);
        Ok(())
    }

    /// Hears of each end of a child's incarnation, before all messages that wait; not of those that end because
    /// this actor does. A child that has exceeded its restart limit makes this actor fail once this has returned.
    ///
    /// # Errors
    ///
    /// A [`Failure`] ends this incarnation.
    ///
    /// # Cancel safety
    ///
    /// A stop drops this future at its current await point.
    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let _ = (child, ctx);
        Ok(())
    }

    /// Says which messages this actor takes on the dynamic path ([`Address::any`](crate::Address::any)): handlers cannot
    /// be discovered. `accepts.on::<Start>().on::<Halt>();`
    fn dynamic(accepts: &mut Accepts<Self>) {
        let _ = accepts;
    }

    /// Takes a message of the dynamic path that no handler takes. If nothing else is said, it becomes a
    /// [`DeadLetter`](crate::DeadLetter).
    ///
    /// # Errors
    ///
    /// A [`Failure`] ends this incarnation.
    ///
    /// # Cancel safety
    ///
    /// A stop drops this future at its current await point.
    async fn on_other(
        &mut self,
        message: AnyMessage,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        ctx.dead_letter(message);
        Ok(())
    }

    /// Which of its children are built anew with one that failed: that one alone if nothing is said.
    fn strategy() -> Strategy {
        Strategy::OneForOne
    }

    /// Says what this actor must be sent to be of use, so that `check` can name a missing edge.
    fn needs(needs: &mut Needs) {
        let _ = needs;
    }
}

/// An actor that takes messages of type `M`.
#[allow(
    async_fn_in_trait,
    reason = "actors never leave their thread, so no Send bound is wanted"
)]
pub trait Handler<M: Send + 'static>: Actor {
    /// What an `ask` gets back.
    type Reply: Send + 'static;

    /// Handles one message. Nothing else of this actor runs until the future ends.
    ///
    /// # Errors
    ///
    /// A [`Failure`] ends the actor. A refusal is no failure: it belongs into the reply.
    ///
    /// # Cancel safety
    ///
    /// A stop drops this future at its current await point; the actor's state stays as it is there.
    async fn handle(&mut self, message: M, ctx: &mut Context<Self>)
    -> Result<Self::Reply, Failure>;
}

/// Says that an actor publishes messages of type `M`, so that an edge can begin at it.
pub trait Emits<M: Message>: Actor {}
