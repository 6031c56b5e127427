//! Looking for the next message of a running actor: who comes first, and what is handled in a row.

use super::{Busy, Came, Cell, Held, LocalPort, Readiness, Row};
use crate::mailbox::{Batch, Inner, Lane};
use crate::{Actor, Failure};
use std::collections::VecDeque;
use std::task::Context as TaskContext;

/// Who is looked at first, in turn: each of the three sources waits for two messages of the others at most.
const MAILBOX: u8 = 0;
const TIMERS: u8 = 1;
const SOURCES: u8 = 3;

/// How many messages in a row may overtake (silence, news of others, urgent messages, commands) before one that waits is let
/// through: as many as the urgent lane holds, so that a burst passes whole and a flood starves nobody.
const MOST_OVERTAKERS: u8 = 16;

/// What came of looking for the next message.
pub(super) enum Found {
    /// There is none.
    Nothing,
    /// This one is begun with.
    Begun(Busy),
    /// Some of the mailbox's were handled; so many more may be.
    Handled(Came, Left),
    /// An input, a test, or the end of another ends the actor.
    Failed(Failure),
}

/// What a turn may still do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    /// How many messages it may handle.
    pub(super) budget: usize,
    /// The mailbox was just seen to be empty, and a push wakes the cell: no need to look.
    pub(super) asleep: bool,
}

impl<A: Actor> Cell<A> {
    /// Finds the next message: silence, news and the system lane first, then commands, then all else in turn.
    pub(super) fn look(&mut self, cx: &mut TaskContext<'_>, left: Left) -> Found {
        if let Some(injected) = self.injected.take()
            && let Some(failure) = self.suffer(*injected)
        {
            return Found::Failed(failure);
        }
        if self.slowness.is_some()
            && let Some(busy) = self.is_held_up()
        {
            return Found::Begun(busy);
        }
        if self.overtakers < MOST_OVERTAKERS {
            return self.look_in_turn(true, cx, left);
        }
        self.overtakers = 0;
        match self.look_in_turn(false, cx, left) {
            Found::Nothing => self.look_in_turn(true, cx, left),
            found => found,
        }
    }

    fn look_in_turn(&mut self, overtaking: bool, cx: &mut TaskContext<'_>, left: Left) -> Found {
        if overtaking && let Some(busy) = self.look_at_watches(cx) {
            return Found::Begun(busy);
        }
        if overtaking && self.tidings.is_some() {
            match self.look_at_news() {
                Ok(None) => {}
                Ok(Some(busy)) => return Found::Begun(busy),
                Err(failure) => return Found::Failed(failure),
            }
        }
        if overtaking && let Some(busy) = self.look_at_overtakers() {
            return Found::Begun(busy);
        }
        if self.timers.is_empty() && self.inputs.is_empty() {
            return self.look_at_mailbox(overtaking, cx, left);
        }
        let first = self.turn;
        self.turn = (self.turn + 1) % SOURCES;
        for step in 0..SOURCES {
            let found = match (first + step) % SOURCES {
                MAILBOX => self.look_at_mailbox(overtaking, cx, left),
                TIMERS => self.look_at_timers(cx),
                _ => self.look_at_inputs(cx),
            };
            if !matches!(found, Found::Nothing) {
                return found;
            }
        }
        Found::Nothing
    }

    /// Looks at the lanes that overtake.
    fn look_at_overtakers(&mut self) -> Option<Busy> {
        while let Some((inner, number)) = self.parts.mailbox.next_overtaker() {
            meet_ports(&mut self.ports, &inner);
            let held = Held::take(&self.home)?;
            if self.ports[usize::from(number)].begin_urgent(held, inner, &self.parts.hub) {
                self.overtakers += 1;
                return Some(Busy::Port(number));
            }
        }
        None
    }

    /// Looks at the lane that waits, takes what is in it as the next batch, and handles what comes first.
    fn look_at_mailbox(
        &mut self,
        overtaking: bool,
        cx: &mut TaskContext<'_>,
        mut left: Left,
    ) -> Found {
        loop {
            if let Some(number) = self.batch.pop_front() {
                return self.handle_row(number, cx, left);
            }
            if left.asleep {
                self.parts.mailbox.let_in();
                return Found::Nothing;
            }
            match self.take_batch(left.budget == 1) {
                Batch::Taken => {}
                Batch::TakenAsleep => left.asleep = true,
                Batch::Asleep => return Found::Nothing,
                Batch::Overtaken if !overtaking => return Found::Nothing,
                // It came since it was looked at; if it was withdrawn, the mailbox still has to fall asleep.
                Batch::Overtaken => {
                    if let Some(busy) = self.look_at_overtakers() {
                        return Found::Begun(busy);
                    }
                }
            }
        }
    }

    /// Handles the first message of the batch, and those of its port that follow it; one at a time where other
    /// sources have their turn in between.
    fn handle_row(&mut self, number: u16, cx: &mut TaskContext<'_>, left: Left) -> Found {
        let Some(held) = Held::take(&self.home) else {
            return Found::Nothing;
        };
        self.overtakers = 0;
        self.took = true;
        // A panic leaves it so: the message in hand is then given up.
        self.busy = Some(Busy::Port(number));
        let alone = self.timers.is_empty() && self.inputs.is_empty() && self.watches.is_empty();
        let most = if alone { left.budget } else { 1 };
        let mut row = Row {
            batch: &mut self.batch,
            most,
            mailbox: &self.parts.mailbox,
            record: &self.parts.mailbox.record,
            now: self.parts.hub.seen(),
            asleep: left.asleep,
        };
        let came = self.ports[usize::from(number)].handle(held, &mut row, cx);
        let left = Left {
            budget: left.budget - (most - row.most),
            asleep: row.asleep,
        };
        Found::Handled(came, left)
    }

    /// Takes the waiting lane with its values; at the last message of a turn falls asleep right then, if it is the last
    /// that waits.
    fn take_batch(&mut self, last: bool) -> Batch {
        let mailbox = &self.parts.mailbox;
        let (taken, mut inner) = mailbox.take_batch(&mut self.batch, last);
        if matches!(taken, Batch::Taken | Batch::TakenAsleep) {
            meet_ports(&mut self.ports, &inner);
            refill(&mut self.ports, &self.batch, &mut inner);
        }
        drop(inner);
        mailbox.let_in();
        taken
    }

    /// Of the timers that are due the one that was due first, of two at one moment the one made first.
    fn look_at_timers(&mut self, cx: &mut TaskContext<'_>) -> Found {
        let due = self.timers.iter().enumerate();
        let due = due.filter_map(|(place, timer)| Some((timer.deadline()?, timer.id(), place)));
        let Some((_, _, place)) = due.min() else {
            return Found::Nothing;
        };
        let hub = &self.parts.hub;
        if !matches!(self.timers[place].ready(hub, cx), Readiness::Ready) {
            return Found::Nothing;
        }
        let Some(held) = Held::take(&self.home) else {
            return Found::Nothing;
        };
        self.timers[place].begin(held, hub);
        self.overtakers = 0;
        Found::Begun(Busy::Timer(small(place)))
    }

    fn look_at_watches(&mut self, cx: &mut TaskContext<'_>) -> Option<Busy> {
        let hub = &self.parts.hub;
        let found = self
            .watches
            .iter_mut()
            .position(|watch| matches!(watch.ready(hub, cx), Readiness::Ready))?;
        let held = Held::take(&self.home)?;
        self.watches[found].begin(held, hub);
        self.overtakers += 1;
        Some(Busy::Watch(small(found)))
    }

    fn look_at_inputs(&mut self, cx: &mut TaskContext<'_>) -> Found {
        let mut looked = 0;
        while looked < self.inputs.len() {
            let place = (self.next_input as usize + looked) % self.inputs.len();
            match self.inputs[place].ready(&self.parts.hub, cx) {
                Readiness::Waiting => looked += 1,
                Readiness::Ended => self.remove_input(place),
                Readiness::Failed(failure) => return Found::Failed(failure),
                Readiness::Ready => {
                    let Some(held) = Held::take(&self.home) else {
                        return Found::Nothing;
                    };
                    self.inputs[place].begin(held, &self.parts.hub);
                    self.next_input = small(place + 1);
                    self.overtakers = 0;
                    return Found::Begun(Busy::Input(small(place)));
                }
            }
        }
        Found::Nothing
    }
}

/// The place of an input, a timer or a watch, in half the room.
fn small(place: usize) -> u32 {
    u32::try_from(place).expect("memory ends before")
}

/// Ports are made by whoever sends first; here follow their local halves, in the same order.
fn meet_ports<A: Actor>(ports: &mut Vec<Box<dyn LocalPort<A>>>, inner: &Inner<A>) {
    ports.reserve_exact(inner.ports.len() - ports.len());
    for known in ports.len()..inner.ports.len() {
        let number = u16::try_from(known).expect("it has a port");
        let port = &inner.ports[known];
        ports.push((port.build)(number, port.meta.as_ref()));
    }
}

/// Has each port that a token of the batch names take its values out of the mailbox, and no port of another lane.
fn refill<A: Actor>(
    ports: &mut [Box<dyn LocalPort<A>>],
    batch: &VecDeque<u16>,
    inner: &mut Inner<A>,
) {
    if batch.len() < ports.len() {
        for number in batch {
            ports[usize::from(*number)].refill(inner);
        }
    } else {
        for (place, port) in ports.iter_mut().enumerate() {
            if inner.ports[place].lane == Lane::User {
                port.refill(inner);
            }
        }
    }
}
