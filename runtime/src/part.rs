//! Handlers that several actors share: a part handles messages for whatever actor it is a part of.

use crate::{Actor, Context, Failure};

/// A part of an actor of type `A`, which handles messages of type `M` for it. Write it once, for any actor or for those
/// that can do what it needs, and have an actor take its handlers over with [`handled_by!`](crate::handled_by).
///
/// ```
/// use sinew_runtime::{Actor, Context, Failure, Part, handled_by};
///
/// /// Counts what is reported to it.
/// #[derive(Clone, Default)]
/// struct Odometer { turns: u64 }
/// struct Turned(u64);
/// struct HowFar;
///
/// impl<A: Actor> Part<A, Turned> for Odometer {
///     type Reply = ();
///     async fn handle(&mut self, Turned(more): Turned, _: &mut Context<A>) -> Result<(), Failure> {
///         self.turns += more;
///         Ok(())
///     }
/// }
/// impl<A: Actor> Part<A, HowFar> for Odometer {
///     type Reply = u64;
///     async fn handle(&mut self, _: HowFar, _: &mut Context<A>) -> Result<u64, Failure> {
///         Ok(self.turns)
///     }
/// }
///
/// #[derive(Clone, Default)]
/// struct Rover { odometer: Odometer }
/// impl Actor for Rover {}
/// handled_by!(Rover, odometer: Odometer => Turned, HowFar);
/// ```
#[allow(
    async_fn_in_trait,
    reason = "actors never leave their thread, so no Send bound is wanted"
)]
pub trait Part<A: Actor, M: Send + 'static> {
    /// What an `ask` gets back.
    type Reply: Send + 'static;

    /// Handles one message, with the context of the actor that this is a part of.
    ///
    /// # Errors
    ///
    /// A [`Failure`] ends the actor.
    ///
    /// # Cancel safety
    ///
    /// A stop drops this future at its current await point.
    async fn handle(&mut self, message: M, ctx: &mut Context<A>) -> Result<Self::Reply, Failure>;
}

/// Has a field of an actor handle messages: `handled_by!(Rover, odometer: Odometer => Turned, HowFar);` makes `Rover` a
/// `Handler` of each of these messages, by the [`Part`] that its field `odometer` is.
#[macro_export]
macro_rules! handled_by {
    ($actor:ty, $field:ident : $part:ty => $($message:ty),+ $(,)?) => {
        $(
            impl $crate::Handler<$message> for $actor {
                type Reply = <$part as $crate::Part<$actor, $message>>::Reply;

                async fn handle(
                    &mut self,
                    message: $message,
                    ctx: &mut $crate::Context<Self>,
                ) -> Result<Self::Reply, $crate::Failure> {
                    $crate::Part::handle(&mut self.$field, message, ctx).await
                }
            }
        )+
    };
}
