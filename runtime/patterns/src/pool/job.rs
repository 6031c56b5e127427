//! Work for a pool, from its sender to its end.

use crate::key;
use futures_core::Stream;
use sinew_runtime::{AskError, Recipient};
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A message for one of the workers of a [`Pool`](super::Pool).
///
/// Asked, the pool answers with the number of the job, or gives the work back if it has no room for it. What came of
/// the job goes to whoever [`report_to`](Self::report_to) names.
pub struct Work<M, R> {
    pub(super) message: M,
    pub(super) key: Option<u64>,
    pub(super) report_to: Option<Recipient<Finished<R>>>,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished<R> {
    /// Its number.
    pub job: u64,
    /// The worker's reply, or why there is none: its handler failed or panicked, the job took too long, or the worker
    /// ended. Nothing is tried twice: whoever sent it knows whether that would be right.
    pub result: Result<R, AskError>,
}

impl<M, R> Work<M, R> {
    /// Work for any worker; nobody is told what came of it.
    #[must_use]
    pub const fn of(message: M) -> Self {
        Self {
            message,
            key: None,
            report_to: None,
        }
    }

    /// Tells what came of it to this recipient.
    #[must_use]
    pub fn report_to(mut self, recipient: Recipient<Finished<R>>) -> Self {
        self.report_to = Some(recipient);
        self
    }

    /// Never at the same time as other work of this key, and in the order in which it came.
    #[must_use]
    pub fn in_order_of<K: Hash + ?Sized>(mut self, key: &K) -> Self {
        self.key = Some(key::number_of(key));
        self
    }

    /// The message.
    pub fn into_message(self) -> M {
        self.message
    }
}

impl<M, R> fmt::Debug for Work<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Work that was accepted.
pub(super) struct Job<M, R> {
    pub(super) number: u64,
    pub(super) work: Work<M, R>,
}

/// A job's end, as the pool hears of it.
pub(super) struct Done<R> {
    pub(super) worker: u64,
    pub(super) finished: Finished<R>,
    pub(super) report_to: Option<Recipient<Finished<R>>>,
}

/// A future as a stream of one item: so an actor waits for it and handles messages meanwhile.
pub(super) struct Once<F>(Option<Pin<Box<F>>>);

impl<F> Once<F> {
    pub(super) fn of(future: F) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<F: Future> Stream for Once<F> {
    type Item = F::Output;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let Some(future) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let output = std::task::ready!(future.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(Some(output))
    }
}
