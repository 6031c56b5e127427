//! Birth, end and rebirth of an actor.

use super::{Cell, Held, Hook, Phase, State, Turn};
use crate::contain::contain;
use crate::mailbox::Lost;
use crate::random::Random;
use crate::report::NodeState;
use crate::sched::here::NOBODY;
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
        if self.parts.record.restarts.load(Ordering::Relaxed) > 0 {
            self.drop_commands();
        }
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
        if let Err(failure) = result
            && !failure.is_end()
        {
            self.note_failure(format!("{why}; while it stopped: {failure}"));
        }
        match self.discard(&why.to_string()) {
            None => self.after(why),
            Some(panic) => {
                let why = Reason::Panicked(panic);
                self.note_failure(format!("{why}, while it was dropped"));
                self.after(why);
            }
        }
    }

    /// Drops the incarnation with all that it owns. A panic over one part spares the others; the first one's text
    /// comes back.
    pub(super) fn discard(&mut self, why: &str) -> Option<String> {
        let busy = contain(|| self.cancel_busy(why));
        let phase = std::mem::replace(&mut self.phase, Phase::Running);
        let phase = contain(|| drop(phase));
        let sources = self.inputs.drain(..).chain(self.timers.drain(..));
        let sources: Vec<_> = sources
            .chain(self.watches.drain(..))
            .map(|source| contain(|| drop(source)))
            .collect();
        let state = self.home.borrow_mut().take();
        let state = contain(|| drop(state));
        let parts = [busy, phase].into_iter().chain(sources).chain([state]);
        parts.filter_map(Result::err).next()
    }

    /// A handler, hook, input or the factory failed.
    pub(super) fn failed(&mut self, failure: Failure) -> Turn {
        if failure.is_end() {
            self.begin_stop(Reason::Finished);
            return Turn::More;
        }
        let why = Reason::Failed(failure.to_string());
        self.note_failure(why.to_string());
        self.begin_stop(why);
        self.outcome()
    }

    /// A handler or hook panicked: its state is nobody's to vouch for, so `stopped` does not run.
    pub(super) fn panicked(&mut self, text: String) {
        let why = Reason::Panicked(text);
        self.note_failure(why.to_string());
        if let Some(panic) = self.discard(&why.to_string()) {
            tracing::error!(node = %self.parts.record.name, panic, "panicked again while it was dropped");
        }
        self.after(why);
    }

    fn note_failure(&self, why: String) {
        let record = &self.parts.record;
        tracing::warn!(node = %record.name, why, "failed");
        record.failures.fetch_add(1, Ordering::Relaxed);
        record.set_last_failure(why);
    }

    /// The incarnation is gone: what now?
    fn after(&mut self, why: Reason) {
        if !why.is_failure() || self.stopping {
            self.end(why);
            return;
        }
        self.drop_commands();
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

    /// Forgets the commands that wait: what is built anew obeys only what is commanded after it was built.
    fn drop_commands(&self) {
        let dropped = self.parts.mailbox.drop_commands();
        let counter = &self.parts.record.dropped_commands;
        counter.fetch_add(dropped as u64, Ordering::Relaxed);
    }

    /// Drops the messages that were taken out of the mailbox and not begun with.
    fn drop_batch(&mut self) -> usize {
        let mut dropped = Vec::new();
        self.batch.clear();
        let lost = self
            .ports
            .iter_mut()
            .map(|port| port.empty(&mut dropped))
            .sum();
        dropped.into_iter().for_each(Lost::drop_each);
        lost
    }

    /// Ends for good.
    pub(super) fn end(&mut self, why: Reason) {
        self.parts.record.set_state(NodeState::Ended);
        let lost = self.parts.mailbox.close() + self.drop_batch();
        self.parts
            .record
            .undelivered
            .fetch_add(lost as u64, Ordering::Relaxed);
        self.phase = Phase::Ended(why);
    }

    pub(super) fn outcome(&self) -> Turn {
        if self.gave_up {
            Turn::GaveUp
        } else {
            Turn::More
        }
    }

    fn context(&mut self) -> Context<A> {
        let mailbox = Arc::clone(&self.parts.mailbox);
        Context {
            hub: Rc::clone(&self.parts.hub),
            node: Arc::clone(&self.parts.record),
            outs: Rc::clone(&self.parts.outs),
            address: Address { mailbox },
            requests: Vec::with_capacity(4),
            stop: false,
            random: Random::new(self.random.next()),
            // A timer that a former incarnation remembered somewhere is none of this one's.
            next_id: self.parts.record.restarts.load(Ordering::Relaxed) << 32,
            sender: NOBODY,
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
