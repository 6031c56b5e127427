//! Arm state, e-stop flag and epoch in one word.

use std::sync::atomic::{AtomicU64, Ordering};

const ARMED: u64 = 1;
const ESTOPPED: u64 = 2;
const EPOCH: u64 = 4;

/// Arm state, e-stop flag and epoch in one word, so that a write sees all three of one moment.
///
/// Sequentially consistent throughout: a stop that was said is seen by every write that begins after it, in this
/// process or in another that shares the word.
#[derive(Debug, Default)]
#[repr(transparent)]
pub(crate) struct Gate(AtomicU64);

/// What a [`Gate`] showed at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen(u64);

impl Gate {
    pub(crate) fn look(&self) -> Seen {
        Seen(self.0.load(Ordering::SeqCst))
    }

    /// Arms, unless stopped, armed, or changed since `epoch`.
    pub(crate) fn arm(&self, epoch: Option<u64>) {
        let _ = self.change(|seen| {
            let unchanged = epoch.is_none_or(|epoch| seen.epoch() == epoch);
            (unchanged && !seen.is_estopped() && !seen.is_armed()).then_some(ARMED)
        });
    }

    pub(crate) fn disarm(&self) {
        let _ = self.change(|seen| Some(seen.0 & ESTOPPED));
    }

    pub(crate) fn estop(&self) {
        let _ = self.change(|_| Some(ESTOPPED));
    }

    pub(crate) fn reset_estop(&self) {
        let _ = self.change(|seen| seen.is_estopped().then_some(0));
    }

    /// Releases it unless anything changed since `epoch`; whether it is released then.
    pub(crate) fn reset_estop_in(&self, epoch: u64) -> bool {
        !self.look().is_estopped()
            || self.change(|seen| (seen.is_estopped() && seen.epoch() == epoch).then_some(0))
    }

    /// Changes the flags and begins a new epoch; changes nothing where `change` gives nothing. Whether it changed anything.
    fn change(&self, change: impl Fn(Seen) -> Option<u64>) -> bool {
        let next = |word: u64| {
            let flags = change(Seen(word))?;
            Some((word & !(ARMED | ESTOPPED) | flags).wrapping_add(EPOCH))
        };
        let changed = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        changed.is_ok()
    }
}

impl Seen {
    pub(crate) fn is_armed(self) -> bool {
        self.0 & (ARMED | ESTOPPED) == ARMED
    }

    pub(crate) fn is_estopped(self) -> bool {
        self.0 & ESTOPPED != 0
    }

    pub(crate) fn epoch(self) -> u64 {
        self.0 / EPOCH
    }
}
