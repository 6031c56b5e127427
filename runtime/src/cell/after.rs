//! After an incarnation: another one, or the end for good, of which all hear who care.

use super::{Cell, Phase, Turn};
use crate::contain::contain;
use crate::kin::{Link, News, Next, Ties};
use crate::mailbox::Order;
use crate::random::Random;
use crate::report::NodeState;
use crate::supervise::{Verdict, Word};
use crate::{Actor, Ended, Reason, Time};
use std::sync::Arc;

impl<A: Actor> Cell<A> {
    /// The incarnation is gone: what now?
    pub(super) fn after(&mut self, why: Reason) {
        self.parts.mailbox.record.set_ends_by(Time::ZERO);
        if self.stopping || !self.parts.kinship.lifetime.goes_on_after(&why) {
            self.end(why);
            return;
        }
        if matches!(why, Reason::StoppedWith(_)) {
            self.wait(None, why);
            return;
        }
        let now = self.parts.hub.now();
        let random = || Random::named(self.parts.hub.seed ^ 1, &self.parts.mailbox.name);
        let verdict = self.parts.supervision.failed(now, random);
        match verdict {
            Verdict::RestartAt(due) => self.wait(Some(due), why),
            Verdict::GiveUp => {
                tracing::error!(node = %self.parts.mailbox.name, %why, "restart limit exceeded");
                self.gave_up = true;
                self.end(why);
            }
        }
    }

    /// Waits to be built anew: until its own pause is over, or until its group says so.
    fn wait(&mut self, due: Option<Time>, why: Reason) {
        self.drop_commands();
        self.leaving = false;
        let record = &self.parts.mailbox.record;
        record.set_state(NodeState::Waiting);
        // Whoever links to it from here on is linked to the next incarnation.
        let ended = record.count_restart();
        self.tell_linked(record.bonds.take_links(), ended, &why);
        self.phase = match (due, &self.parts.kinship.group) {
            (Some(due), None) => Phase::Waiting(due),
            _ => Phase::Gone,
        };
        let (mailbox, kinship) = (&self.parts.mailbox, &self.parts.kinship);
        kinship.tell_parent(mailbox, why, Next::Restart);
        match (&kinship.group, due) {
            (Some(group), Some(due)) => group.failed(mailbox.as_ref(), due),
            (Some(group), None) => group.gone(mailbox.id),
            (None, _) => {}
        }
    }

    /// Reads what its group has to say.
    pub(super) fn heed_group(&mut self) {
        match self.word() {
            Some(Word::Leave(_)) => self.leaving = true,
            Some(Word::Open(due)) if matches!(self.phase, Phase::Gone) => {
                self.phase = Phase::Waiting(due);
            }
            Some(Word::Open(_)) | None => {}
        }
    }

    /// What its group wants of it, if anything.
    pub(super) fn word(&self) -> Option<Word> {
        let group = self.parts.kinship.group.as_ref()?;
        group.word(self.parts.mailbox.id)
    }

    /// Opens, unless its group is about to tell it to leave, once others have: then it waits for that.
    pub(super) fn open_unless_held_back(&mut self) {
        let id = self.parts.mailbox.id;
        let group = self.parts.kinship.group.as_ref();
        if group.is_some_and(|group| group.holds_back(id)) {
            self.phase = Phase::Waiting(Time::NEVER);
        } else {
            self.open();
        }
    }

    /// It has to leave, and was not there yet.
    pub(super) fn leave_unopened(&mut self) {
        self.leaving = false;
        self.phase = Phase::Gone;
        if let Some(group) = &self.parts.kinship.group {
            group.gone(self.parts.mailbox.id);
        }
    }

    /// Is not opened before its group says so. Before the first turn.
    pub(crate) fn wait_for_group(&mut self) {
        self.phase = Phase::Gone;
    }

    /// Forgets the commands that wait: what is built anew obeys only what is commanded after it was built.
    pub(super) fn drop_commands(&self) {
        let dropped = self.parts.mailbox.drop_commands();
        let record = &self.parts.mailbox.record;
        record.add_trouble(|it| &it.dropped_commands, dropped);
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
        self.parts.mailbox.bury(dropped);
        lost
    }

    /// Ends for good: all that is left goes, and then those who care hear of it.
    pub(super) fn end(&mut self, why: Reason) {
        let lost = self.parts.mailbox.close() + self.drop_batch();
        let record = &self.parts.mailbox.record;
        record.add_trouble(|it| &it.undelivered, lost);
        let make = self.parts.make.take();
        if let Err(panic) = contain(|| drop(make)) {
            tracing::error!(node = %self.parts.mailbox.name, panic, "its factory panicked while it was dropped");
        }
        self.phase = Phase::Ended;
        if let Some(place) = self.parts.kinship.listed {
            self.parts.hub.directory.strike(place);
        }
        record.set_state(NodeState::Ended);
        let ties = record.bonds.end(why.clone());
        self.tell_tied(ties, &why);
        if let Some(group) = self.parts.kinship.group.take() {
            group.ended(self.parts.mailbox.id);
        }
        let next = if self.gave_up {
            Next::Escalate
        } else {
            Next::End
        };
        self.parts
            .kinship
            .tell_parent(&self.parts.mailbox, why, next);
    }

    /// Tells all who wait for this actor's end, watch it, or are linked to it, that it has ended for good.
    fn tell_tied(&self, ties: Ties, why: &Reason) {
        for (_, waker) in ties.waiting {
            // Any executor may wait; its panic is none of the others' business.
            if let Err(panic) = contain(|| waker.wake()) {
                tracing::error!(panic, "who waited for an end panicked when woken");
            }
        }
        for watcher in ties.watchers {
            let ended = self.ended_by(why);
            let watch = watcher.watch;
            watcher
                .kin
                .post(Order::Hear(News::Watched { watch, ended }));
        }
        self.tell_linked(ties.links, self.incarnation(), why);
    }

    /// Tells those that are linked to an incarnation that it has failed, or lets go of them.
    fn tell_linked(&self, links: Vec<Link>, incarnation: u64, why: &Reason) {
        for Link {
            peer,
            incarnation: theirs,
        } in links
        {
            if why.is_failure() {
                let ended = self.ended_by(why);
                let incarnation = theirs;
                peer.post(Order::Hear(News::Linked { incarnation, ended }));
            } else {
                peer.record()
                    .bonds
                    .unlink(self.parts.mailbox.id, incarnation);
            }
        }
    }

    fn ended_by(&self, why: &Reason) -> Ended {
        Ended {
            name: Arc::clone(&self.parts.mailbox.name),
            reason: why.clone(),
        }
    }

    /// What a turn comes to in which the phase has changed. One without a parent that has exceeded its limit takes the
    /// system along.
    pub(super) fn outcome(&self) -> Turn {
        match self.phase {
            Phase::Ended if self.gave_up && self.parts.kinship.parent.is_none() => Turn::GaveUp,
            Phase::Ended => Turn::Ended,
            _ => Turn::More,
        }
    }
}
