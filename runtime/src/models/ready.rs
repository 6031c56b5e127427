//! The ready queue: its flags, and the sleep of its scheduler.

use super::{Log, Reader, Stage, join_all, model};
use crate::cell::{AnyCell, Turn};
use crate::mailbox::{Mailbox, Shared};
use crate::sched::CellWaker;
use crate::sync::AtomicU64;
use crate::{Reason, Time};
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};

/// What wakers leave before they wake, each at its place, in no order that memory would have to keep.
type Marks = Arc<[AtomicU64; 2]>;

/// By what a cell is woken.
type Door = Arc<Mailbox<Reader>>;

/// A cell that looks at the marks each time that it is polled, and may wake another one.
struct Looker {
    door: Door,
    marks: Marks,
    seen: Log<u64>,
    /// Whom it wakes in its first turn, after it has set the first mark.
    wakes: Option<Door>,
}

impl AnyCell for Looker {
    fn poll(&mut self, _: &mut Context<'_>, _: usize) -> Turn {
        if let Some(door) = self.wakes.take() {
            self.marks[0].store(1, Ordering::Relaxed);
            door.wake();
        } else {
            let marks = self.marks.iter().map(|mark| mark.load(Ordering::Relaxed));
            self.seen.add(marks.sum());
        }
        Turn::Idle
    }

    fn deadline(&self) -> Option<Time> {
        None
    }

    fn is_foreign(&self) -> bool {
        false
    }

    fn settle(&mut self, waker: CellWaker) -> Waker {
        self.door.settle(waker);
        Waker::from(Arc::clone(&self.door))
    }

    fn taken(&self) {
        self.door.taken();
    }

    fn abort(&mut self, _: &str) {}

    fn id(&self) -> u64 {
        self.door.id
    }

    fn ended(&self) -> Option<Reason> {
        None
    }

    fn name(&self) -> &str {
        "looker"
    }
}

/// A stage with one cell that looks, and with one before it that wakes it if that is wanted.
fn stage(is_woken_here: bool) -> (Stage, Marks, Log<u64>, Door) {
    let shared: Arc<Shared> = Arc::default();
    let door = || Arc::new(Mailbox::new("looker", Arc::clone(&shared)));
    let (marks, seen, asleep) = (Marks::default(), Log::new(), door());
    let looker = |door: &Door, wakes: Option<Door>| -> Box<dyn AnyCell> {
        Box::new(Looker {
            marks: Arc::clone(&marks),
            seen: seen.clone(),
            door: Arc::clone(door),
            wakes,
        })
    };
    let mut cells = vec![looker(&asleep, None)];
    if is_woken_here {
        cells.push(looker(&door(), Some(Arc::clone(&asleep))));
    }
    (
        Stage::new(Arc::clone(&shared), |_| cells),
        marks,
        seen,
        asleep,
    )
}

/// Sets a mark and wakes, from a thread of its own.
fn wake_from_elsewhere(marks: &Marks, mark: usize, door: &Door) -> thread::JoinHandle<()> {
    let (marks, door) = (Arc::clone(marks), Arc::clone(door));
    thread::spawn(move || {
        marks[mark].store(1, Ordering::Relaxed);
        door.wake();
    })
}

/// Fails if `Scheduler::take_turn` calls `taken` after the poll; if `taken` swaps `queued` relaxed, or `wake` does;
/// if `drain_into` clears `filled` after it gave the lock back; if `is_empty_or_wait` looks at `filled` without the lock.
#[test]
fn a_cell_that_is_woken_from_elsewhere_sees_what_was_done_before() {
    model(|| {
        let (mut stage, marks, seen, door) = stage(false);
        let wakers = [0, 1].map(|mark| wake_from_elsewhere(&marks, mark, &door));
        stage.run_until(|| seen.all().last() == Some(&2));
        join_all(wakers);
    });
}

/// Fails if `wake` uses one flag for both sides; if `taken` clears only one of them.
#[test]
fn a_cell_that_is_woken_here_and_from_elsewhere_at_once_sees_both() {
    model(|| {
        let (mut stage, marks, seen, door) = stage(true);
        let waker = wake_from_elsewhere(&marks, 1, &door);
        stage.run_until(|| seen.all().last() == Some(&2));
        waker.join().unwrap();
    });
}

/// Fails if `nudge` wakes nobody; if `is_empty_or_wait` forgets the nudge that came before.
#[test]
fn a_nudge_ends_a_sleep_or_prevents_it() {
    model(|| {
        let (mut stage, marks, ..) = stage(false);
        let (mark, queue) = (Arc::clone(&marks), Arc::clone(&stage.queue));
        let nudger = thread::spawn(move || {
            mark[0].store(1, Ordering::Relaxed);
            queue.nudge();
        });
        stage.run_until(|| marks[0].load(Ordering::Relaxed) == 1);
        nudger.join().unwrap();
    });
}
