//! One turn of a cell, whatever phase it is in.

use super::{AnyCell, Cell, Phase, Turn};
use crate::supervise::Word;
use crate::{Actor, Failure, Reason};
use std::task::{Context as TaskContext, Poll};

/// Why an actor was dropped that did not end in time.
const NOT_IN_TIME: &str = "did not end in time and was dropped";

impl<A: Actor> Cell<A> {
    /// Takes the turn.
    pub(super) fn step(&mut self, cx: &mut TaskContext<'_>, budget: usize) -> Turn {
        loop {
            self.read_orders();
            if self.aborted && !matches!(self.phase, Phase::Ended) {
                self.abort(NOT_IN_TIME);
            }
            match &mut self.phase {
                Phase::Running => return self.run(cx, budget),
                Phase::Ended => return self.outcome(),
                Phase::Waiting(_) | Phase::Gone if self.stopping => self.end(Reason::Stopped),
                Phase::Gone => return Turn::Idle,
                Phase::Waiting(_) if self.leaving => self.leave_unopened(),
                Phase::Waiting(until) if self.parts.hub.is_before(*until) => return Turn::Idle,
                Phase::Waiting(_) => self.open_unless_held_back(),
                Phase::Starting(hook) => match hook.as_mut().poll(cx) {
                    Poll::Ready(result) => self.has_started(result),
                    Poll::Pending => match self.called_off() {
                        Some(why) => self.begin_stop(why),
                        None => return Turn::Idle,
                    },
                },
                Phase::Parting(_) => {
                    if !self.has_parted() {
                        return Turn::Idle;
                    }
                }
                Phase::Closing(_) => {
                    if !self.has_closed(cx) {
                        return Turn::Idle;
                    }
                }
                Phase::Stopping(stopping) => {
                    let ends_by = self.parts.mailbox.record.ends_by();
                    match stopping.hook.as_mut().poll(cx) {
                        Poll::Ready(result) => self.has_stopped(result),
                        Poll::Pending if self.parts.hub.is_before(ends_by) => return Turn::Idle,
                        Poll::Pending => self.is_overdue(),
                    }
                }
            }
        }
    }

    /// Between two messages, or in the middle of one: reads the orders and obeys. `Some`: no message is handled now.
    #[inline]
    pub(super) fn obey(&mut self) -> Option<Turn> {
        self.read_orders();
        if !self.aborted && !self.stopping && !self.leaving {
            return None;
        }
        if self.aborted {
            return Some(Turn::More);
        }
        let why = self.called_off()?;
        self.cancel_busy(&"the actor was stopped");
        self.begin_stop(why);
        Some(Turn::More)
    }

    /// Why the incarnation has to end, if others want it to.
    fn called_off(&self) -> Option<Reason> {
        if self.stopping {
            return Some(Reason::Stopped);
        }
        match self.word().filter(|_| self.leaving) {
            Some(Word::Leave(because)) => Some(Reason::StoppedWith(because.to_string())),
            Some(Word::Open(_)) | None => None,
        }
    }

    #[inline]
    fn read_orders(&mut self) {
        if self.parts.mailbox.has_orders() {
            self.take_orders();
        }
    }

    #[cold]
    fn take_orders(&mut self) {
        let orders = self.parts.mailbox.take_orders();
        self.stopping |= orders.stop;
        self.aborted |= orders.abort;
        if orders.group {
            self.heed_group();
        }
        self.injected = orders.fault.or(self.injected.take());
        self.keep_news(orders.news);
    }

    /// Its `stopped` took longer than it may.
    fn is_overdue(&mut self) {
        self.parts.mailbox.record.set_unresponsive();
        let late = Failure::new("its `stopped` took too long and was dropped");
        self.has_stopped(Err(late));
    }
}
