//! The lock as the models know it: loom's, which tries every order in which threads can take it.

use loom::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;

#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

/// What the lock protects, until it is dropped.
pub(crate) type LockGuard<'a, T> = MutexGuard<'a, T>;

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn try_lock(&self) -> Option<LockGuard<'_, T>> {
        self.0.try_lock().ok()
    }
}
