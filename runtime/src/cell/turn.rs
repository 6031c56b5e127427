//! One turn of a running actor: handle what was found, look again, see whether anything is left.

use super::look::{Found, Left};
use super::{AnyCell, Busy, Came, Cell, Turn};
use crate::edge::count;
use crate::{Actor, Failure, Reason};
use std::fmt;
use std::task::{Context as TaskContext, Poll};

impl<A: Actor> Cell<A> {
    /// Handles up to `budget` messages of a running actor.
    pub(super) fn run(&mut self, cx: &mut TaskContext<'_>, budget: usize) -> Turn {
        let asleep = false;
        let mut left = Left { budget, asleep };
        loop {
            if let Some(busy) = self.busy {
                if let Some(turn) = self.obey() {
                    return turn;
                }
                let Poll::Ready(result) = self.poll_busy(busy, cx) else {
                    return self.pause();
                };
                self.busy = None;
                if busy != Busy::Hang {
                    count(&self.parts.mailbox.record.owner.handled);
                }
                if let Some(turn) = self.finished(result) {
                    return turn;
                }
                left.budget = left.budget.saturating_sub(1);
            }
            if left.budget == 0 {
                let rests = self.rests(left.asleep);
                self.parts.mailbox.let_in();
                return if rests { Turn::Idle } else { Turn::More };
            }
            if let Some(turn) = self.obey() {
                return turn;
            }
            match self.look(cx, left) {
                Found::Nothing => return Turn::Idle,
                Found::Begun(busy) => {
                    self.busy = Some(busy);
                    left.asleep = false;
                }
                Found::Handled(came, now_left) => {
                    left = now_left;
                    match came {
                        Came::Through => self.busy = None,
                        Came::Waiting => return self.pause(),
                        Came::End => {
                            self.busy = None;
                            self.stopping = true;
                        }
                        Came::Failed(failure) => {
                            self.busy = None;
                            return self.failed(failure);
                        }
                    }
                    if let Some(turn) = self.finished(Ok(())) {
                        return turn;
                    }
                }
                Found::Failed(failure) => return self.failed(failure),
            }
        }
    }

    /// Whether nothing is left to do, seen without another turn; the next push then wakes the cell.
    fn rests(&self, asleep: bool) -> bool {
        // Inputs have to be asked. All else stands here, wakes the cell, or has its moment.
        if !self.inputs.is_empty() || !self.batch.is_empty() {
            return false;
        }
        if self.tidings.is_some() || self.injected.is_some() || self.slowness.is_some() {
            return false;
        }
        let timed = !self.timers.is_empty() || !self.watches.is_empty();
        let is_due = |moment| moment <= self.parts.hub.seen();
        if timed && self.deadline().is_some_and(is_due) {
            return false;
        }
        asleep || self.parts.mailbox.falls_asleep()
    }

    /// The message in hand waits for something; senders that wait for room learn of what was taken before.
    fn pause(&mut self) -> Turn {
        if std::mem::take(&mut self.took) {
            self.parts.mailbox.let_in_before_pause();
        }
        Turn::Idle
    }

    /// After a message: carry out what it asked for, and see how it ended.
    fn finished(&mut self, result: Result<(), Failure>) -> Option<Turn> {
        if let Err(failure) = result {
            return Some(self.failed(failure));
        }
        self.collect_requests().then(|| {
            self.begin_stop(Reason::Finished);
            Turn::More
        })
    }

    /// Takes over the inputs and timers that a handler asked for. `true`: it wants to end.
    pub(super) fn collect_requests(&mut self) -> bool {
        let Some(mut state) = self.home.take() else {
            return false;
        };
        let stop = state.ctx.stop;
        if state.ctx.requests.is_empty() {
            self.home.set(Some(state));
            return stop;
        }
        let mut requests = std::mem::take(&mut state.ctx.requests);
        self.home.set(Some(state));
        requests.drain().for_each(|it| self.carry_out(it));
        // The place for them goes back, so that the next timer need not make one.
        if let Some(mut state) = self.home.take() {
            state.ctx.requests = requests;
            self.home.set(Some(state));
        }
        stop
    }

    fn poll_busy(&mut self, busy: Busy, cx: &mut TaskContext<'_>) -> Poll<Result<(), Failure>> {
        match busy {
            Busy::Port(number) => self.ports[usize::from(number)].poll(&self.parts.mailbox, cx),
            Busy::Input(place) => self.inputs[place as usize].poll(cx),
            Busy::Watch(place) => self.watches[place as usize].poll(cx),
            Busy::News => self.poll_news(cx),
            Busy::Hang => self.poll_wait(cx),
            Busy::Timer(place) => {
                let place = place as usize;
                let result = std::task::ready!(self.timers[place].poll(cx));
                if self.timers[place].deadline().is_none() {
                    self.timers.swap_remove(place);
                }
                Poll::Ready(result)
            }
        }
    }

    /// Gives up the message in hand, if there is one; whoever asked hears why.
    pub(super) fn cancel_busy(&mut self, why: &dyn fmt::Display) {
        match self.busy.take() {
            None => {}
            Some(Busy::Input(place)) => self.inputs[place as usize].cancel(),
            Some(Busy::Timer(place)) => self.timers[place as usize].cancel(),
            Some(Busy::Watch(place)) => self.watches[place as usize].cancel(),
            Some(Busy::News) => self.cancel_news(),
            Some(Busy::Hang) => self.cancel_wait(),
            Some(Busy::Port(number)) => {
                self.ports[usize::from(number)].cancel(&self.parts.mailbox, &why.to_string());
            }
        }
    }
}
