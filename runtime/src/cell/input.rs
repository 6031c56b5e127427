//! Streams that an actor owns: polled only while it is idle, so that a slow actor slows its source.

use super::held::Held;
use super::service::{Service, service};
use super::source::{LocalSource, Readiness};
use crate::hub::Hub;
use crate::{Failure, Handler, Time};
use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A stream whose items are handled like messages. Its items are results; `Err` is trouble that ends the actor.
pub(crate) struct Input<A: Handler<T>, T: Send + 'static, S> {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) stream: Pin<Box<S>>,
    pub(crate) item: Option<T>,
    pub(crate) ended: bool,
    pub(crate) foreign: bool,
    pub(crate) service: Box<dyn Service<A, T, <A as Handler<T>>::Reply>>,
}

impl<A: Handler<T>, T: Send + 'static, S> Input<A, T, S> {
    pub(crate) fn new(id: u64, name: &'static str, stream: S, foreign: bool) -> Self {
        let stream = Box::pin(stream);
        Self {
            id,
            name,
            stream,
            item: None,
            ended: false,
            foreign,
            service: service(),
        }
    }
}

impl<A, T, E, S> LocalSource<A> for Input<A, T, S>
where
    A: Handler<T>,
    T: Send + 'static,
    E: Into<Failure>,
    S: Stream<Item = Result<T, E>>,
{
    fn id(&self) -> u64 {
        self.id
    }

    fn ready(&mut self, _: &Hub, cx: &mut Context<'_>) -> Readiness {
        if self.item.is_some() {
            return Readiness::Ready;
        }
        if self.ended {
            return Readiness::Ended;
        }
        match self.stream.as_mut().poll_next(cx) {
            Poll::Pending => Readiness::Waiting,
            Poll::Ready(Some(Ok(item))) => {
                self.item = Some(item);
                Readiness::Ready
            }
            Poll::Ready(Some(Err(error))) => {
                let failure: Failure = error.into();
                if failure.is_end() {
                    return Readiness::Failed(failure);
                }
                Readiness::Failed(Failure::new(format!("input {}: {failure}", self.name)))
            }
            Poll::Ready(None) => {
                self.ended = true;
                Readiness::Ended
            }
        }
    }

    fn begin(&mut self, held: Held<A>, _: &Hub) {
        if let Some(item) = self.item.take() {
            self.service.begin(held, item);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|(_, result)| result.map(drop))
    }

    fn cancel(&mut self) {
        self.service.cancel();
    }

    fn deadline(&self) -> Option<Time> {
        None
    }

    fn is_foreign(&self) -> bool {
        self.foreign
    }
}

/// A stream of plain items, as one of results that never fail.
pub(crate) struct Plain<S>(pub(crate) Pin<Box<S>>);

impl<S: Stream> Stream for Plain<S> {
    type Item = Result<S::Item, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx).map(|item| item.map(Ok))
    }
}
