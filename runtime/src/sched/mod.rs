//! One thread's scheduler: cells, the order in which ready ones take their turns, and the moments they wait for.

mod fate;
pub(crate) mod here;
#[cfg(all(test, sinew_models))]
mod model;
mod moments;
mod queue;
mod real;
mod simulated;
mod span;
mod standstill;
mod thread;

pub(crate) use fate::Fate;
pub(crate) use queue::{CellWaker, ReadyQueue};
pub(crate) use thread::{Running, on_runtime_thread};

use crate::cell::{AnyCell, Turn};
use crate::contain::contain;
use crate::directory::Arrival;
use crate::environment::Environment;
use crate::hub::Hub;
use crate::place::{Alarm, Holder};
use crate::random::Random;
use crate::{Reason, Time};
use moments::Moments;
use standstill::Count;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;
use tracing::Span;

/// How many messages an actor may handle in one turn on a real clock before others are looked at.
const REAL_BUDGET: usize = 64;
/// How often those who wait for others are looked at, for deadlines and deadlocks.
const SWEEP: Duration = Duration::from_millis(25);

/// The place of one cell with what wakes it.
struct Slot {
    /// Absent between the end of one and the beginning of the next that lives in this slot. A wake that was meant
    /// for a former one is a turn without a message.
    cell: Option<Box<dyn AnyCell>>,
    /// Wakes the cell; what a former one left there wakes nobody.
    waker: Waker,
    /// What it logs stands in this.
    span: Option<Box<Span>>,
}

/// The scheduler of one thread.
pub(crate) struct Scheduler {
    slots: Vec<Slot>,
    /// One for each slot; none on a real clock.
    counts: Vec<Count>,
    /// Slots without a cell.
    free: Vec<usize>,
    /// How many cells tokio may have to wake.
    foreign: usize,
    queue: Arc<ReadyQueue>,
    ready: VecDeque<u32>,
    moments: Moments,
    hub: Rc<Hub>,
    environment: Option<Box<dyn Environment>>,
    /// Picks among ready cells; absent, they take turns in the order in which they were woken.
    pick: Option<Random>,
    sweep_at: Option<Time>,
    /// Ends its sleep on a real clock.
    alarm: Alarm,
    /// Whether those who are started from outside come to this scheduler.
    is_door: bool,
    /// Room for those who are just let in.
    arrivals: Vec<Arrival>,
    /// How many messages an actor may handle in one turn of virtual time.
    budget: usize,
    /// Tells the watchdog whose turn it is; absent in virtual time.
    holder: Option<Arc<Holder>>,
}

impl Scheduler {
    pub(crate) fn new(
        cells: Vec<Box<dyn AnyCell>>,
        hub: Rc<Hub>,
        environment: Option<Box<dyn Environment>>,
        pick: Option<Random>,
        queue: Arc<ReadyQueue>,
    ) -> Self {
        let count = cells.len();
        let mut scheduler = Self {
            slots: Vec::with_capacity(count),
            counts: Vec::new(),
            free: Vec::new(),
            foreign: 0,
            queue,
            ready: VecDeque::with_capacity(count),
            moments: Moments::default(),
            hub,
            environment,
            pick,
            sweep_at: None,
            alarm: Alarm::default(),
            is_door: true,
            arrivals: Vec::new(),
            budget: 1,
            holder: None,
        };
        cells.into_iter().for_each(|cell| scheduler.adopt(cell));
        scheduler
    }

    /// Gives a cell a slot, and its first turn when it comes to it.
    fn adopt(&mut self, mut cell: Box<dyn AnyCell>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                cell: None,
                waker: Waker::noop().clone(),
                span: None,
            });
            if self.pick.is_some() {
                self.counts.push(Count::default());
            }
            self.moments.add_cell();
            self.queue.reserve(self.slots.len());
            self.slots.len() - 1
        });
        let number = u32::try_from(place).expect("memory ends before");
        let slot = &mut self.slots[place];
        slot.span = span::of_actor(cell.name(), cell.id());
        slot.waker = cell.settle(CellWaker::new(number, Arc::clone(&self.queue)));
        slot.cell = Some(cell);
        slot.waker.wake_by_ref();
    }

    /// Gives slots to the cells that were made since.
    fn adopt_newborns(&mut self) {
        while let Some(cell) = self.hub.take_newborn() {
            self.adopt(cell);
        }
    }

    /// Lets those in who were started from outside.
    fn let_in(&mut self) {
        if !self.is_door {
            return;
        }
        let mut arrivals = std::mem::take(&mut self.arrivals);
        self.hub.directory.take_arrivals(&mut arrivals);
        for arrival in arrivals.drain(..) {
            let cell = arrival(&self.hub);
            self.adopt(cell);
        }
        self.arrivals = arrivals;
    }

    /// Takes a cell that has ended out of its slot.
    fn bury(&mut self, place: usize) {
        let slot = &mut self.slots[place];
        let Some(cell) = slot.cell.take() else { return };
        slot.span = None;
        slot.waker = Waker::noop().clone();
        if let Some(count) = self.counts.get_mut(place) {
            self.foreign -= usize::from(std::mem::take(&mut count.foreign));
        }
        self.moments.set(place, None);
        self.free.push(place);
        let shared = &self.hub.shared;
        shared.fate.count_out();
        if shared.fate.is_halted() {
            // The schedulers of other threads may sleep.
            shared.nudge();
        }
        if let Err(panic) = contain(|| drop(cell)) {
            tracing::error!(panic, "an actor's cell panicked while it was dropped");
        }
    }

    /// Says what ends its sleep on a real clock; tokio's timer if nothing is said.
    pub(crate) fn set_alarm(&mut self, alarm: Alarm) {
        self.alarm = alarm;
    }

    fn is_halted(&self) -> bool {
        self.hub.shared.fate.is_halted()
    }

    /// Has the watchdog see whose turn it is on this thread.
    pub(crate) fn set_holder(&mut self, holder: Arc<Holder>) {
        self.holder = Some(holder);
    }

    /// Has a turn of virtual time be as long as one on a real clock.
    pub(crate) const fn set_full_turns(&mut self) {
        self.budget = REAL_BUDGET;
    }

    /// Leaves those who are started from outside to another scheduler.
    pub(crate) fn close_door(&mut self) {
        self.is_door = false;
    }

    /// Ends a cell at once that did not end by itself, and says why.
    fn abort(&mut self, place: usize, why: &str) {
        let slot = &mut self.slots[place];
        if let Some(cell) = &mut slot.cell {
            let in_span = span::enter(slot.span.as_deref());
            cell.abort(why);
            drop(in_span);
            self.bury(place);
        }
    }

    /// Ends all cells at once, the last started first, and says why.
    pub(crate) fn abort_all(&mut self, why: &str) {
        self.let_in();
        self.adopt_newborns();
        let cells = self.slots.iter().enumerate();
        let living = cells.filter_map(|(place, slot)| Some((slot.cell.as_ref()?.id(), place)));
        let mut living: Vec<_> = living.collect();
        living.sort_unstable();
        let places = living.into_iter().rev();
        places.for_each(|(_, place)| self.abort(place, why));
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
        if self.is_door && self.hub.directory.is_awaited() {
            self.let_in();
        }
        let Some(place) = self.next_ready() else {
            return false;
        };
        if let Some(cell) = &self.slots[place].cell {
            cell.taken();
            if self.pick.is_none() || !self.stands_still(place) {
                self.poll(place, budget);
                self.adopt_newborns();
            }
        }
        true
    }

    /// The turn of one cell.
    fn poll(&mut self, place: usize, budget: usize) {
        let slot = &mut self.slots[place];
        let Some(cell) = &mut slot.cell else { return };
        // Numbers begin at one, places at zero.
        let id = cell.id();
        self.hub.tap_turn(id - 1);
        here::begin_turn(id);
        if let Some(holder) = &self.holder {
            holder.begins(id);
        }
        let in_span = span::enter(slot.span.as_deref());
        let turn = cell.poll(&mut Context::from_waker(&slot.waker), budget);
        drop(in_span);
        here::end_turn();
        match turn {
            Turn::More => slot.waker.wake_by_ref(),
            Turn::Idle => {}
            Turn::Ended | Turn::GaveUp => {
                if turn == Turn::GaveUp {
                    self.note_giving_up(place);
                }
                self.bury(place);
                return;
            }
        }
        self.moments.set(place, cell.deadline());
        if let Some(count) = self.counts.get_mut(place) {
            let foreign = cell.is_foreign();
            let before = std::mem::replace(&mut count.foreign, foreign);
            self.foreign = self.foreign + usize::from(foreign) - usize::from(before);
        }
    }

    /// The cell whose turn it is: in real time the one woken first, in virtual time any, as the seed has it.
    #[inline]
    fn next_ready(&mut self) -> Option<usize> {
        let Some(random) = &mut self.pick else {
            if self.queue.is_filled() {
                self.queue.drain_into(&mut self.ready);
            }
            let first = self.ready.pop_front().or_else(here::pop);
            return first.map(|place| place as usize);
        };
        self.queue.drain_into(&mut self.ready);
        let chosen = random.below(self.ready.len());
        let chosen = self.ready.swap_remove_front(chosen);
        chosen.map(|place| place as usize)
    }

    /// The system ends with this cell, whose restart limit is exceeded and which is about to go.
    fn note_giving_up(&self, place: usize) {
        let Some(cell) = &self.slots[place].cell else {
            return;
        };
        let (name, why) = (cell.name(), cell.ended().as_ref().map(Reason::to_string));
        let why = why.unwrap_or_default();
        let fate = &self.hub.shared.fate;
        fate.end(&format!("`{name}` {why}; its restart limit is exceeded"));
    }

    /// Wakes all cells whose moment has come, and those for whom something comes late.
    fn wake_due(&mut self, now: Time) {
        self.hub.deliver_late(now);
        while let Some(place) = self.moments.take_due(now) {
            self.slots[place].waker.wake_by_ref();
        }
        self.sweep(now);
    }

    /// Looks at those who wait for others, every [`SWEEP`] while there are any.
    fn sweep(&mut self, now: Time) {
        match self.sweep_at {
            Some(at) if at > now => {}
            Some(_) => {
                let goes_on = self.hub.shared.waits.sweep(now);
                self.sweep_at = goes_on.then(|| now + SWEEP);
            }
            None => self.sweep_at = self.hub.shared.waits.any().then(|| now + SWEEP),
        }
    }

    /// The next moment at which something happens by time alone.
    fn next_moment(&mut self) -> Option<Time> {
        if self.sweep_at.is_none() && self.hub.shared.waits.any() {
            self.sweep_at = Some(self.hub.now() + SWEEP);
        }
        let timer = self.moments.first();
        let event = self
            .environment
            .as_mut()
            .and_then(|environment| environment.next_event());
        let event = event.filter(|moment| *moment != Time::NEVER);
        let late = self.hub.next_late();
        let moments = [timer, event, self.sweep_at, late];
        moments.into_iter().flatten().min()
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
            "Scheduler({} cells in {} slots)",
            self.hub.shared.fate.live(),
            self.slots.len()
        )
    }
}
