//! State that outlives the incarnations of an actor, because the actor chose so.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A value that survives restarts: made once, cloned into each incarnation by its factory. It is only ever replaced as
/// a whole, so that whoever fails in the middle of a change leaves the value as it was.
///
/// What need not be kept should not be: an actor that failed over its state would fail over it again.
///
/// ```
/// # use sinew_runtime::{Actor, Factory, Kept};
/// struct Odometer { meters: Kept<f64> }
/// impl Actor for Odometer {}
///
/// let meters = Kept::new(0.0);
/// let odometer = Factory::new(move || Ok(Odometer { meters: meters.clone() }));
/// ```
pub struct Kept<T>(Arc<Mutex<T>>);

impl<T: Clone + Send> Kept<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(value)))
    }

    /// A copy of the value.
    #[must_use]
    pub fn get(&self) -> T {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Keeps another value instead.
    pub fn set(&self, value: T) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *kept, value);
        drop(kept);
        drop(old);
    }

    /// Keeps what `change` makes of the value. Others that change it meanwhile are overwritten: one actor at a time
    /// should.
    pub fn update(&self, change: impl FnOnce(T) -> T) {
        self.set(change(self.get()));
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone + Send + fmt::Debug> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.get()).finish()
    }
}
