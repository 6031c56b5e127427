//! The closers of an incarnation: they run when it ends, one after the other, the last attached first.

use crate::contain::contain;
use crate::{Closed, Failure, Time};
use std::any::Any;
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A closer that runs.
type Closing = Pin<Box<dyn Future<Output = Result<Rc<dyn Any>, Failure>>>>;

/// What closes something when its actor ends.
pub(crate) struct Closer {
    /// The number of the input that it belongs to, or its own.
    pub(crate) id: u64,
    name: Cow<'static, str>,
    begin: Box<dyn FnOnce(Closed) -> Closing>,
}

impl Closer {
    pub(crate) fn new<R: 'static>(
        id: u64,
        name: Cow<'static, str>,
        close: impl AsyncFnOnce(&Closed) -> Result<R, Failure> + 'static,
    ) -> Self {
        let begin = move |closed: Closed| {
            let closing = async move {
                let result = close(&closed).await?;
                Ok(Rc::new(result) as Rc<dyn Any>)
            };
            Box::pin(closing) as Closing
        };
        let begin = Box::new(begin);
        Self { id, name, begin }
    }
}

/// Those of one incarnation.
#[derive(Default)]
pub(crate) struct Closers {
    /// In the order of their numbers.
    waiting: Vec<Closer>,
    running: Option<Running>,
    /// Until when the end may take, once it has begun.
    until: Option<Time>,
    closed: Closed,
}

/// The one that runs.
struct Running {
    name: Cow<'static, str>,
    closing: Closing,
    /// Until when it may take.
    until: Time,
}

/// A closer that did not end well.
pub(super) struct Trouble {
    pub(super) name: Cow<'static, str>,
    pub(super) what: String,
    /// Whether it is that it took too long.
    pub(super) late: bool,
}

impl Closers {
    /// Adds one: it was made after all others.
    pub(super) fn add(&mut self, closer: Closer) {
        self.waiting.push(closer);
    }

    /// Drops those of an input that is no more.
    pub(super) fn forget(&mut self, id: u64) {
        self.waiting.retain(|closer| closer.id != id);
    }

    /// The end has begun and may take until then; how often it is said, the first time counts.
    pub(super) fn have_until(&mut self, until: Time) -> Time {
        *self.until.get_or_insert(until)
    }

    /// The number of the one that is to run next.
    pub(super) fn next_id(&self) -> Option<u64> {
        self.waiting.last().map(|closer| closer.id)
    }

    /// Until when the end may take, if it has begun.
    pub(super) fn until(&self) -> Option<Time> {
        self.until
    }

    /// When the one that runs is given up.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.running.as_ref().map(|running| running.until)
    }

    /// Begins with the next one. Of the time that is left it may take an equal share, with all that come after it and
    /// the actor's last word: one that hangs robs none of the others.
    pub(super) fn begin_next(&mut self, now: Time) {
        let Some(closer) = self.waiting.pop() else {
            return;
        };
        let left = self.have_until(now).since(now);
        let others = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX - 2);
        let closed = self.closed.clone();
        self.running = Some(Running {
            name: closer.name,
            closing: (closer.begin)(closed),
            until: now + left / (others + 2),
        });
    }

    /// Goes on with the one that runs. Ready once it has ended or was given up; with its trouble, if it had any.
    pub(super) fn poll(&mut self, now: Time, cx: &mut Context<'_>) -> Poll<Option<Trouble>> {
        let Some(mut running) = self.running.take() else {
            return Poll::Ready(None);
        };
        let (what, late) = match contain(|| running.closing.as_mut().poll(cx)) {
            Ok(Poll::Pending) if now < running.until => {
                self.running = Some(running);
                return Poll::Pending;
            }
            Ok(Poll::Pending) => ("took too long and was dropped".to_owned(), true),
            Ok(Poll::Ready(Ok(result))) => {
                self.closed.add_result(running.name, result);
                return Poll::Ready(None);
            }
            Ok(Poll::Ready(Err(failure))) => (format!("failed: {failure}"), false),
            Err(panic) => (format!("panicked: {panic}"), false),
        };
        let Running { name, closing, .. } = running;
        if let Err(panic) = contain(|| drop(closing)) {
            tracing::error!(%name, panic, "a closer panicked while it was dropped");
        }
        self.closed.add_trouble(name.clone(), &what);
        Poll::Ready(Some(Trouble { name, what, late }))
    }

    /// What came of them.
    pub(super) fn into_closed(self) -> Closed {
        self.closed
    }
}
