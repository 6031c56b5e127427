//! One turn of a running actor: look, handle, look again.

use super::{Busy, Cell, Held, Phase, Readiness, Turn};
use crate::context::Request;
use crate::mailbox::{Injection, Order};
use crate::{Actor, Failure, Reason, Time};
use std::sync::atomic::Ordering;
use std::task::{Context as TaskContext, Poll};

/// Who is looked at first, in turn: no ready source waits for more than two others.
const MAILBOX_FIRST: u8 = 0;
const TIMERS_FIRST: u8 = 1;

impl<A: Actor> Cell<A> {
    /// Handles up to `budget` messages of a running actor.
    pub(super) fn run(&mut self, cx: &mut TaskContext<'_>, mut budget: usize) -> Turn {
        loop {
            if let Some(busy) = self.busy {
                if self.must_stop() {
                    self.cancel_busy("the actor was stopped");
                    self.begin_stop(Reason::Stopped);
                    return Turn::More;
                }
                match self.poll_busy(busy, cx) {
                    Poll::Pending => return Turn::Idle,
                    Poll::Ready(result) => {
                        self.busy = None;
                        if let Some(turn) = self.finished(result) {
                            return turn;
                        }
                    }
                }
                budget = budget.saturating_sub(1);
                if budget == 0 {
                    return Turn::More;
                }
            }
            if self.must_stop() {
                self.begin_stop(Reason::Stopped);
                return Turn::More;
            }
            match self.look(cx) {
                Ok(Some(busy)) => self.busy = Some(busy),
                Ok(None) => return Turn::Idle,
                Err(failure) => return self.failed(failure),
            }
        }
    }

    /// After a message: carry out what it asked for, and see how it ended.
    fn finished(&mut self, result: Result<(), Failure>) -> Option<Turn> {
        self.parts.record.handled.fetch_add(1, Ordering::Relaxed);
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
        let mut home = self.home.borrow_mut();
        let Some(state) = home.as_mut() else {
            return false;
        };
        if !state.ctx.requests.is_empty() {
            for request in state.ctx.requests.drain(..) {
                match request {
                    Request::Input(input) => self.inputs.push(input),
                    Request::Timer(timer) => self.timers.push(timer),
                    Request::Cancel(id) => {
                        self.timers.retain(|timer| timer.id() != id);
                        self.inputs.retain(|input| input.id() != id);
                    }
                }
            }
        }
        state.ctx.stop
    }

    /// Reads the orders from outside. `true`: end.
    fn must_stop(&mut self) -> bool {
        if !self.parts.mailbox.is_urgent() {
            return self.stopping;
        }
        for order in self.parts.mailbox.take_orders() {
            match order {
                Order::Stop => self.stopping = true,
                Order::Inject(injection) => self.injected = Some(injection),
            }
        }
        self.stopping
    }

    /// Finds the next message: silence and the system lane first, then commands, then all else in turn.
    fn look(&mut self, cx: &mut TaskContext<'_>) -> Result<Option<Busy>, Failure> {
        match self.injected.take() {
            Some(Injection::Panic) => std::panic::resume_unwind(Box::new("injected by a test")),
            Some(Injection::Fail(text)) => return Err(Failure::new(text)),
            None => {}
        }
        let now = self.parts.hub.now();
        if let Some(busy) = self.look_at_watches(now, cx) {
            return Ok(Some(busy));
        }
        let turn = self.turn;
        self.turn = (self.turn + 1) % 3;
        if turn == MAILBOX_FIRST {
            if let Some(busy) = self.look_at_mailbox(false, now) {
                return Ok(Some(busy));
            }
            if let Some(busy) = self.look_at_timers(now, cx) {
                return Ok(Some(busy));
            }
            return self.look_at_inputs(now, cx);
        }
        if let Some(busy) = self.look_at_mailbox(true, now) {
            return Ok(Some(busy));
        }
        if turn == TIMERS_FIRST {
            if let Some(busy) = self.look_at_timers(now, cx) {
                return Ok(Some(busy));
            }
            if let Some(busy) = self.look_at_inputs(now, cx)? {
                return Ok(Some(busy));
            }
        } else {
            if let Some(busy) = self.look_at_inputs(now, cx)? {
                return Ok(Some(busy));
            }
            if let Some(busy) = self.look_at_timers(now, cx) {
                return Ok(Some(busy));
            }
        }
        Ok(self.look_at_mailbox(false, now))
    }

    fn look_at_mailbox(&mut self, skip_user: bool, now: Time) -> Option<Busy> {
        while let Some(number) = self.parts.mailbox.next(skip_user) {
            let place = usize::from(number);
            if self.ports.len() <= place {
                self.ports.resize_with(place + 1, || None);
            }
            if self.ports[place].is_none() {
                let build = self.parts.mailbox.lock().ports[place].build;
                self.ports[place] = Some(build(number));
            }
            let port = self.ports[place].as_mut()?;
            let held = Held::take(&self.home)?;
            if port.begin(held, &self.parts.mailbox, now) {
                return Some(Busy::Port(number));
            }
        }
        None
    }

    fn look_at_timers(&mut self, now: Time, cx: &mut TaskContext<'_>) -> Option<Busy> {
        let due = self.timers.iter().enumerate();
        let due = due.filter_map(|(place, timer)| Some((timer.deadline()?, place)));
        let (deadline, place) = due.min()?;
        if deadline > now || !matches!(self.timers[place].ready(now, cx), Readiness::Ready) {
            return None;
        }
        let held = Held::take(&self.home)?;
        self.timers[place].begin(held, now);
        Some(Busy::Timer(place))
    }

    fn look_at_watches(&mut self, now: Time, cx: &mut TaskContext<'_>) -> Option<Busy> {
        let found = self
            .watches
            .iter_mut()
            .position(|watch| matches!(watch.ready(now, cx), Readiness::Ready))?;
        let held = Held::take(&self.home)?;
        self.watches[found].begin(held, now);
        Some(Busy::Watch(found))
    }

    fn look_at_inputs(
        &mut self,
        now: Time,
        cx: &mut TaskContext<'_>,
    ) -> Result<Option<Busy>, Failure> {
        let mut looked = 0;
        while looked < self.inputs.len() {
            let place = (self.next_input + looked) % self.inputs.len();
            match self.inputs[place].ready(now, cx) {
                Readiness::Waiting => looked += 1,
                Readiness::Ended => {
                    self.inputs.remove(place);
                }
                Readiness::Failed(failure) => return Err(failure),
                Readiness::Ready => {
                    let Some(held) = Held::take(&self.home) else {
                        return Ok(None);
                    };
                    self.inputs[place].begin(held, now);
                    self.next_input = place + 1;
                    return Ok(Some(Busy::Input(place)));
                }
            }
        }
        Ok(None)
    }

    fn poll_busy(&mut self, busy: Busy, cx: &mut TaskContext<'_>) -> Poll<Result<(), Failure>> {
        match busy {
            Busy::Port(number) => match self.ports[usize::from(number)].as_mut() {
                Some(port) => port.poll(&self.parts.mailbox, cx),
                None => Poll::Ready(Ok(())),
            },
            Busy::Input(place) => self.inputs[place].poll(cx),
            Busy::Watch(place) => self.watches[place].poll(cx),
            Busy::Timer(place) => {
                let result = std::task::ready!(self.timers[place].poll(cx));
                if self.timers[place].deadline().is_none() {
                    self.timers.swap_remove(place);
                }
                Poll::Ready(result)
            }
        }
    }

    /// Gives up the message in hand, if there is one; whoever asked hears why.
    pub(super) fn cancel_busy(&mut self, why: &str) {
        match self.busy.take() {
            None => {}
            Some(Busy::Input(place)) => self.inputs[place].cancel(),
            Some(Busy::Timer(place)) => self.timers[place].cancel(),
            Some(Busy::Watch(place)) => self.watches[place].cancel(),
            Some(Busy::Port(number)) => {
                if let Some(port) = self.ports[usize::from(number)].as_mut() {
                    port.cancel(&self.parts.mailbox, why);
                }
            }
        }
    }

    /// Polls whatever phase the cell is in.
    pub(super) fn step(&mut self, cx: &mut TaskContext<'_>, budget: usize) -> Turn {
        loop {
            match &mut self.phase {
                Phase::Running => return self.run(cx, budget),
                Phase::Ended(_) if self.gave_up => return Turn::GaveUp,
                Phase::Ended(_) => return Turn::Ended,
                Phase::Waiting(until) => {
                    let until = *until;
                    if self.must_stop() {
                        self.end(Reason::Stopped);
                    } else if self.parts.hub.now() < until {
                        return Turn::Idle;
                    } else {
                        self.open();
                    }
                }
                Phase::Starting(hook) => match hook.as_mut().poll(cx) {
                    Poll::Ready(result) => self.has_started(result),
                    Poll::Pending if self.must_stop() => self.begin_stop(Reason::Stopped),
                    Poll::Pending => return Turn::Idle,
                },
                Phase::Stopping { hook, deadline, .. } => {
                    let overdue = self.parts.hub.now() >= *deadline;
                    match hook.as_mut().poll(cx) {
                        Poll::Ready(result) => self.has_stopped(result),
                        Poll::Pending if overdue => {
                            let late = Failure::new("its `stopped` took too long and was dropped");
                            self.has_stopped(Err(late));
                        }
                        Poll::Pending => return Turn::Idle,
                    }
                }
            }
        }
    }
}
