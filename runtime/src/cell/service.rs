//! The place in which one message type of one actor is handled: a future without a name, reused for each message.

use super::held::Held;
use crate::{Failure, Handler};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Handles messages of type `M`, one at a time.
pub(crate) trait Service<A: Handler<M>, M: Send + 'static> {
    /// Begins with a message; the one before has ended.
    fn begin(&mut self, held: Held<A>, message: M);
    /// Goes on with it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<A::Reply, Failure>>;
    /// Gives it up where it stands.
    fn cancel(&mut self);
}

/// The service of a message type; one allocation, at first use.
pub(crate) fn service<A: Handler<M>, M: Send + 'static>() -> Box<dyn Service<A, M>> {
    build(serve::<A, M>)
}

async fn serve<A: Handler<M>, M: Send + 'static>(
    mut held: Held<A>,
    message: M,
) -> Result<A::Reply, Failure> {
    let state = held.state();
    state.actor.handle(message, &mut state.ctx).await
}

fn build<A, M, Make, F>(make: Make) -> Box<dyn Service<A, M>>
where
    A: Handler<M>,
    M: Send + 'static,
    Make: Fn(Held<A>, M) -> F + 'static,
    F: Future<Output = Result<A::Reply, Failure>> + 'static,
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
    F: Future<Output = Result<A::Reply, Failure>>,
{
    fn begin(&mut self, held: Held<A>, message: M) {
        let future = (self.make)(held, message);
        self.future.set(Some(future));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<A::Reply, Failure>> {
        let Some(future) = self.future.as_mut().as_pin_mut() else {
            return Poll::Ready(Err(Failure::new("nothing was begun")));
        };
        let result = std::task::ready!(future.poll(cx));
        self.future.set(None);
        Poll::Ready(result)
    }

    fn cancel(&mut self) {
        self.future.set(None);
    }
}
