//! A stream out of a function that is polled.

use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The stream of what `poll` gives, until it gives `None`.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Handler, input};
/// # struct Word;
/// # struct Listener { words: Option<tokio::sync::mpsc::Receiver<Word>> }
/// # impl Handler<Word> for Listener { type Reply = ();
/// # async fn handle(&mut self, _: Word, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) } }
/// # impl Actor for Listener {
/// # async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
/// let mut words = self.words.take().ok_or(sinew_runtime::EndActor)?;
/// ctx.input("words", input::poll_fn(move |cx| words.poll_recv(cx)));
/// # Ok(())
/// # }
/// # }
/// ```
pub const fn poll_fn<T, F>(poll: F) -> PollFn<F>
where
    F: FnMut(&mut Context<'_>) -> Poll<Option<T>>,
{
    PollFn(poll)
}

/// The stream of [`poll_fn`].
pub struct PollFn<F>(F);

/// The function is never pinned.
impl<F> Unpin for PollFn<F> {}

impl<T, F> Stream for PollFn<F>
where
    F: FnMut(&mut Context<'_>) -> Poll<Option<T>>,
{
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        (self.0)(cx)
    }
}

impl<F> fmt::Debug for PollFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PollFn")
    }
}
