//! What comes to an actor from outside, and how it is closed.

use super::{Context, Input, InputId, Request};
use crate::cell::{self, Closer};
use crate::input::from_fn;
use crate::{Actor, Closed, Failure, Handler};
use futures_core::Stream;
use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Poll, ready};

impl<A: Actor> Context<A> {
    /// Handles the items of `stream` like messages, one at a time, and only while nothing else is handled: a
    /// busy actor slows its source down. The actor owns the stream, which is dropped with it. What is no stream yet,
    /// becomes one by [`repeat`](Self::repeat) or by [`input`](crate::input).
    pub fn input<T, S>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        stream: S,
    ) -> Input<'_, A, Infallible>
    where
        T: Send + 'static,
        S: Stream<Item = T> + 'static,
        A: Handler<T>,
    {
        self.add_input(name.into(), Plain(Box::pin(stream)), true)
    }

    /// As [`input`](Self::input), for a stream of results; an `Err` is this actor's failure, unless
    /// [`Input::on_error`] says otherwise.
    pub fn try_input<T, E, S>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        stream: S,
    ) -> Input<'_, A, E>
    where
        T: Send + 'static,
        E: Into<Failure> + 'static,
        S: Stream<Item = Result<T, E>> + 'static,
        A: Handler<T>,
    {
        self.add_input(name.into(), stream, true)
    }

    /// As [`input`](Self::input), for a stream that only the board wakes, never one of tokio's timers. In
    /// simulation time can then jump from event to event without asking tokio.
    pub fn board_input<T, S>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        stream: S,
    ) -> Input<'_, A, Infallible>
    where
        T: Send + 'static,
        S: Stream<Item = T> + 'static,
        A: Handler<T>,
    {
        self.add_input(name.into(), Plain(Box::pin(stream)), false)
    }

    /// As [`try_input`](Self::try_input), for a stream that only the board wakes.
    pub fn try_board_input<T, E, S>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        stream: S,
    ) -> Input<'_, A, E>
    where
        T: Send + 'static,
        E: Into<Failure> + 'static,
        S: Stream<Item = Result<T, E>> + 'static,
        A: Handler<T>,
    {
        self.add_input(name.into(), stream, false)
    }

    /// Runs `make`, handles what comes of it like a message, and only then runs it again: a busy actor slows it down.
    /// It may be an async closure that owns what it waits for, or any closure that makes a future. With
    /// [`times`](Input::times) it runs so often and no more.
    ///
    /// # Cancel safety
    ///
    /// The future in hand is dropped with the input.
    ///
    /// ```
    /// # use sinew_runtime::{Actor, Context, Failure, Handler};
    /// # struct Sample(f32);
    /// # struct Sensor;
    /// # impl Sensor { async fn measure(&mut self) -> f32 { 0.0 } }
    /// # struct Gauge { sensor: Option<Sensor> }
    /// # impl Handler<Sample> for Gauge { type Reply = ();
    /// # async fn handle(&mut self, _: Sample, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) } }
    /// # impl Actor for Gauge {
    /// # async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
    /// let mut sensor = self.sensor.take().ok_or(sinew_runtime::EndActor)?;
    /// ctx.repeat("level", async move || Sample(sensor.measure().await));
    /// # Ok(())
    /// # }
    /// # }
    /// ```
    pub fn repeat<T>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        mut make: impl AsyncFnMut() -> T + 'static,
    ) -> Input<'_, A, Infallible>
    where
        T: Send + 'static,
        A: Handler<T>,
    {
        self.input(name, from_fn(async move || Some(make().await)))
    }

    /// As [`repeat`](Self::repeat), for what may fail; an `Err` is this actor's failure, unless [`Input::on_error`]
    /// says otherwise.
    pub fn try_repeat<T, E>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        mut make: impl AsyncFnMut() -> Result<T, E> + 'static,
    ) -> Input<'_, A, E>
    where
        T: Send + 'static,
        E: Into<Failure> + 'static,
        A: Handler<T>,
    {
        self.try_input(name, from_fn(async move || Some(make().await)))
    }

    fn add_input<T, E, S>(
        &mut self,
        name: Cow<'static, str>,
        stream: S,
        foreign: bool,
    ) -> Input<'_, A, E>
    where
        T: Send + 'static,
        E: Into<Failure> + 'static,
        S: Stream<Item = Result<T, E>> + 'static,
        A: Handler<T>,
    {
        let id = self.take_id();
        let input = cell::Input::new(id, name.clone(), stream, foreign);
        Input::new(self, id, name, Box::new(input))
    }

    /// Has `close` run when this incarnation of the actor ends, in whatever way it ends: after its children, in turn
    /// with its inputs, the last attached first, before [`stopped`](Actor::stopped). It sees what came of those that
    /// ran before it; what it gives back is seen by those after it, and by `stopped` through [`closed`](Self::closed).
    /// It owns what it closes, and so runs also after a panic, when `stopped` does not.
    ///
    /// Two seconds are for all closers and `stopped` together, of which each may take an equal share of what those
    /// before it have left. One that takes longer is dropped, which is a failure, as an `Err` or a panic of it is; the
    /// others run all the same.
    ///
    /// ```
    /// # use sinew_runtime::{Actor, Closed, Context, Failure};
    /// # #[derive(Clone)] struct Pump;
    /// # impl Pump { async fn off(&self) -> Result<f32, Failure> { Ok(0.0) } }
    /// # #[derive(Clone)] struct Journal;
    /// # impl Journal { async fn close(&self, _: &str) -> Result<(), Failure> { Ok(()) } }
    /// # struct Station { pump: Pump, journal: Journal }
    /// # impl Actor for Station {
    /// # async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
    /// # let (pump, journal) = (self.pump.clone(), self.journal.clone());
    /// ctx.closer("journal", async move |closed: &Closed| {
    ///     let last = match closed.result::<f32>("pump") {
    ///         Some(litres) => format!("the pump is off after {litres} l"),
    ///         None => "the pump may still run".to_owned(),
    ///     };
    ///     journal.close(&last).await
    /// });
    /// ctx.closer("pump", async move |_: &Closed| pump.off().await);
    /// # Ok(())
    /// # }
    /// # }
    /// ```
    pub fn closer<R: 'static>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        close: impl AsyncFnOnce(&Closed) -> Result<R, Failure> + 'static,
    ) -> InputId {
        let id = self.take_id();
        let closer = Closer::new(id, name.into(), close);
        self.requests.push(Request::Closer(closer));
        InputId(id)
    }

    /// What came of the closers, for [`stopped`](Actor::stopped); before, nothing.
    #[must_use]
    pub const fn closed(&self) -> &Closed {
        &self.closed
    }

    /// Ends an input and drops its stream, or drops a closer; one that has ended already is no error.
    pub fn close(&mut self, input: InputId) {
        self.requests.push(Request::Cancel(input.0));
    }
}

/// A stream of plain items, as one of results that never fail.
struct Plain<S>(Pin<Box<S>>);

impl<S: Stream> Stream for Plain<S> {
    type Item = Result<S::Item, Infallible>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let item = ready!(self.0.as_mut().poll_next(cx));
        Poll::Ready(item.map(Ok))
    }
}
