//! How the inputs of an incarnation are closed: the last attached first, each with its closer if it has one.

use super::closers::Trouble;
use super::life::STOP_DEADLINE;
use super::{Cell, Phase};
use crate::context::Request;
use crate::{Actor, Reason};
use std::task::{Context as TaskContext, Poll};

impl<A: Actor> Cell<A> {
    /// Does what a handler asked for.
    pub(super) fn carry_out(&mut self, request: Request<A>) {
        match request {
            Request::Input(input) => self.inputs.push(input),
            Request::Timer(timer) => self.timers.push(timer),
            Request::Closer(closer) => self.closers.get_or_insert_default().add(closer),
            Request::Cancel(id) => {
                self.timers.retain(|timer| timer.id() != id);
                self.inputs.retain(|input| input.id() != id);
                self.forget_closer(id);
            }
        }
    }

    /// Takes out an input that has ended; the others keep their turns.
    pub(super) fn remove_input(&mut self, place: usize) {
        let input = self.inputs.remove(place);
        self.next_input -= u32::from(place < self.next_input as usize);
        self.forget_closer(input.id());
    }

    fn forget_closer(&mut self, id: u64) {
        if let Some(closers) = &mut self.closers {
            closers.forget(id);
        }
    }

    /// Begins to close all inputs.
    pub(super) fn begin_closing(&mut self, why: Reason) {
        let until = self.parts.hub.now() + STOP_DEADLINE;
        let Some(closers) = &mut self.closers else {
            self.drop_inputs(0);
            self.say_good_bye(why, until);
            return;
        };
        let until = closers.have_until(until);
        self.parts.mailbox.record.set_ends_by(until);
        self.phase = Phase::Closing(Box::new(why));
    }

    /// Whether all inputs are closed; if so, `stopped` begins.
    pub(super) fn has_closed(&mut self, cx: &mut TaskContext<'_>) -> bool {
        let now = self.parts.hub.now();
        while let Some(closers) = &mut self.closers {
            let Poll::Ready(trouble) = closers.poll(now, cx) else {
                return false;
            };
            let next = closers.next_id();
            if let Some(trouble) = trouble {
                self.note_trouble(&trouble);
            }
            let Some(next) = next else { break };
            // Its own input, and those that were attached after it.
            self.drop_inputs(next);
            if let Some(closers) = &mut self.closers {
                closers.begin_next(now);
            }
        }
        self.drop_inputs(0);
        let closers = self.closers.take().unwrap_or_default();
        let until = closers.until().unwrap_or(now);
        if let Some(mut state) = self.home.take() {
            state.ctx.closed = closers.into_closed();
            self.home.set(Some(state));
        }
        if let Phase::Closing(why) = std::mem::replace(&mut self.phase, Phase::Running) {
            self.say_good_bye(*why, until);
        }
        true
    }

    /// Drops the inputs from this number on, the last attached first.
    fn drop_inputs(&mut self, from: u64) {
        while self.inputs.last().is_some_and(|input| input.id() >= from) {
            // A panic over one is the actor's: what is left is closed after it.
            self.inputs.pop();
        }
    }

    /// A closer did not end well.
    fn note_trouble(&self, trouble: &Trouble) {
        let Phase::Closing(why) = &self.phase else {
            return;
        };
        if trouble.late {
            self.parts.mailbox.record.set_unresponsive();
        }
        let Trouble { name, what, .. } = trouble;
        self.note_failure(format!("{why}; the closer of `{name}` {what}"));
    }
}
