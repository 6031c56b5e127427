//! Streams that an actor owns: polled only while it is idle, so that a slow actor slows its source.

use super::Hook;
use super::bell::Bell;
use super::held::Held;
use super::service::{Service, service};
use super::source::{LocalSource, Readiness};
use crate::hub::Hub;
use crate::{Actor, Failure, Handler, Time};
use futures_core::Stream;
use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A stream whose items are handled like messages.
pub(crate) struct Input<A: Handler<T>, T: Send + 'static, E, S> {
    id: u64,
    name: Cow<'static, str>,
    /// Absent once it has ended.
    stream: Option<Pin<Box<S>>>,
    bell: Bell,
    terms: Terms<A, E>,
    /// What it brought and what was not begun with.
    brought: Option<Brought<T, E>>,
    service: Box<dyn Service<A, T, A::Reply>>,
    /// Handles what comes of an error or of the end: rare, so it is made anew for each.
    hook: Option<Hook>,
}

/// What a stream brings.
enum Brought<T, E> {
    Item(T),
    Error(E),
    End,
}

/// What the actor said about its input.
pub(crate) struct Terms<A: Actor, E> {
    /// Whether tokio's own timers or sockets may wake it.
    pub(crate) foreign: bool,
    /// How many more items it may bring.
    pub(crate) left: u64,
    /// What becomes of an error; the actor's failure if nothing was said.
    pub(crate) on_error: Option<OnError<A, E>>,
    /// What becomes of the end; nothing if nothing was said.
    pub(crate) on_end: Option<OnEnd<A>>,
}

/// Handles an error.
type OnError<A, E> = Box<dyn FnMut(Held<A>, E) -> Hook>;
/// Handles the end.
type OnEnd<A> = Box<dyn FnOnce(Held<A>) -> Hook>;

impl<A: Actor, E> Terms<A, E> {
    pub(crate) const fn new(foreign: bool) -> Self {
        Self {
            foreign,
            left: u64::MAX,
            on_error: None,
            on_end: None,
        }
    }
}

/// An input as its builder sees it, without the types of its stream and items.
pub(crate) trait Described<A: Actor, E>: LocalSource<A> {
    /// What was said about it so far.
    fn terms(&mut self) -> &mut Terms<A, E>;
}

impl<A, T, E, S> Input<A, T, E, S>
where
    A: Handler<T>,
    T: Send + 'static,
    E: Into<Failure>,
    S: Stream<Item = Result<T, E>>,
{
    pub(crate) fn new(id: u64, name: Cow<'static, str>, stream: S, foreign: bool) -> Self {
        Self {
            id,
            name,
            stream: Some(Box::pin(stream)),
            bell: Bell::new(),
            terms: Terms::new(foreign),
            brought: None,
            service: Box::new(service()),
            hook: None,
        }
    }

    fn keep(&mut self, brought: Brought<T, E>) -> Readiness {
        self.brought = Some(brought);
        Readiness::Ready
    }

    /// The stream may have more to give.
    fn keep_and_go_on(&mut self, brought: Brought<T, E>) -> Readiness {
        self.terms.left = self.terms.left.saturating_sub(1);
        self.bell.ring_again();
        self.keep(brought)
    }

    /// The stream goes before the actor hears of its end: what it holds can be opened again then.
    fn end(&mut self) -> Readiness {
        self.stream = None;
        if self.terms.on_end.is_some() {
            self.keep(Brought::End)
        } else {
            Readiness::Ended
        }
    }

    fn fail(&self, error: E) -> Readiness {
        let failure: Failure = error.into();
        if failure.is_end() {
            return Readiness::Failed(failure);
        }
        Readiness::Failed(Failure::new(format!("input {}: {failure}", self.name)))
    }
}

impl<A, T, E, S> LocalSource<A> for Input<A, T, E, S>
where
    A: Handler<T>,
    T: Send + 'static,
    E: Into<Failure> + 'static,
    S: Stream<Item = Result<T, E>> + 'static,
{
    fn id(&self) -> u64 {
        self.id
    }

    fn ready(&mut self, _: &Hub, cx: &mut Context<'_>) -> Readiness {
        if self.brought.is_some() {
            return Readiness::Ready;
        }
        let Some(stream) = &mut self.stream else {
            return Readiness::Ended;
        };
        if self.terms.left == 0 {
            return self.end();
        }
        let Some(mut cx) = self.bell.answer(cx) else {
            return Readiness::Waiting;
        };
        match stream.as_mut().poll_next(&mut cx) {
            Poll::Pending => Readiness::Waiting,
            Poll::Ready(Some(Ok(item))) => self.keep_and_go_on(Brought::Item(item)),
            Poll::Ready(Some(Err(error))) if self.terms.on_error.is_some() => {
                self.keep_and_go_on(Brought::Error(error))
            }
            Poll::Ready(Some(Err(error))) => self.fail(error),
            Poll::Ready(None) => self.end(),
        }
    }

    fn begin(&mut self, held: Held<A>, _: &Hub) {
        match self.brought.take() {
            Some(Brought::Item(item)) => self.service.begin(held, item),
            Some(Brought::Error(error)) => {
                let on_error = self.terms.on_error.as_mut();
                self.hook = on_error.map(|make| make(held, error));
            }
            Some(Brought::End) => {
                let on_end = self.terms.on_end.take();
                self.hook = on_end.map(|make| make(held));
            }
            None => {}
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let Some(hook) = &mut self.hook else {
            return self.service.poll(cx).map(|(_, result)| result.map(drop));
        };
        let result = std::task::ready!(hook.as_mut().poll(cx));
        self.hook = None;
        Poll::Ready(result)
    }

    fn cancel(&mut self) {
        self.hook = None;
        self.service.cancel();
    }

    fn deadline(&self) -> Option<Time> {
        None
    }

    fn is_foreign(&self) -> bool {
        self.terms.foreign
    }
}

impl<A, T, E, S> Described<A, E> for Input<A, T, E, S>
where
    A: Handler<T>,
    T: Send + 'static,
    E: Into<Failure> + 'static,
    S: Stream<Item = Result<T, E>> + 'static,
{
    fn terms(&mut self) -> &mut Terms<A, E> {
        &mut self.terms
    }
}

/// Handles one message, in a future of its own.
pub(crate) fn handle<A, M>(mut held: Held<A>, message: M) -> Hook
where
    A: Handler<M>,
    M: Send + 'static,
{
    Box::pin(async move {
        let state = held.state();
        let handled = state.actor.handle(message, &mut state.ctx).await;
        handled.map(drop)
    })
}
