//! A receiving end for code that is no actor: what actors and threads send it waits until it is taken.

use crate::bridge::{CannotWait, wait_for};
use crate::{Recipient, TryTellError, address::Receive};
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Up to here an inbox's room is reserved when it is made; beyond, it grows at first use.
const MOST_RESERVED: usize = 1_024;

/// Why [`Inbox::recv_timeout`] has no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecvError {
    /// This thread must not wait.
    #[error(transparent)]
    CannotWait(#[from] CannotWait),
    /// No message came in time.
    #[error("no message came in time")]
    TimedOut,
    /// No message can come any more: no recipient of the inbox is left.
    #[error("no recipient of the inbox is left")]
    Closed,
}

/// A bounded queue for code that is no actor: it gives out [`Recipient`]s, and whoever holds one can send to it, an
/// actor as well as a thread. Each message that finds no room is counted.
///
/// It is a [`Stream`], so that it can be an actor's [input](crate::Context::input) as well.
///
/// ```
/// # use sinew_runtime::Inbox;
/// let mut inbox = Inbox::keep_newest(2);
/// let screen = inbox.recipient();
/// for line in ["one", "two", "three"] {
///     screen.try_tell(line).unwrap();
/// }
/// assert_eq!(inbox.try_recv(), Some("two"));
/// assert_eq!(inbox.lost(), 1);
/// ```
pub struct Inbox<M> {
    state: Arc<State<M>>,
}

impl<M: Send + 'static> Inbox<M> {
    /// An inbox for so many messages, one at least: while there is no room for one more, its sender gets it back.
    #[must_use]
    pub fn keep_oldest(room: usize) -> Self {
        Self::new(room, false)
    }

    /// An inbox for so many messages, one at least: one more displaces the oldest.
    #[must_use]
    pub fn keep_newest(room: usize) -> Self {
        Self::new(room, true)
    }

    fn new(room: usize, newest: bool) -> Self {
        let room = room.max(1);
        let inner = Inner {
            queue: VecDeque::with_capacity(room.min(MOST_RESERVED)),
            senders: 0,
            open: true,
            lost: 0,
            waker: None,
        };
        let inner = Mutex::new(inner);
        Self {
            state: Arc::new(State {
                room,
                newest,
                inner,
            }),
        }
    }

    /// A handle for whoever shall send to this inbox. Once the inbox is dropped, a sender gets its message back.
    #[must_use]
    pub fn recipient(&self) -> Recipient<M> {
        self.state.lock().senders += 1;
        Recipient::new(Sender(Arc::clone(&self.state)))
    }

    /// How many messages found no room: those that their senders got back, and those that were displaced.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.state.lock().lost
    }

    /// The next message, if one waits.
    pub fn try_recv(&mut self) -> Option<M> {
        self.state.lock().queue.pop_front()
    }

    /// The next message; `None` once none waits and no recipient is left that could send one.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, no message was taken.
    pub async fn recv(&mut self) -> Option<M> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next message; blocks this thread, which is no actor's, so long at most, by the time of this thread.
    ///
    /// # Errors
    ///
    /// [`RecvError`] says why there is none.
    pub fn recv_timeout(&mut self, time: Duration) -> Result<M, RecvError> {
        CannotWait::check()?;
        match wait_for(poll_fn(|cx| self.poll(cx)), time) {
            Some(Some(message)) => Ok(message),
            Some(None) => Err(RecvError::Closed),
            None => Err(RecvError::TimedOut),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<M>> {
        let mut inner = self.state.lock();
        if let Some(message) = inner.queue.pop_front() {
            return Poll::Ready(Some(message));
        }
        if inner.senders == 0 {
            return Poll::Ready(None);
        }
        let before = inner.waker.replace(cx.waker().clone());
        drop(inner);
        // Outside of the lock: a waker is code of others.
        drop(before);
        Poll::Pending
    }
}

impl<M: Send + 'static> Stream for Inbox<M> {
    type Item = M;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<M>> {
        self.poll(cx)
    }
}

impl<M> Drop for Inbox<M> {
    fn drop(&mut self) {
        let mut inner = self.state.lock();
        inner.open = false;
        let left = std::mem::take(&mut inner.queue);
        let waker = inner.waker.take();
        drop(inner);
        drop((left, waker));
    }
}

impl<M> fmt::Debug for Inbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.state.lock();
        let (waiting, lost) = (inner.queue.len(), inner.lost);
        write!(f, "Inbox({waiting} waiting, {lost} lost)")
    }
}

/// What an inbox and its senders share.
struct State<M> {
    room: usize,
    newest: bool,
    inner: Mutex<Inner<M>>,
}

/// What the lock protects.
struct Inner<M> {
    queue: VecDeque<M>,
    senders: usize,
    open: bool,
    lost: u64,
    waker: Option<Waker>,
}

impl<M> State<M> {
    fn lock(&self) -> MutexGuard<'_, Inner<M>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the clones of one recipient share.
struct Sender<M>(Arc<State<M>>);

impl<M: Send + 'static> Receive<M> for Sender<M> {
    fn receive(&self, message: M) -> Result<(), TryTellError<M>> {
        let mut inner = self.0.lock();
        if !inner.open {
            return Err(TryTellError::Closed(message));
        }
        let full = inner.queue.len() >= self.0.room;
        if full {
            inner.lost += 1;
            if !self.0.newest {
                return Err(TryTellError::Full(message));
            }
        }
        let displaced = if full { inner.queue.pop_front() } else { None };
        inner.queue.push_back(message);
        let waker = inner.waker.take();
        drop(inner);
        waker.into_iter().for_each(Waker::wake);
        drop(displaced);
        Ok(())
    }
}

impl<M> Drop for Sender<M> {
    fn drop(&mut self) {
        let mut inner = self.0.lock();
        inner.senders -= 1;
        let last = inner.senders == 0;
        let waker = last.then(|| inner.waker.take()).flatten();
        drop(inner);
        waker.into_iter().for_each(Waker::wake);
    }
}
