//! Whether anything may move: the arm state, the e-stop flag and their epoch.

use crate::motion::MotionOutput;
use crate::sync::{read, write};
use crate::{Cause, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

const ARMED: u64 = 1;
const ESTOPPED: u64 = 2;
const EPOCH: u64 = 4;

/// Arm state, e-stop flag and epoch in one word, so that a write sees all three of one moment.
///
/// Sequentially consistent throughout: a stop that was said is seen by every write that begins after it.
#[derive(Debug, Default)]
pub(crate) struct Gate(AtomicU64);

/// What a [`Gate`] showed at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen(u64);

impl Gate {
    pub(crate) fn look(&self) -> Seen {
        Seen(self.0.load(Ordering::SeqCst))
    }

    /// Changes the flags and begins a new epoch; changes nothing where `change` gives nothing.
    fn change(&self, change: impl Fn(Seen) -> Option<u64>) {
        let next = |word: u64| {
            let flags = change(Seen(word))?;
            Some((word & !(ARMED | ESTOPPED) | flags).wrapping_add(EPOCH))
        };
        // An `Err` is the word that was left as it was.
        let _ = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
    }
}

impl Seen {
    pub(crate) fn is_armed(self) -> bool {
        self.0 & (ARMED | ESTOPPED) == ARMED
    }

    pub(crate) fn is_estopped(self) -> bool {
        self.0 & ESTOPPED != 0
    }

    fn epoch(self) -> u64 {
        self.0 / EPOCH
    }
}

/// The arm state and the e-stop of a board. Clones speak of the same board; any thread may use them.
///
/// A board starts disarmed. Who decides whether it may be armed stands above it, in `sinew-safety`.
#[derive(Clone, Debug, Default)]
pub struct Safety {
    gate: Arc<Gate>,
    outputs: Arc<RwLock<Vec<Arc<MotionOutput>>>>,
}

impl Safety {
    /// Whether motion outputs follow commands now.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.gate.look().is_armed()
    }

    /// Whether the e-stop is latched.
    #[must_use]
    pub fn is_estopped(&self) -> bool {
        self.gate.look().is_estopped()
    }

    /// Counts every change of the two; a write that sees another epoch than it began with is undone.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.gate.look().epoch()
    }

    /// Lets motion outputs follow commands; `false` while the e-stop is latched. Changes nothing on a board that is
    /// armed. Only `sinew-safety` calls this, after its checks.
    pub fn arm(&self) -> bool {
        self.gate
            .change(|seen| (!seen.is_estopped() && !seen.is_armed()).then_some(ARMED));
        self.is_armed()
    }

    /// The same, unless anything changed since `epoch`: what was checked then may not hold any more.
    pub fn arm_in(&self, epoch: u64) -> bool {
        self.gate.change(|seen| {
            let unchanged = seen.epoch() == epoch;
            (unchanged && !seen.is_estopped() && !seen.is_armed()).then_some(ARMED)
        });
        self.is_armed()
    }

    /// Disarms; when this returns, every motion output has taken its safe action and follows no command.
    pub fn disarm(&self) {
        self.gate.change(|seen| Some(seen.0 & ESTOPPED));
        self.make_safe(Cause::Disarm);
    }

    /// Latches the e-stop and disarms; when this returns, every motion output has taken its safe action.
    pub fn estop(&self) {
        self.gate.change(|_| Some(ESTOPPED));
        self.make_safe(Cause::EStop);
    }

    /// Releases the e-stop, if it is latched. The board stays disarmed; only a person may ask for this.
    pub fn reset_estop(&self) {
        self.gate.change(|seen| seen.is_estopped().then_some(0));
    }

    pub(crate) fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate)
    }

    pub(crate) fn add(&self, output: Arc<MotionOutput>) {
        write(&self.outputs).push(output);
    }

    pub(crate) fn outputs<T>(&self, each: impl FnMut(&Arc<MotionOutput>) -> T) -> Vec<T> {
        read(&self.outputs).iter().map(each).collect()
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let outputs = read(&self.outputs);
        outputs.iter().filter_map(|output| output.lease()).min()
    }

    /// Ends the leases that are over at `now`. An output that cannot be made safe disarms the board.
    pub(crate) fn enforce(&self, now: Timestamp) {
        let mut all_safe = true;
        for output in read(&self.outputs).iter() {
            all_safe &= output.enforce(now);
        }
        if !all_safe {
            self.disarm();
        }
    }

    /// First every output that no thread is writing, then the others as they come free: one write that takes
    /// its time must not delay the rest.
    fn make_safe(&self, cause: Cause) {
        let outputs = read(&self.outputs);
        let busy: Vec<_> = outputs
            .iter()
            .filter(|output| !output.try_make_safe(cause))
            .collect();
        for output in busy {
            output.make_safe(cause);
        }
    }
}
