//! What actors have to do with each other: who takes whom along, who hears of whom, what follows an end.

use super::event::{Begin, Number};
use super::judge::{Judge, Verdict, must};
use super::life::{Cause, Escalates, Next};
use sinew_runtime::{Lifetime, Strategy};

impl Judge<'_> {
    /// Decides what follows, once nothing of an incarnation is left.
    pub(super) fn decide_if_gone(&mut self, number: Number, late: bool) -> Verdict {
        let life = &self.lives[number];
        let is_over = life.built > 0 && life.next.is_none();
        if is_over && life.pieces.is_empty() && life.children.is_empty() {
            return self.decide(number, late);
        }
        Ok(())
    }

    pub(super) fn decide(&mut self, number: Number, late: bool) -> Verdict {
        let may_be_asked = self.may_be_asked(number);
        let now = self.now;
        let life = &mut self.lives[number];
        let role = &self.plan.roles[life.role];
        let failed = matches!(life.own_end, Some(Cause::Failed | Cause::Panicked));
        let left = life.own_end.is_none() && life.reason.starts_with("stopped with");
        let goes_on = match role.lifetime {
            Lifetime::Permanent => failed || left || life.own_end == Some(Cause::Finished),
            Lifetime::Transient => failed || left,
            Lifetime::Temporary => false,
        };
        let mut gives_up = false;
        let mut next = match (goes_on, life.asked, may_be_asked) {
            (false, ..) | (true, true, _) => Next::End,
            (true, false, true) => Next::Either,
            (true, false, false) => Next::Another,
        };
        if next != Next::End && !left {
            let pause = life.note_failure(now, &role.restart);
            gives_up = pause.is_none();
            if gives_up {
                next = Next::End;
            }
            life.due = pause;
        }
        life.next = Some(next);
        life.command = None;
        life.news.clear();
        let (begin, parent) = (
            Begin::Child(role.name.clone(), life.reason.clone(), next != Next::End),
            life.parent,
        );
        for other in &mut self.lives {
            other.watchers.remove(&number);
        }
        if next != Next::End && !left {
            self.take_group_along(number, late);
        }
        if let Some(parent) = parent {
            let escalates = match (gives_up, may_be_asked) {
                (false, _) => Escalates::No,
                (true, true) => Escalates::Maybe,
                (true, false) => Escalates::Yes,
            };
            self.tell_parent(parent, begin, next, escalates);
        } else if gives_up {
            self.gave_up = true;
        }
        Ok(())
    }

    pub(super) fn tell_parent(
        &mut self,
        parent: Number,
        begin: Begin,
        next: Next,
        escalates: Escalates,
    ) {
        let is_ending = self.may_end(parent);
        let life = &mut self.lives[parent];
        life.expect(begin.clone(), next != Next::Either && !is_ending, escalates);
        if let (Next::Either, Begin::Child(name, why, _)) = (next, begin) {
            life.expect(Begin::Child(name, why, false), false, Escalates::No);
        }
    }

    /// Those that have to leave because this one failed, and what has to be gone before any of them opens.
    pub(super) fn take_group_along(&mut self, failed: Number, late: bool) {
        let strategy = self.strategy(failed);
        let affected = self.siblings(failed);
        let affected = affected.filter(|other| takes_along(strategy, failed, *other));
        let affected: Vec<Number> = affected.collect();
        let is_there = |other: &Number| self.lives[*other].next.is_none();
        let leave: Vec<Number> = affected.into_iter().filter(is_there).collect();
        let gone: Vec<(Number, u64)> = leave
            .iter()
            .map(|other| (*other, self.lives[*other].built))
            .collect();
        for other in leave.iter().chain([&failed]) {
            let life = &mut self.lives[*other];
            if !late {
                life.first_gone.extend(&gone);
                life.regroups = strategy != Strategy::OneForOne;
            }
        }
    }

    /// Whose failure since it was built may take it along.
    pub(super) fn may_leave_with(&self, number: Number) -> impl Iterator<Item = Number> {
        let life = &self.lives[number];
        let (since, parent) = (life.built_at, life.parent);
        let strategy = self.strategy(number);
        let all = self.lives.iter().enumerate();
        let others = all.filter(move |(other, it)| {
            let failed = it.last_failure.is_some_and(|at| at >= since);
            it.parent == parent && failed && takes_along(strategy, *other, number)
        });
        others.map(|(other, _)| other)
    }

    /// Whether those of its group that were started before it, and are built anew, have started.
    pub(super) fn opens_in_order(&self, number: Number) -> Verdict {
        if !self.lives[number].regroups {
            return Ok(());
        }
        for other in self.siblings(number).filter(|other| *other < number) {
            let other = &self.lives[other];
            must(!other.regroups, || {
                format!("`{}` has not started yet", self.name(other))
            })?;
        }
        Ok(())
    }

    /// Whether one that its parent has asked to stop is the last started of those that live.
    pub(super) fn ends_in_order(&self, number: Number) -> Verdict {
        let life = &self.lives[number];
        if life.asked || life.reason != "stopped" {
            return Ok(());
        }
        let later = self.siblings(number).find(|other| *other > number);
        must(later.is_none(), || {
            format!("before {later:?}, which was started later")
        })
    }

    pub(super) fn strategy(&self, number: Number) -> Strategy {
        match self.lives[number].parent {
            Some(parent) => self.plan.roles[self.lives[parent].role].children,
            None => self.plan.nodes,
        }
    }

    /// The others of its family that have not ended, in the order of their start.
    pub(super) fn siblings(&self, number: Number) -> impl Iterator<Item = Number> {
        let parent = self.lives[number].parent;
        let all = self.lives.iter().enumerate();
        let others = all
            .filter(move |(other, life)| life.parent == parent && *other != number && !life.freed);
        others.map(|(other, _)| other)
    }

    /// Whether it may have been asked to stop by now.
    pub(super) fn may_be_asked(&self, number: Number) -> bool {
        let life = &self.lives[number];
        let parent = life.parent;
        life.asked || self.over || self.gave_up || parent.is_some_and(|it| self.may_end(it))
    }

    /// Whether its incarnation may be ending by now.
    pub(super) fn may_end(&self, number: Number) -> bool {
        let life = &self.lives[number];
        let ends = life.own_end.is_some() || life.said_good_bye || life.next.is_some();
        let taken_along =
            life.doomed != Escalates::No || self.may_leave_with(number).next().is_some();
        ends || taken_along || life.pieces.is_empty() || self.may_be_asked(number)
    }

    /// What must not be left undone once everybody had time enough.
    pub(super) fn is_at_rest(&self, ended_by_itself: bool) -> Verdict {
        must(ended_by_itself == self.gave_up, || {
            format!("a node exceeded its limit: {}", self.gave_up)
        })?;
        for (number, life) in self.lives.iter().enumerate().filter(|_| !ended_by_itself) {
            let name = self.name(life);
            let ends = life.asked || life.next == Some(Next::End);
            must(life.freed || !ends, || format!("`{name}` has not ended"))?;
            let idle = life.runs && life.open.is_none() && !self.may_end(number);
            if idle {
                must(life.waiting.is_empty(), || {
                    format!("`{name}` left {:?} undone", life.waiting)
                })?;
                let unheard = life.news.iter().find(|news| news.certain);
                must(unheard.is_none(), || {
                    format!("`{name}` was not told: {unheard:?}")
                })?;
            }
            let latest = life.due.and_then(|due| due.1).filter(|_| !life.freed);
            let alone = self.strategy(number) == Strategy::OneForOne && life.parent.is_some();
            must(
                !alone || latest.is_none_or(|latest| latest >= self.now),
                || format!("`{name}` was not built anew"),
            )?;
        }
        Ok(())
    }

    /// One hears of the end of another for good.
    pub(super) fn let_hear(&mut self, watcher: Number, of: Number) {
        let life = &self.lives[of];
        let begin = |why: &str| Begin::Hear(self.name(life).to_owned(), why.to_owned());
        // It may have ended at once, or been stopped while it waited to be built.
        let certain = life.next != Some(Next::Either);
        let (begin, or_else) = (begin(&life.reason), begin("stopped"));
        let watcher = &mut self.lives[watcher];
        watcher.expect(begin, certain, Escalates::No);
        if !certain {
            watcher.expect(or_else, false, Escalates::No);
        }
    }
}

/// Whether one that failed takes another of its group along.
fn takes_along(strategy: Strategy, failed: Number, other: Number) -> bool {
    match strategy {
        Strategy::OneForOne => false,
        Strategy::RestForOne => other > failed,
        Strategy::OneForAll => other != failed,
    }
}
