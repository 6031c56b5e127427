//! An input as it is being described.

use super::{Context, InputId, Request};
use crate::cell::{Closer, Described, handle};
use crate::{Actor, Closed, Failure, Handler};
use std::borrow::Cow;
use std::fmt;

/// An input that is being attached, of whose errors `E` and end the actor may say what becomes; it is attached when
/// this is dropped.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Handler};
/// # use futures_core::Stream;
/// # struct Sentence;
/// # struct PortGone;
/// # struct PortTrouble(std::io::Error);
/// # trait Port: Stream<Item = std::io::Result<Sentence>> + Unpin {}
/// # struct Gnss<P> { port: Option<P> }
/// # impl<P: Port + 'static> Handler<Sentence> for Gnss<P> { type Reply = ();
/// # async fn handle(&mut self, _: Sentence, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) } }
/// # impl<P: Port + 'static> Handler<PortGone> for Gnss<P> { type Reply = ();
/// # async fn handle(&mut self, _: PortGone, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) } }
/// # impl<P: Port + 'static> Handler<PortTrouble> for Gnss<P> { type Reply = ();
/// # async fn handle(&mut self, _: PortTrouble, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) } }
/// impl<P: Port + 'static> Actor for Gnss<P> {
///     async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         let port = self.port.take().ok_or(sinew_runtime::EndActor)?;
///         ctx.try_input("nmea", port).on_end(PortGone).on_error(PortTrouble);
///         Ok(())
///     }
/// }
/// ```
pub struct Input<'a, A: Actor, E> {
    ctx: &'a mut Context<A>,
    id: u64,
    name: Cow<'static, str>,
    /// Until the drop.
    described: Option<Box<dyn Described<A, E>>>,
    closer: Option<Closer>,
}

impl<'a, A: Actor, E: 'static> Input<'a, A, E> {
    pub(super) fn new(
        ctx: &'a mut Context<A>,
        id: u64,
        name: Cow<'static, str>,
        described: Box<dyn Described<A, E>>,
    ) -> Self {
        Self {
            ctx,
            id,
            name,
            described: Some(described),
            closer: None,
        }
    }

    /// Sends the actor `message` when the input has ended and its stream is dropped. If nothing is said, the input is
    /// gone without a word.
    pub fn on_end<M>(mut self, message: M) -> Self
    where
        M: Send + 'static,
        A: Handler<M>,
    {
        if let Some(described) = &mut self.described {
            described.terms().on_end = Some(Box::new(move |held| handle(held, message)));
        }
        self
    }

    /// Sends the actor a message made of each error, instead of failing it; the input goes on. One that has nothing
    /// but errors from then on is closed by whoever handles the message.
    pub fn on_error<M>(mut self, mut make: impl FnMut(E) -> M + 'static) -> Self
    where
        M: Send + 'static,
        A: Handler<M>,
    {
        if let Some(described) = &mut self.described {
            let on_error = move |held, error| handle(held, make(error));
            described.terms().on_error = Some(Box::new(on_error));
        }
        self
    }

    /// Ends the input after so many items, errors that are told among them.
    pub fn times(mut self, items: u64) -> Self {
        if let Some(described) = &mut self.described {
            described.terms().left = items;
        }
        self
    }

    /// Has `close` run if the actor ends while it has this input, once the input's stream is dropped; see
    /// [`Context::closer`]. If the input ends before or is closed, `close` is dropped.
    pub fn closer<R: 'static>(
        mut self,
        close: impl AsyncFnOnce(&Closed) -> Result<R, Failure> + 'static,
    ) -> Self {
        self.closer = Some(Closer::new(self.id, self.name.clone(), close));
        self
    }

    /// The number by which it can be closed.
    #[must_use = "it is attached without it"]
    pub fn id(self) -> InputId {
        InputId(self.id)
    }
}

impl<A: Actor, E> Drop for Input<'_, A, E> {
    fn drop(&mut self) {
        if let Some(described) = self.described.take() {
            self.ctx.requests.push(Request::Input(described));
        }
        if let Some(closer) = self.closer.take() {
            self.ctx.requests.push(Request::Closer(closer));
        }
    }
}

impl<A: Actor, E> fmt::Debug for Input<'_, A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({})", self.name)
    }
}
