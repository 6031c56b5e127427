//! Whether anything may move, and the outputs that are made safe when it may not.

use crate::motion::MotionOutput;
use crate::objection::{Objection, Objections};
use crate::page::SafetyPage;
use crate::sync::{read, write};
use crate::{Cause, Timestamp};
use std::sync::{Arc, RwLock};
use std::time::Duration;

/// The arm state and the e-stop of a board. Clones speak of the same board; any thread may use them.
///
/// A board starts disarmed. Who decides whether it may be armed stands above it, in `sinew-safety`.
#[derive(Clone, Debug)]
pub struct Safety {
    page: Arc<SafetyPage>,
    outputs: Arc<RwLock<Vec<Arc<MotionOutput>>>>,
    objections: Objections,
}

impl Safety {
    /// What this page says.
    pub(crate) fn on(page: Arc<SafetyPage>) -> Self {
        Self {
            page,
            outputs: Arc::default(),
            objections: Objections::default(),
        }
    }

    /// Whether motion outputs follow commands now.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.page.is_armed()
    }

    /// Whether the e-stop is latched.
    #[must_use]
    pub fn is_estopped(&self) -> bool {
        self.page.is_estopped()
    }

    /// Counts every change of the two; a write that sees another epoch than it began with is undone.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.page.epoch()
    }

    /// Lets motion outputs follow commands; `false` while the e-stop is latched. Changes nothing on a board that is
    /// armed. Only `sinew-safety` calls this, after its checks.
    pub fn arm(&self) -> bool {
        self.page.gate().arm(None);
        self.is_armed()
    }

    /// The same, unless anything changed since `epoch`: what was checked then may not hold any more.
    pub fn arm_in(&self, epoch: u64) -> bool {
        self.page.gate().arm(Some(epoch));
        self.is_armed()
    }

    /// Does what has to be done to each output before the board is armed, such as setting a motor controller's own time-out; which
    /// outputs are not fit to be armed, and why. Takes some milliseconds for each controller. Only `sinew-safety` calls this.
    #[must_use]
    pub fn prepare(&self) -> Vec<(String, String)> {
        let outputs = read(&self.outputs);
        let unfit = outputs.iter().filter_map(|output| {
            let error = output.prepare().err()?;
            Some((output.info().part, error.to_string()))
        });
        unfit.collect()
    }

    /// Disarms; when this returns, every motion output has taken its safe action and follows no command.
    pub fn disarm(&self) {
        self.page.disarm();
        self.make_safe(Cause::Disarm);
    }

    /// Latches the e-stop and disarms; when this returns, every motion output has taken its safe action.
    pub fn estop(&self) {
        self.page.estop();
        self.make_safe(Cause::EStop);
    }

    /// Releases the e-stop, if it is latched. The board stays disarmed; only a person may ask for this. Under a guardian it
    /// is the guardian that is asked: what it has latched it latches again.
    pub fn reset_estop(&self) {
        self.page.reset_estop();
    }

    /// Declares something that stands against arming until it is withdrawn: `check` is what looks, `why` what stands at first.
    #[must_use]
    pub fn objection(&self, check: &str, why: &str) -> Objection {
        self.objections.declare(check, why)
    }

    /// What stands against arming now: which check, and why.
    #[must_use]
    pub fn objections(&self) -> Vec<(String, String)> {
        self.objections.standing()
    }

    /// What is shared with the guardian, if there is one.
    #[must_use]
    pub fn page(&self) -> &Arc<SafetyPage> {
        &self.page
    }

    pub(crate) fn add(&self, output: Arc<MotionOutput>) {
        write(&self.outputs).push(output);
    }

    pub(crate) fn outputs<T>(&self, each: impl FnMut(&Arc<MotionOutput>) -> T) -> Vec<T> {
        read(&self.outputs).iter().map(each).collect()
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let outputs = read(&self.outputs);
        let theirs = outputs.iter().filter(|output| !output.is_real());
        theirs.filter_map(|output| output.lease()).min()
    }

    /// Ends the leases of real outputs that are over on their own clock; the time until the next one ends.
    pub(crate) fn enforce_real(&self) -> Option<Duration> {
        let outputs = read(&self.outputs);
        let real = || outputs.iter().filter(|output| output.is_real());
        let mut all_safe = true;
        // A bus that hangs, or a thread in the middle of a write, must not keep the others waiting.
        for waits in [false, true] {
            let theirs = real().filter(|output| output.wired().may_wait() == waits);
            for output in theirs {
                all_safe &= output.enforce_unless_written(Timestamp::ZERO);
            }
        }
        for output in real() {
            all_safe &= output.enforce(Timestamp::ZERO);
        }
        let next = real().filter_map(|output| output.time_left()).min();
        drop(outputs);
        if !all_safe && self.is_armed() {
            self.disarm();
        }
        next
    }

    /// The same while a driver of this thread blocks, which may be one that writes an output.
    pub(crate) fn enforce_while_blocked(&self, now: Timestamp) {
        let outputs = read(&self.outputs);
        let mut all_safe = true;
        for output in outputs.iter() {
            all_safe &= output.enforce_unless_written(now);
        }
        if !all_safe {
            self.page.disarm();
            for output in outputs.iter() {
                // Whoever writes it now asks the page before the next line, and after the last.
                output.make_safe_unless_written(Cause::Disarm);
            }
        }
    }

    /// Ends the leases that are over at `now`. An output that cannot be made safe disarms the board.
    pub(crate) fn enforce(&self, now: Timestamp) {
        let mut all_safe = true;
        for output in read(&self.outputs).iter() {
            all_safe &= output.enforce(now);
        }
        // One that is still owed is tried again by itself.
        if !all_safe && self.is_armed() {
            self.disarm();
        }
    }

    /// Carries the safe actions out, and disarms nothing: first of every output that no thread is writing, then of the others
    /// as they come free. One write that takes its time must not delay the rest.
    pub fn make_safe(&self, cause: Cause) {
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
