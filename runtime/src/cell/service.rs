//! The place in which one message type of one actor is handled: a future without a name, reused for each message.

use super::held::Held;
use crate::{Actor, Failure, Handler};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The actor, given back, and what its handler came to.
pub(crate) type Served<A, R> = (Held<A>, Result<R, Failure>);

/// Handles messages of type `M`, one at a time, each with an answer of type `R`.
pub(crate) trait Service<A: Actor, M, R>: 'static {
    /// Begins with a message; the one before has ended.
    fn begin(&mut self, held: Held<A>, message: M);
    /// Goes on with it. Nothing must be begun again before it is ready or cancelled.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Served<A, R>>;
    /// Begins with a message and goes on with it at once.
    fn handle(&mut self, held: Held<A>, message: M, cx: &mut Context<'_>) -> Poll<Served<A, R>>;
    /// Gives it up where it stands; the actor goes home.
    fn cancel(&mut self);
}

/// The service of a message type; made at first use.
pub(crate) fn service<A: Handler<M>, M: Send + 'static>() -> impl Service<A, M, A::Reply> {
    build(serve::<A, M>)
}

async fn serve<A: Handler<M>, M: Send + 'static>(
    mut held: Held<A>,
    message: M,
) -> Served<A, A::Reply> {
    let state = held.state();
    state.begins_with::<M>();
    let result = state.actor.handle(message, &mut state.ctx).await;
    (held, result)
}

/// The service that this function of an actor and a message gives.
pub(crate) fn build<A, M, R, Make, F>(make: Make) -> impl Service<A, M, R>
where
    A: Actor,
    M: 'static,
    R: 'static,
    Make: Fn(Held<A>, M) -> F + 'static,
    F: Future<Output = Served<A, R>> + 'static,
{
    Running {
        make,
        future: Box::pin(None),
    }
}

/// A function and the place for its future.
struct Running<Make, F> {
    make: Make,
    future: Pin<Box<Option<F>>>,
}

impl<A, M, R, Make, F> Service<A, M, R> for Running<Make, F>
where
    A: Actor,
    Make: Fn(Held<A>, M) -> F + 'static,
    F: Future<Output = Served<A, R>> + 'static,
{
    #[inline]
    fn begin(&mut self, held: Held<A>, message: M) {
        let future = (self.make)(held, message);
        self.future.set(Some(future));
    }

    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Served<A, R>> {
        let future = self.future.as_mut().as_pin_mut();
        let future = future.expect("it was begun and has not ended");
        let served = std::task::ready!(future.poll(cx));
        self.future.set(None);
        Poll::Ready(served)
    }

    #[inline]
    fn handle(&mut self, held: Held<A>, message: M, cx: &mut Context<'_>) -> Poll<Served<A, R>> {
        self.begin(held, message);
        self.poll(cx)
    }

    fn cancel(&mut self) {
        self.future.set(None);
    }
}
