//! Birth, end and rebirth of an actor.

use super::{Cell, Held, Hook, Phase, State, Turn};
use crate::random::Random;
use crate::report::NodeState;
use crate::supervise::Verdict;
use crate::{Actor, Address, Context, Failure, Reason};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long `stopped` may take: long enough to brake and to say good-bye on a slow bus.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

impl<A: Actor> Cell<A> {
    /// Builds an incarnation and begins its `started`.
    pub(super) fn open(&mut self) {
        match self.parts.factory.make() {
            Err(failure) => {
                self.failed(failure);
            }
            Ok(actor) => {
                let now = self.parts.hub.now();
                let ctx = self.context();
                *self.home.borrow_mut() = Some(Box::new(State { actor, ctx }));
                self.watches = self.parts.watches.iter().map(|make| make(now)).collect();
                self.parts.record.set_state(NodeState::Starting);
                self.phase = match Held::take(&self.home) {
                    Some(held) => Phase::Starting(start(held)),
                    None => Phase::Running,
                };
            }
        }
    }

    /// `started` has ended.
    pub(super) fn has_started(&mut self, result: Result<(), Failure>) {
        self.phase = Phase::Running;
        self.parts.record.set_state(NodeState::Running);
        match result {
            Err(failure) => {
                self.failed(failure);
            }
            Ok(()) => {
                if self.collect_requests() {
                    self.begin_stop(Reason::Finished);
                }
            }
        }
    }

    /// Begins an ordered end of this incarnation.
    pub(super) fn begin_stop(&mut self, why: Reason) {
        self.phase = Phase::Running;
        self.parts.record.set_state(NodeState::Stopping);
        self.inputs.clear();
        self.timers.clear();
        let deadline = self.parts.hub.now() + STOP_DEADLINE;
        let hook = Held::take(&self.home).map(|held| stop(held, why.clone()));
        match hook {
            Some(hook) => {
                self.phase = Phase::Stopping {
                    hook,
                    why,
                    deadline,
                }
            }
            None => self.after(why),
        }
    }

    /// `stopped` has ended: the old incarnation goes, wholly, before anything new is built.
    pub(super) fn has_stopped(&mut self, result: Result<(), Failure>) {
        let phase = std::mem::replace(&mut self.phase, Phase::Running);
        let Phase::Stopping { hook, why, .. } = phase else {
            return;
        };
        drop(hook);
        if let Err(failure) = result.as_ref()
            && !failure.is_end()
        {
            tracing::warn!(node = %self.parts.record.name, %failure, "failed while it stopped");
        }
        self.discard(&why.to_string());
        self.after(why);
    }

    /// Drops the incarnation with all that it owns.
    pub(super) fn discard(&mut self, why: &str) {
        self.cancel_busy(why);
        self.phase = Phase::Running;
        self.inputs.clear();
        self.timers.clear();
        self.watches.clear();
        let state = self.home.borrow_mut().take();
        drop(state);
    }

    /// A handler, hook, input or the factory failed.
    pub(super) fn failed(&mut self, failure: Failure) -> Turn {
        if failure.is_end() {
            self.begin_stop(Reason::Finished);
            return Turn::More;
        }
        let why = Reason::Failed(failure.to_string());
        self.note_failure(&why);
        self.begin_stop(why);
        self.outcome()
    }

    /// A handler or hook panicked: its state is nobody's to vouch for, so `stopped` does not run.
    pub(super) fn panicked(&mut self, text: String) {
        let why = Reason::Panicked(text);
        self.note_failure(&why);
        let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.discard(&why.to_string());
        }));
        if dropped.is_err() {
            tracing::error!(node = %self.parts.record.name, "panicked again while it was dropped");
        }
        self.after(why);
    }

    fn note_failure(&self, why: &Reason) {
        let record = &self.parts.record;
        tracing::warn!(node = %record.name, %why, "ended by a failure");
        record.failures.fetch_add(1, Ordering::Relaxed);
        record.set_last_failure(why.to_string());
    }

    /// The incarnation is gone: what now?
    fn after(&mut self, why: Reason) {
        if !why.is_failure() || self.stopping {
            self.end(why);
            return;
        }
        let dropped = self.parts.mailbox.drop_commands();
        self.parts
            .record
            .dropped_commands
            .fetch_add(dropped as u64, Ordering::Relaxed);
        let now = self.parts.hub.now();
        let verdict = self.parts.supervision.failed(now, self.last_failure);
        self.last_failure = Some(now);
        match verdict {
            Verdict::RestartAt(moment) => {
                self.parts.record.restarts.fetch_add(1, Ordering::Relaxed);
                self.parts.record.set_state(NodeState::Waiting);
                self.phase = Phase::Waiting(moment);
            }
            Verdict::GiveUp => {
                tracing::error!(node = %self.parts.record.name, %why, "restart limit exceeded");
                self.gave_up = true;
                self.end(why);
            }
        }
    }

    /// Ends for good.
    pub(super) fn end(&mut self, why: Reason) {
        self.parts.record.set_state(NodeState::Ended);
        let lost = self.parts.mailbox.close();
        self.parts
            .record
            .undelivered
            .fetch_add(lost as u64, Ordering::Relaxed);
        self.phase = Phase::Ended(why);
    }

    fn outcome(&self) -> Turn {
        if self.gave_up {
            Turn::GaveUp
        } else {
            Turn::More
        }
    }

    fn context(&mut self) -> Context<A> {
        let name = Arc::clone(&self.parts.record.name);
        let mailbox = Arc::clone(&self.parts.mailbox);
        Context {
            hub: Rc::clone(&self.parts.hub),
            node: Arc::clone(&self.parts.record),
            outs: Rc::clone(&self.parts.outs),
            address: Address { mailbox, name },
            requests: Vec::with_capacity(4),
            stop: false,
            random: Random::new(self.random.next()),
            next_id: 0,
        }
    }
}

fn start<A: Actor>(mut held: Held<A>) -> Hook {
    Box::pin(async move {
        let state = held.state();
        state.actor.started(&mut state.ctx).await
    })
}

fn stop<A: Actor>(mut held: Held<A>, why: Reason) -> Hook {
    Box::pin(async move {
        let state = held.state();
        state.actor.stopped(&why, &mut state.ctx).await
    })
}
