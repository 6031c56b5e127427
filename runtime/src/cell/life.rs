//! The life of an incarnation, from its birth until it is wholly gone.

use super::{Cell, Held, Hook, Parting, Phase, State, Stopping, Turn};
use crate::contain::contain;
use crate::few::Few;
use crate::kin::Farewell;
use crate::random::Random;
use crate::report::NodeState;
use crate::sched::here::NOBODY;
use crate::{Actor, Address, Closed, Context, Failure, Reason, Time};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How long its closers and `stopped` may take in all: long enough to brake and to say good-bye on a slow bus.
pub(super) const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// What is left of an incarnation that was dropped.
pub(super) struct Left {
    /// The text of the first panic over it.
    pub(super) panic: Option<String>,
    /// Its children.
    pub(super) farewell: Farewell,
}

impl<A: Actor> Cell<A> {
    /// Builds an incarnation and begins its `started`.
    pub(super) fn open(&mut self) {
        if self.parts.mailbox.record.restarts() > 0 {
            self.drop_commands();
        }
        let Some(make) = &mut self.parts.make else {
            return;
        };
        match make() {
            Err(failure) => {
                self.failed(failure);
            }
            Ok(actor) => {
                let ctx = self.context();
                self.home.set(Some(Box::new(State { actor, ctx })));
                if !self.parts.watches.is_empty() {
                    let now = self.parts.hub.now();
                    self.watches = self.parts.watches.iter().map(|make| make(now)).collect();
                }
                self.parts.mailbox.record.set_state(NodeState::Starting);
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
        self.parts.mailbox.record.set_state(NodeState::Running);
        match result {
            Err(failure) => {
                self.failed(failure);
            }
            Ok(()) => {
                if let Some(group) = &self.parts.kinship.group {
                    group.started(self.parts.mailbox.id);
                }
                if self.collect_requests() {
                    self.begin_stop(Reason::Finished);
                }
            }
        }
    }

    /// Begins an ordered end of this incarnation.
    pub(super) fn begin_stop(&mut self, why: Reason) {
        self.phase = Phase::Running;
        self.parts.mailbox.record.set_state(NodeState::Stopping);
        // What was attached last is closed as well.
        self.collect_requests();
        self.timers.take();
        let mut farewell = Farewell::default();
        if let Some(mut state) = self.home.take() {
            state.ctx.ending = true;
            if let Some(relatives) = &mut state.ctx.relatives {
                farewell = Farewell::of(relatives.family.take());
            }
            self.home.set(Some(state));
        }
        self.part(farewell, why);
    }

    /// Has the children end before anything else.
    fn part(&mut self, farewell: Farewell, why: Reason) {
        if farewell.is_over() {
            self.begin_closing(why);
            return;
        }
        self.phase = Phase::Parting(Box::new(Parting {
            farewell,
            why,
            deadline: Time::ZERO,
        }));
        self.has_parted();
    }

    /// Whether all children have ended; if so, the inputs are closed.
    pub(super) fn has_parted(&mut self) -> bool {
        let now = self.parts.hub.now();
        let Phase::Parting(parting) = &mut self.phase else {
            return true;
        };
        if let Some(until) = parting.farewell.go_on(now) {
            parting.deadline = until;
            self.parts.mailbox.record.set_ends_by(until);
            return false;
        }
        if let Phase::Parting(parting) = std::mem::replace(&mut self.phase, Phase::Running) {
            self.begin_closing(parting.why);
        }
        true
    }

    /// Begins `stopped`, unless nothing is left that could run it.
    pub(super) fn say_good_bye(&mut self, why: Reason, deadline: Time) {
        self.parts.mailbox.record.set_ends_by(deadline);
        let hook = Held::take(&self.home).map(|held| stop(held, why.clone()));
        match hook {
            Some(hook) => self.phase = Phase::Stopping(Box::new(Stopping { hook, why })),
            None => self.after(why),
        }
    }

    /// `stopped` has ended: the old incarnation goes, wholly, before anything new is built.
    pub(super) fn has_stopped(&mut self, result: Result<(), Failure>) {
        let phase = std::mem::replace(&mut self.phase, Phase::Running);
        let Phase::Stopping(stopping) = phase else {
            return;
        };
        let Stopping { hook, why } = *stopping;
        drop(hook);
        if let Err(failure) = result
            && !failure.is_end()
        {
            self.note_failure(format!("{why}; while it stopped: {failure}"));
        }
        match self.discard(&why).panic {
            None => self.after(why),
            Some(panic) => {
                let why = Reason::Panicked(panic);
                self.note_failure(format!("{why}, while it was dropped"));
                self.after(why);
            }
        }
    }

    /// Drops the incarnation with all that it owns. A panic over one part spares the others.
    pub(super) fn discard(&mut self, why: &dyn fmt::Display) -> Left {
        let mut left = self.discard_but_closers(why);
        let closers = self.closers.take();
        if let Err(panic) = contain(|| drop(closers)) {
            left.panic.get_or_insert(panic);
        }
        left
    }

    fn discard_but_closers(&mut self, why: &dyn fmt::Display) -> Left {
        let busy = contain(|| self.cancel_busy(why));
        let mut farewell = Farewell::default();
        let phase = std::mem::replace(&mut self.phase, Phase::Running);
        let phase = match phase {
            Phase::Parting(parting) => {
                farewell = parting.farewell;
                Ok(())
            }
            phase => contain(|| drop(phase)),
        };
        let tidings = contain(|| self.tidings = None);
        // The state is at home now, with what its last handler asked for.
        let asked = contain(|| self.collect_requests()).map(drop);
        let sources = self.inputs.drain().rev().chain(self.timers.drain());
        let sources: Vec<_> = sources
            .chain(self.watches.drain())
            .map(|source| contain(|| drop(source)))
            .collect();
        let mut state = self.home.take();
        if let Some(mut relatives) = state.as_mut().and_then(|state| state.ctx.relatives.take()) {
            relatives.unwatch_all(self.parts.mailbox.id);
            if relatives.family.is_some() {
                farewell = Farewell::of(relatives.family.take());
            }
        }
        let state = contain(|| drop(state));
        let parts = [busy, phase, tidings, asked].into_iter().chain(sources);
        Left {
            panic: parts.chain([state]).filter_map(Result::err).next(),
            farewell,
        }
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

    /// A handler or hook panicked: its state is nobody's to vouch for, so `stopped` does not run. Closers do: they own
    /// what they close.
    pub(super) fn panicked(&mut self, text: String) {
        let why = Reason::Panicked(text);
        self.note_failure(why.to_string());
        self.parts.mailbox.record.set_state(NodeState::Stopping);
        let left = self.discard_but_closers(&why);
        if let Some(panic) = left.panic {
            tracing::error!(node = %self.parts.mailbox.name, panic, "panicked again while it was dropped");
        }
        self.part(left.farewell, why);
    }

    pub(super) fn note_failure(&self, why: String) {
        let record = &self.parts.mailbox.record;
        tracing::warn!(node = %self.parts.mailbox.name, why, "failed");
        record.add_trouble(|it| &it.failures, 1);
        if let Some(failures) = self.parts.hub.shared.failures.get() {
            failures.note(&self.parts.mailbox.name, &why, self.parts.hub.now());
        }
        record.set_last_failure(why);
    }

    fn context(&mut self) -> Context<A> {
        let mailbox = Arc::clone(&self.parts.mailbox);
        Context {
            hub: Rc::clone(&self.parts.hub),
            outs: Rc::clone(&self.parts.outs),
            address: Address { mailbox },
            requests: Few::default(),
            stop: false,
            random: Random::new(self.random.next()),
            // A timer that a former incarnation remembered somewhere is none of this one's.
            next_id: self.parts.mailbox.record.restarts() << 32,
            relatives: None,
            ending: false,
            closed: Closed::default(),
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
