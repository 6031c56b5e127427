//! Who drives by hand: one connection at a time.

use std::sync::{Mutex, PoisonError};

/// The connection that drives, by its number, until it leaves.
#[derive(Debug, Default)]
pub(super) struct Commander(Mutex<Option<u64>>);

impl Commander {
    /// Whether it is this one; it becomes it if there is none.
    pub(super) fn is(&self, id: u64) -> bool {
        let mut commander = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *commander.get_or_insert(id) == id
    }

    /// It drives no more.
    pub(super) fn leave(&self, id: u64) {
        let mut commander = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *commander == Some(id) {
            *commander = None;
        }
    }
}
