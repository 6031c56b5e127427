//! A stream out of an async closure that runs again and again.

use futures_core::Stream;
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The stream of what `next` gives, until it gives `None`. It runs again only when the item before was taken; nothing
/// is allocated from one item to the next.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Handler, input};
/// # struct Speed(u8);
/// # struct Wheel { speeds: Option<tokio::sync::watch::Receiver<u8>> }
/// # impl Handler<Speed> for Wheel { type Reply = ();
/// # async fn handle(&mut self, _: Speed, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) } }
/// # impl Actor for Wheel {
/// # async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
/// let mut speeds = self.speeds.take().ok_or(sinew_runtime::EndActor)?;
/// let changes = input::from_fn(async move || {
///     speeds.changed().await.ok()?;
///     Some(Speed(*speeds.borrow_and_update()))
/// });
/// ctx.input("speeds", changes);
/// # Ok(())
/// # }
/// # }
/// ```
pub fn from_fn<T, F>(mut next: F) -> impl Stream<Item = T> + Unpin + use<T, F>
where
    F: AsyncFnMut() -> Option<T>,
{
    let place = Rc::new(Cell::new(None));
    let shown = Rc::clone(&place);
    // The future that runs owns the closure which it borrows from, and so must live as long: in one with it.
    let run = async move {
        while let Some(item) = next().await {
            shown.set(Some(item));
            pause().await;
        }
    };
    FromFn {
        run: Some(Box::pin(run)),
        place,
    }
}

/// Waits for the next poll, which comes when the item was taken.
async fn pause() {
    let mut polled = false;
    poll_fn(|_| {
        if std::mem::replace(&mut polled, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// A future that shows one item after the other.
struct FromFn<T, R> {
    /// Absent once it has ended.
    run: Option<Pin<Box<R>>>,
    /// Where it shows an item.
    place: Rc<Cell<Option<T>>>,
}

impl<T, R: Future<Output = ()>> Stream for FromFn<T, R> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let Some(run) = &mut self.run else {
            return Poll::Ready(None);
        };
        if run.as_mut().poll(cx).is_ready() {
            self.run = None;
            return Poll::Ready(None);
        }
        match self.place.take() {
            Some(item) => Poll::Ready(Some(item)),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    fn next<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(stream).poll_next(&mut cx)
    }

    #[test]
    fn it_runs_when_it_is_polled_and_no_earlier_and_ends_for_good() {
        let runs = Rc::new(Cell::new(0));
        let counted = Rc::clone(&runs);
        let mut stream = from_fn(async move || {
            counted.set(counted.get() + 1);
            (counted.get() < 3).then_some(counted.get())
        });
        let mut found = Vec::new();
        for _ in 0..4 {
            found.push((next(&mut stream), runs.get()));
        }
        let (item, end) = (|it| Poll::Ready(Some(it)), Poll::Ready(None));
        assert_eq!(found, [(item(1), 1), (item(2), 2), (end, 3), (end, 3)]);
    }

    #[test]
    fn the_closure_lends_what_it_owns_to_each_run() {
        let mut seen = Vec::new();
        let mut stream = from_fn(async move || {
            seen.push(seen.len());
            pause().await;
            Some(seen.clone())
        });
        assert_eq!(next(&mut stream), Poll::Pending);
        assert_eq!(next(&mut stream), Poll::Ready(Some(vec![0])));
        assert_eq!(next(&mut stream), Poll::Pending);
        assert_eq!(next(&mut stream), Poll::Ready(Some(vec![0, 1])));
    }
}
