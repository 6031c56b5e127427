//! A transaction on its way to the thread of its bus and back.

use crate::lookout::Lookout;
use crate::sync::lock;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::task::{Poll, Waker};

/// A place for one transaction at a time: its operations as steps (`S`), their bytes one after the other's, and whether it
/// failed (`E`). It keeps its memory from one to the next.
#[derive(Debug)]
pub(crate) struct Exchange<S, E> {
    state: Mutex<State<S, E>>,
    /// It came back.
    back: Condvar,
    /// Whether it is away, for who only blocks and never hands over.
    is_out: AtomicBool,
    /// Whether it came back; only a hint.
    may_be_back: AtomicBool,
    lookout: Lookout,
}

/// How often one looks whether a transaction came back before one sleeps: some microseconds, in which the actor's thread does nothing
/// else.
const LOOKS: u32 = 300;

#[derive(Debug)]
struct State<S, E> {
    /// From handing it over until the thread is done with it, also if nobody waits for it any more.
    is_away: bool,
    steps: Vec<S>,
    bytes: Vec<u8>,
    /// `None` if it never came to an end.
    done: Option<Result<(), E>>,
    waker: Option<Waker>,
}

impl<S, E> Default for Exchange<S, E> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                is_away: false,
                steps: Vec::new(),
                bytes: Vec::new(),
                done: None,
                waker: None,
            }),
            back: Condvar::new(),
            is_out: AtomicBool::new(false),
            may_be_back: AtomicBool::new(false),
            lookout: Lookout::default(),
        }
    }
}

impl<S, E> Exchange<S, E> {
    /// Waits until the place is free; only a transaction that was given up can be in it.
    pub(crate) async fn is_free(&self) {
        poll_fn(|cx| {
            let mut state = lock(&self.state);
            if !state.is_away {
                return Poll::Ready(());
            }
            state.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// The same for who does not await: blocks its thread.
    pub(crate) fn block_until_free(&self) {
        // Only this side hands over, so what is not out now will not be before this returns.
        if !self.is_out.load(Ordering::Acquire) {
            return;
        }
        let mut state = lock(&self.state);
        while state.is_away {
            state = self
                .back
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Fills the place: `fill` appends the operations and their bytes. From now on it belongs to the thread.
    pub(crate) fn hand_over(&self, fill: impl FnOnce(&mut Vec<S>, &mut Vec<u8>)) {
        let mut state = lock(&self.state);
        let State { steps, bytes, .. } = &mut *state;
        steps.clear();
        bytes.clear();
        fill(steps, bytes);
        state.done = None;
        state.is_away = true;
        self.is_out.store(true, Ordering::Release);
        self.may_be_back.store(false, Ordering::Relaxed);
    }

    /// On the thread: carries it out with `work`, and gives the place back.
    pub(crate) fn carry_out(&self, work: impl FnOnce(&[S], &mut [u8]) -> Result<(), E>) {
        let mut back = {
            let mut state = lock(&self.state);
            Back {
                exchange: self,
                steps: std::mem::take(&mut state.steps),
                bytes: std::mem::take(&mut state.bytes),
                done: None,
            }
        };
        back.done = Some(work(&back.steps, &mut back.bytes));
    }

    /// Waits until it is done, and hands `take` the bytes. `None` if it never came to an end.
    ///
    /// # Cancel safety
    ///
    /// Dropped before, the transaction happens all the same, and nobody hears of it.
    pub(crate) async fn is_done(&self, mut take: impl FnMut(&[u8])) -> Option<Result<(), E>> {
        self.lookout
            .look(LOOKS, || self.may_be_back.load(Ordering::Relaxed));
        poll_fn(|cx| {
            let mut state = lock(&self.state);
            if state.is_away {
                match &mut state.waker {
                    Some(known) => known.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                }
                return Poll::Pending;
            }
            take(&state.bytes);
            Poll::Ready(state.done.take())
        })
        .await
    }
}

/// Gives the place back when dropped, so that nobody waits for ever for work that panicked.
struct Back<'a, S, E> {
    exchange: &'a Exchange<S, E>,
    steps: Vec<S>,
    bytes: Vec<u8>,
    done: Option<Result<(), E>>,
}

impl<S, E> Drop for Back<'_, S, E> {
    fn drop(&mut self) {
        let waker = {
            let mut state = lock(&self.exchange.state);
            state.steps = std::mem::take(&mut self.steps);
            state.bytes = std::mem::take(&mut self.bytes);
            state.done = self.done.take();
            state.is_away = false;
            self.exchange.is_out.store(false, Ordering::Release);
            state.waker.take()
        };
        self.exchange.may_be_back.store(true, Ordering::Relaxed);
        self.exchange.back.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
