//! The model: what may happen to an actor, and what has to, as the guarantees say it.

use super::event::{Begin, Came, Event, Number, Piece};
use super::life::{Cause, Escalates, Life, Next};
use super::plan::{How, Plan, Verb};
use super::run::Outcome;
use sinew_runtime::Strategy;
use std::collections::BTreeMap;
use std::time::Duration;

/// All lives.
pub(super) struct Judge<'a> {
    pub(super) plan: &'a Plan,
    pub(super) lives: Vec<Life>,
    /// What messages ask for.
    pub(super) tasks: BTreeMap<u64, (Verb, Option<Number>)>,
    pub(super) now: Duration,
    pub(super) over: bool,
    /// A node has exceeded its limit.
    pub(super) gave_up: bool,
}

pub(super) type Verdict = Result<(), String>;

/// What is wrong about what happened, if anything is.
pub(super) fn judge(plan: &Plan, outcome: &Outcome) -> Verdict {
    let mut judge = Judge {
        plan,
        lives: Vec::new(),
        tasks: BTreeMap::new(),
        now: Duration::ZERO,
        over: false,
        gave_up: false,
    };
    for (place, (now, event)) in outcome.events.iter().enumerate() {
        judge.now = *now;
        if *event == Event::Over {
            judge.is_at_rest(outcome.ended_by_itself)?;
        }
        judge
            .hear(event)
            .map_err(|why| format!("event {place}, {event:?} at {now:?}: {why}"))?;
    }
    for (number, life) in judge.lives.iter().enumerate() {
        must(life.freed, || format!("{number} lives after the end"))?;
    }
    Ok(())
}

pub(super) fn must(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

impl Judge<'_> {
    fn hear(&mut self, event: &Event) -> Verdict {
        match event {
            Event::Spawned {
                number,
                role,
                parent,
            } => self.spawned(*number, *role, *parent),
            Event::Refused { role, parent } => {
                let lives = &self.lives[*parent].children;
                let taken = lives.iter().any(|child| self.lives[*child].role == *role);
                must(taken, || "nobody has the name".to_owned())
            }
            Event::Made(number) => {
                self.built(*number)?;
                let life = &mut self.lives[*number];
                life.pieces.push(Piece::State);
                Ok(())
            }
            Event::NotMade(number, how) => {
                self.built(*number)?;
                let life = &mut self.lives[*number];
                life.own_end = Some(match how {
                    How::Panic => Cause::Panicked,
                    How::Fail | How::End | How::Hang => Cause::Failed,
                });
                life.reason = match how {
                    How::Panic => "panicked: told to".to_owned(),
                    How::Fail | How::End | How::Hang => "failed: not made".to_owned(),
                };
                self.decide(*number, false)
            }
            Event::Begun(number, begin) => self.begun(*number, begin),
            Event::Ended(number, came) => self.ended(*number, *came),
            Event::Gone(number, piece) => self.gone(*number, *piece),
            Event::Freed(number) => self.freed(*number),
            Event::Told {
                number,
                message,
                verb,
                whom,
                taken,
            } => {
                self.tasks.insert(*message, (*verb, *whom));
                let life = &mut self.lives[*number];
                must(*taken != life.freed, || {
                    "only who has ended refuses".to_owned()
                })?;
                if *taken {
                    life.waiting.push_back(*message);
                }
                Ok(())
            }
            Event::Asked(number) => {
                self.lives[*number].asked = true;
                Ok(())
            }
            Event::Commanded(command) => {
                self.commanded(*command);
                Ok(())
            }
            Event::Over => {
                // Who is asked when is the system's affair.
                self.over = true;
                Ok(())
            }
        }
    }

    /// All nodes were sent a command.
    fn commanded(&mut self, command: u64) {
        for life in &mut self.lives {
            let role = &self.plan.roles[life.role];
            // While none is there, commands are dropped; the first one obeys what came before it.
            let there = life.next.is_none();
            if role.parent.is_none() && !life.freed && there {
                life.command = Some(command);
            }
        }
    }

    fn spawned(&mut self, number: Number, role: usize, parent: Option<Number>) -> Verdict {
        must(number >= self.lives.len(), || "out of order".to_owned())?;
        // Whose start was refused has a number as well.
        self.lives.resize_with(number, || Life {
            freed: true,
            ..Life::default()
        });
        if let Some(parent) = parent {
            let parent = &self.lives[parent].children;
            let taken = parent.iter().any(|child| self.lives[*child].role == role);
            must(!taken, || "a sibling has its name".to_owned())?;
        }
        if let Some(parent) = parent {
            self.lives[parent].children.push(number);
        }
        self.lives.push(Life {
            role,
            parent,
            ..Life::default()
        });
        Ok(())
    }

    /// Its factory was called.
    fn built(&mut self, number: Number) -> Verdict {
        let life = &self.lives[number];
        must(!life.freed, || "it has ended for good".to_owned())?;
        must(
            life.built == 0 || matches!(life.next, Some(Next::Another | Next::Either)),
            || format!("after {} incarnations: {:?}", life.built, life.next),
        )?;
        must(life.pieces.is_empty(), || {
            format!("{:?} of the last incarnation is left", life.pieces)
        })?;
        must(life.children.is_empty(), || {
            format!("children {:?} of the last incarnation live", life.children)
        })?;
        if let Some((earliest, latest)) = life.due {
            // A group waits for all of its members.
            let alone = self.strategy(number) == Strategy::OneForOne && life.parent.is_some();
            let late = alone && latest.is_some_and(|latest| self.now > latest);
            must(self.now >= earliest && !late, || {
                format!("it is due from {earliest:?} to {latest:?}")
            })?;
        }
        for (other, incarnation) in &life.first_gone {
            let other = &self.lives[*other];
            let gone = other.built > *incarnation
                || (other.pieces.is_empty() && (other.next.is_some() || other.built == 0));
            must(gone || other.freed, || {
                format!("before `{}` is gone", self.name(other))
            })?;
        }
        self.opens_in_order(number)?;
        let life = &mut self.lives[number];
        life.built += 1;
        life.runs = false;
        life.said_good_bye = false;
        life.next = None;
        life.escalates = Escalates::No;
        life.doomed = Escalates::No;
        life.own_end = None;
        life.open = None;
        life.due = None;
        life.first_gone.clear();
        life.built_at = self.now;
        if life.built > 1 {
            life.command = None;
        }
        Ok(())
    }

    fn begun(&mut self, number: Number, begin: &Begin) -> Verdict {
        let ending = !self.lives[number].children.is_empty();
        let life = &mut self.lives[number];
        must(life.pieces.contains(&Piece::State), || {
            "there is no incarnation".to_owned()
        })?;
        must(!life.said_good_bye, || {
            "after its last word was begun with".to_owned()
        })?;
        // A last word may follow what a stop has cut off; nothing else may.
        let is_last_word = matches!(begin, Begin::Stop(_));
        must(is_last_word || life.open.is_none(), || {
            format!("it is busy with {:?}", life.open)
        })?;
        must(is_last_word || life.doomed != Escalates::Yes, || {
            "a child has exceeded its limit: it has failed".to_owned()
        })?;
        must(is_last_word || life.own_end.is_none(), || {
            format!("it has ended: {:?}", life.own_end)
        })?;
        match begin {
            Begin::Start(restarts) => {
                must(!life.runs && *restarts + 1 == life.built, || {
                    format!("it was built {} times", life.built)
                })?;
                if self.plan.roles[life.role].has_input {
                    life.pieces.push(Piece::Input);
                }
            }
            Begin::Stop(why) => {
                must(!ending, || "its children live".to_owned())?;
                life.said_good_bye = true;
                life.open = None;
                self.may_stop(number, why)?;
            }
            Begin::Handle(message) => {
                must(life.runs, || "it has not started".to_owned())?;
                must(life.waiting.pop_front() == Some(*message), || {
                    format!("then {:?} wait", life.waiting)
                })?;
            }
            Begin::Obey(command) => {
                must(life.runs, || "it has not started".to_owned())?;
                must(life.command.take() == Some(*command), || {
                    "not the newest since it was built".to_owned()
                })?;
                must(*command > life.obeyed, || "obeyed before".to_owned())?;
                life.obeyed = *command;
            }
            Begin::Child(..) | Begin::Hear(..) => {
                must(life.runs, || "it has not started".to_owned())?;
                let place = life.news.iter().position(|news| news.begin == *begin);
                let place = place.ok_or_else(|| format!("it expects {:?}", life.news))?;
                let escalates = life.news.remove(place).escalates;
                // Of several that look the same, any may be the one.
                let mut same = life.news.iter().filter(|news| news.begin == *begin);
                let differs = same.any(|news| news.escalates != escalates);
                life.escalates = if differs { Escalates::Maybe } else { escalates };
            }
        }
        self.lives[number].open = Some(begin.clone());
        Ok(())
    }

    /// Whether a last word may have this reason.
    fn may_stop(&mut self, number: Number, why: &str) -> Verdict {
        let life = &self.lives[number];
        let own = life.own_end;
        let holds = match why {
            "stopped" => (life.asked || self.may_be_asked(number)) && own.is_none(),
            "finished" => own == Some(Cause::Finished),
            why if why.starts_with("failed: ") => {
                own == Some(Cause::Failed) || life.doomed != Escalates::No
            }
            why => {
                let with = |other: &Number| {
                    why == format!("stopped with `{}`, which failed", self.name_of(*other))
                };
                own.is_none() && self.may_leave_with(number).any(|other| with(&other))
            }
        };
        must(holds, || {
            format!(
                "it is asked: {}, its own end is {own:?}, it may leave with {:?}",
                life.asked,
                self.may_leave_with(number).collect::<Vec<_>>()
            )
        })?;
        let life = &mut self.lives[number];
        why.clone_into(&mut life.reason);
        if why.starts_with("failed: ") {
            life.own_end = Some(Cause::Failed);
        }
        Ok(())
    }

    fn ended(&mut self, number: Number, came: Came) -> Verdict {
        let life = &mut self.lives[number];
        let open = life.open.take();
        let open = open.ok_or_else(|| "nothing runs".to_owned())?;
        if let Begin::Stop(_) = open {
            if came == Came::Panics {
                life.own_end = Some(Cause::Panicked);
                "panicked: told to".clone_into(&mut life.reason);
            }
            return Ok(());
        }
        if matches!(open, Begin::Start(_)) && came == Came::Well {
            life.runs = true;
            life.regroups = false;
        }
        life.own_end = match came {
            Came::Well => None,
            Came::Finishes => Some(Cause::Finished),
            Came::Fails => Some(Cause::Failed),
            Came::Panics => Some(Cause::Panicked),
        };
        if came == Came::Panics {
            life.reason = "panicked: told to".to_owned();
        }
        if life.doomed == Escalates::No {
            life.doomed = std::mem::take(&mut life.escalates);
        }
        if let Begin::Handle(message) = open {
            self.carried_out(number, message);
        }
        Ok(())
    }

    /// What a message asked for is done.
    fn carried_out(&mut self, number: Number, message: u64) {
        match self.tasks.get(&message) {
            Some((Verb::Watch(_), Some(whom))) => {
                let whom = *whom;
                if self.lives[whom].freed {
                    self.let_hear(number, whom);
                } else {
                    self.lives[whom].watchers.insert(number);
                }
            }
            Some((Verb::Unwatch(_), Some(whom))) => {
                let whom = *whom;
                self.lives[whom].watchers.remove(&number);
                let name = self.name_of(whom).to_owned();
                let is_of_it = |it: &Begin| matches!(it, Begin::Hear(of, _) if *of == name);
                self.lives[number]
                    .news
                    .retain(|news| !is_of_it(&news.begin));
            }
            _ => {}
        }
    }

    fn gone(&mut self, number: Number, piece: Piece) -> Verdict {
        let life = &mut self.lives[number];
        if piece == Piece::State {
            let must_say = matches!(life.own_end, Some(Cause::Failed | Cause::Finished));
            must(life.said_good_bye || !must_say, || {
                "without its last word".to_owned()
            })?;
            life.open = None;
        }
        let life = &mut self.lives[number];
        let there = life.pieces.iter().position(|it| *it == piece);
        let there = there.ok_or_else(|| "it was not there".to_owned())?;
        life.pieces.remove(there);
        self.decide_if_gone(number, false)
    }

    /// It has ended for good.
    fn freed(&mut self, number: Number) -> Verdict {
        if number >= self.lives.len() {
            // Its start is refused.
            return Ok(());
        }
        let may_be_asked = self.may_be_asked(number);
        let life = &mut self.lives[number];
        must(!life.freed, || "twice".to_owned())?;
        must(life.pieces.is_empty() && life.children.is_empty(), || {
            format!(
                "{:?} and children {:?} are left",
                life.pieces, life.children
            )
        })?;
        let by_itself = matches!(life.next, Some(Next::End | Next::Either));
        must(by_itself || may_be_asked, || {
            format!("nobody asked it to, and then: {:?}", life.next)
        })?;
        if life.next != Some(Next::End) && life.next != Some(Next::Either) {
            // It was not there.
            "stopped".clone_into(&mut life.reason);
        }
        life.freed = true;
        life.waiting.clear();
        life.news.clear();
        life.regroups = false;
        let (watchers, parent) = (std::mem::take(&mut life.watchers), life.parent);
        let certain = life.next == Some(Next::End);
        watchers
            .into_iter()
            .for_each(|watcher| self.let_hear(watcher, number));
        if let Some(parent) = parent {
            self.ends_in_order(number)?;
            self.lives[parent].children.retain(|child| *child != number);
            // One that was stopped while it waited to be built: its parent hears of that as well.
            if !certain {
                let name = self.name_of(number).to_owned();
                let begin = Begin::Child(name, "stopped".to_owned(), false);
                self.lives[parent].expect(begin, false, Escalates::No);
            }
            // The parent notices in its next turn.
            self.decide_if_gone(parent, true)?;
        }
        Ok(())
    }

    pub(super) fn name(&self, life: &Life) -> &str {
        &self.plan.roles[life.role].name
    }

    pub(super) fn name_of(&self, number: Number) -> &str {
        self.name(&self.lives[number])
    }
}
