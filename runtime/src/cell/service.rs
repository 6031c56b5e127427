//! The place in which one message type of one actor is handled: a future without a name, reused for each message.

use super::held::Held;
use crate::{Failure, Handler};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The actor, given back, and what its handler came to.
pub(crate) type Served<A, R> = (Held<A>, Result<R, Failure>);

/// Handles messages of type `M`, one at a time.
pub(crate) trait Service<A: Handler<M>, M: Send + 'static> {
    /// Begins with a message; the one before has ended.
    fn begin(&mut self, held: Held<A>, message: M);
    /// Goes on with it. Nothing must be begun again before it is ready or cancelled.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Served<A, A::Reply>>;
    /// Begins with a message and goes on with it at once.
    fn handle(
        &mut self,
        held: Held<A>,
        message: M,
        cx: &mut Context<'_>,
    ) -> Poll<Served<A, A::Reply>>;
    /// Gives it up where it stands; the actor goes home.
    fn cancel(&mut self);
}

/// The service of a message type; made at first use.
pub(crate) fn service<A: Handler<M>, M: Send + 'static>() -> Box<dyn Service<A, M>> {
    build(serve::<A, M>)
}

async fn serve<A: Handler<M>, M: Send + 'static>(
    mut held: Held<A>,
    message: M,
) -> Served<A, A::Reply> {
    let state = held.state();
    let result = state.actor.handle(message, &mut state.ctx).await;
    (held, result)
}

fn build<A, M, Make, F>(make: Make) -> Box<dyn Service<A, M>>
where
    A: Handler<M>,
    M: Send + 'static,
    Make: Fn(Held<A>, M) -> F + 'static,
    F: Future<Output = Served<A, A::Reply>> + 'static,
{
    Box::new(Running {
        make,
        future: Box::pin(None),
    })
}

/// A function and the place for its future.
struct Running<Make, F> {
    make: Make,
    future: Pin<Box<Option<F>>>,
}

impl<A, M, Make, F> Service<A, M> for Running<Make, F>
where
    A: Handler<M>,
    M: Send + 'static,
    Make: Fn(Held<A>, M) -> F,
    F: Future<Output = Served<A, A::Reply>>,
{
    #[inline]
    fn begin(&mut self, held: Held<A>, message: M) {
        let future = (self.make)(held, message);
        self.future.set(Some(future));
    }

    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Served<A, A::Reply>> {
        let future = self.future.as_mut().as_pin_mut();
        let future = future.expect("it was begun and has not ended");
        let served = std::task::ready!(future.poll(cx));
        self.future.set(None);
        Poll::Ready(served)
    }

    fn handle(
        &mut self,
        held: Held<A>,
        message: M,
        cx: &mut Context<'_>,
    ) -> Poll<Served<A, A::Reply>> {
        self.begin(held, message);
        self.poll(cx)
    }

    fn cancel(&mut self) {
        self.future.set(None);
    }
}
