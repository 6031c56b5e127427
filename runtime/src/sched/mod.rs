//! One thread's scheduler: cells, the order in which ready ones take their turns, and the moments they wait for.

pub(crate) mod here;
mod moments;
mod queue;
mod real;
mod simulated;

pub(crate) use queue::{CellWaker, ReadyQueue};

use crate::cell::{AnyCell, Turn};
use crate::environment::Environment;
use crate::hub::Hub;
use crate::place::Alarm;
use crate::random::Random;
use crate::{Reason, Time};
use moments::Moments;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

/// How many messages an actor may handle in one turn on a real clock before others are looked at.
const REAL_BUDGET: usize = 64;
/// How many turns an actor may take at one moment of virtual time: far beyond what any robot does at once, and
/// reached within seconds by one that would go on for ever.
const MOST_TURNS_AT_A_MOMENT: u32 = 1_000_000;
/// How often open asks are looked at for their deadlines.
const ASK_SWEEP: Duration = Duration::from_millis(25);

/// One cell with what wakes it.
struct Slot {
    cell: Box<dyn AnyCell>,
    waker: Waker,
    shared: Arc<CellWaker>,
    over: bool,
    /// When its own asks must have been answered; looked at every [`ASK_SWEEP`].
    answer_by: Time,
    /// How many turns it took at the moment of its last one; counted in virtual time only.
    turns: u32,
    turns_at: Time,
}

/// The scheduler of one thread.
pub(crate) struct Scheduler {
    slots: Vec<Slot>,
    queue: Arc<ReadyQueue>,
    ready: VecDeque<usize>,
    moments: Moments,
    hub: Rc<Hub>,
    environment: Option<Box<dyn Environment>>,
    /// Picks among ready cells; absent, they take turns in the order in which they were woken.
    pick: Option<Random>,
    sweep_at: Option<Time>,
    /// Ends its sleep on a real clock.
    alarm: Alarm,
    live: usize,
    ended: Option<String>,
    stopping: bool,
}

impl Scheduler {
    pub(crate) fn new(
        cells: Vec<Box<dyn AnyCell>>,
        hub: Rc<Hub>,
        environment: Option<Box<dyn Environment>>,
        pick: Option<Random>,
        queue: Arc<ReadyQueue>,
    ) -> Self {
        let live = cells.len();
        queue.reserve(live);
        let mut scheduler = Self {
            slots: Vec::with_capacity(live),
            queue,
            ready: VecDeque::with_capacity(live),
            moments: Moments::of(live),
            hub,
            environment,
            pick,
            sweep_at: None,
            alarm: Alarm::default(),
            live,
            ended: None,
            stopping: false,
        };
        for (place, mut cell) in cells.into_iter().enumerate() {
            let shared = CellWaker::new(place, Arc::clone(&scheduler.queue));
            let waker = Waker::from(Arc::clone(&shared));
            cell.set_waker(Arc::clone(&shared));
            scheduler.slots.push(Slot {
                cell,
                waker: waker.clone(),
                shared,
                over: false,
                answer_by: Time::NEVER,
                turns: 0,
                turns_at: Time::ZERO,
            });
            waker.wake();
        }
        scheduler
    }

    /// Says what ends its sleep on a real clock; tokio's timer if nothing is said.
    pub(crate) fn set_alarm(&mut self, alarm: Alarm) {
        self.alarm = alarm;
    }

    /// Why the system ended by itself, if it did.
    pub(crate) fn ended(&self) -> Option<&str> {
        self.ended.as_deref()
    }

    /// Begins the end of all nodes: turns go on for it, also if the system has ended by itself before.
    pub(crate) fn begin_shut_down(&mut self) {
        self.stopping = true;
    }

    fn is_halted(&self) -> bool {
        self.ended.is_some() && !self.stopping
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Asks one cell to end in order.
    pub(crate) fn stop(&mut self, place: usize) {
        let slot = &mut self.slots[place];
        slot.cell.stop();
        slot.waker.wake_by_ref();
    }

    /// Whether a cell has ended for good.
    pub(crate) fn is_over(&self, place: usize) -> bool {
        self.slots[place].over
    }

    /// Ends a cell at once that did not end by itself, and says why.
    pub(crate) fn abort(&mut self, place: usize, why: &str) {
        let slot = &mut self.slots[place];
        if !std::mem::replace(&mut slot.over, true) {
            slot.cell.abort(why);
            self.moments.set(place, None);
            self.live -= 1;
        }
    }

    /// Turns begin: what cells of this thread wake needs no lock from here on.
    fn enter(&self) {
        here::enter(self.queue.identity(), self.slots.len());
    }

    /// Turns pause.
    fn leave(&mut self) {
        here::leave(&mut self.ready);
    }

    /// Lets one ready cell take its turn. `false`: none is ready.
    fn take_turn(&mut self, budget: usize) -> bool {
        let Some(place) = self.next_ready() else {
            return false;
        };
        let slot = &mut self.slots[place];
        slot.shared.taken();
        if slot.over {
            return true;
        }
        if self.pick.is_some() && self.stands_still(place) {
            return true;
        }
        let slot = &mut self.slots[place];
        self.hub.tap_turn(u32::try_from(place).unwrap_or(u32::MAX));
        here::begin_turn(slot.cell.id(), self.hub.seen());
        let turn = slot
            .cell
            .poll(&mut Context::from_waker(&slot.waker), budget);
        slot.answer_by = here::end_turn();
        if slot.answer_by != Time::NEVER && self.sweep_at.is_none() {
            self.sweep_at = Some(self.hub.seen() + ASK_SWEEP);
        }
        match turn {
            Turn::More => slot.waker.wake_by_ref(),
            Turn::Idle => {}
            Turn::Ended | Turn::GaveUp => {
                slot.over = true;
                self.live -= 1;
                self.note_end(place, turn);
            }
        }
        let slot = &self.slots[place];
        let deadline = slot.cell.deadline();
        self.moments.set(place, deadline.filter(|_| !slot.over));
        true
    }

    /// The cell whose turn it is: in real time the one woken first, in virtual time any, as the seed has it.
    #[inline]
    fn next_ready(&mut self) -> Option<usize> {
        let Some(random) = &mut self.pick else {
            if self.queue.is_filled() {
                self.queue.drain_into(&mut self.ready);
            }
            return self.ready.pop_front().or_else(here::pop);
        };
        self.queue.drain_into(&mut self.ready);
        let chosen = random.below(self.ready.len());
        self.ready.swap_remove_front(chosen)
    }

    /// Whether a cell's turns keep virtual time from moving; if so, the cell is ended, and with it the system.
    fn stands_still(&mut self, place: usize) -> bool {
        let now = self.hub.now();
        let slot = &mut self.slots[place];
        slot.turns = if slot.turns_at == now {
            slot.turns + 1
        } else {
            1
        };
        slot.turns_at = now;
        if slot.turns <= MOST_TURNS_AT_A_MOMENT {
            return false;
        }
        let name = Arc::clone(&slot.cell.record().name);
        let why = format!(
            "took {MOST_TURNS_AT_A_MOMENT} turns at {now} and was not done, so that time stood still; let it \
             wait for time, with `ctx.every` or `ctx.after`, where it sends to itself or to those who answer it"
        );
        self.abort(place, &why);
        self.ended.get_or_insert(format!("`{name}` {why}"));
        true
    }

    fn note_end(&mut self, place: usize, turn: Turn) {
        let cell = &self.slots[place].cell;
        let name = &cell.record().name;
        let why = cell.ended().map(Reason::to_string).unwrap_or_default();
        if turn == Turn::GaveUp && self.ended.is_none() {
            self.ended = Some(format!("`{name}` {why}; its restart limit is exceeded"));
        } else if self.live == 0 && !self.stopping && self.ended.is_none() {
            self.ended = Some("every actor has ended".to_owned());
        }
    }

    /// Wakes all cells whose moment has come.
    fn wake_due(&mut self, now: Time) {
        while let Some(place) = self.moments.take_due(now) {
            self.slots[place].waker.wake_by_ref();
        }
        self.sweep(now);
    }

    /// Ends overdue asks, every [`ASK_SWEEP`] while there are open ones. An actor's own end when they are polled.
    fn sweep(&mut self, now: Time) {
        let from_outside = self.hub.shared.has_open_asks();
        if self.sweep_at.is_none_or(|at| at > now) {
            if from_outside && self.sweep_at.is_none() {
                self.sweep_at = Some(now + ASK_SWEEP);
            }
            return;
        }
        let mut open = from_outside;
        for slot in self.slots.iter_mut().filter(|slot| !slot.over) {
            if from_outside {
                slot.cell.end_overdue_asks(now);
            }
            if slot.answer_by <= now {
                slot.waker.wake_by_ref();
            }
            open |= slot.answer_by != Time::NEVER;
        }
        self.sweep_at = open.then(|| now + ASK_SWEEP);
    }

    /// The next moment at which something happens by time alone.
    fn next_moment(&mut self) -> Option<Time> {
        if self.sweep_at.is_none() && self.hub.shared.has_open_asks() {
            self.sweep_at = Some(self.hub.now() + ASK_SWEEP);
        }
        let timer = self.moments.first();
        let event = self
            .environment
            .as_mut()
            .and_then(|environment| environment.next_event());
        let event = event.filter(|moment| *moment != Time::NEVER);
        [timer, event, self.sweep_at].into_iter().flatten().min()
    }

    /// Lets the surroundings come to `now`.
    fn advance_environment(&mut self, now: Time) {
        if let Some(environment) = &mut self.environment {
            environment.advance(now);
        }
    }
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Scheduler({} cells, {} live)",
            self.slots.len(),
            self.live
        )
    }
}
