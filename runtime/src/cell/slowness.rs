//! What a test does to the pace of an actor: it hangs, or takes its time before each message.

use super::{Busy, Cell, Hook};
use crate::mailbox::Injection;
use crate::{Actor, Failure, Time};
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

/// How an actor is held up.
pub(super) struct Slowness {
    /// What it waits for now.
    wait: Option<Hook>,
    each: Duration,
    /// From then on it is as quick as it was.
    until: Time,
    /// Whether it has waited and may handle one message.
    has_waited: bool,
}

impl<A: Actor> Cell<A> {
    /// Puts a fault in: `Some` failure, a panic, or what holds it up from now on.
    pub(super) fn suffer(&mut self, fault: Injection) -> Option<Failure> {
        let (each, lasts) = match fault {
            Injection::Panic => std::panic::resume_unwind(Box::new("injected by a test")),
            Injection::Fail(text) => return Some(Failure::new(text)),
            Injection::Hang(time) => (time, Duration::ZERO),
            Injection::Slow { each, lasts } => (each, lasts),
        };
        self.slowness = Some(Box::new(Slowness {
            wait: None,
            each,
            until: self.parts.hub.now() + lasts,
            has_waited: false,
        }));
        None
    }

    /// Whether it has to wait before it may look for a message.
    pub(super) fn is_held_up(&mut self) -> Option<Busy> {
        let slowness = self.slowness.as_mut()?;
        let is_over = slowness.until <= self.parts.hub.now();
        if std::mem::take(&mut slowness.has_waited) {
            if is_over {
                self.slowness = None;
            }
            return None;
        }
        let time = slowness.each;
        slowness.wait = Some(Box::pin(async move {
            tokio::time::sleep(time).await;
            Ok(())
        }));
        Some(Busy::Hang)
    }

    pub(super) fn poll_wait(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), Failure>> {
        let Some(slowness) = self.slowness.as_mut() else {
            return Poll::Ready(Ok(()));
        };
        if let Some(wait) = &mut slowness.wait {
            let waited = ready!(wait.as_mut().poll(cx));
            slowness.wait = None;
            slowness.has_waited = true;
            return Poll::Ready(waited);
        }
        Poll::Ready(Ok(()))
    }

    /// What it waits for does not count any more: it is being stopped.
    pub(super) fn cancel_wait(&mut self) {
        self.slowness = None;
    }
}
