//! The lock of what every message passes: mailboxes and ready queues.

use spin::mutex::{SpinMutex, SpinMutexGuard};
use std::hint::spin_loop;
use std::thread;
use std::time::Duration;

/// How often one looks for the lock before it sleeps: longer than anybody holds it who is not kept from running.
const LOOKS: u32 = 200;
/// How long one sleeps between two looks.
const NAP: Duration = Duration::from_micros(1);

/// A lock that is held for some ten nanoseconds, without code of others under it. To give it back is one plain store,
/// where a lock of std swaps to learn who sleeps: a message passes two, so that is felt.
///
/// Whoever waits spins, and sleeps once it has waited for long: the one that holds the lock may have been interrupted, and
/// cannot go on if a real-time thread spins on its core.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(SpinMutex<T>);

/// What the lock protects, until it is dropped.
pub(crate) type LockGuard<'a, T> = SpinMutexGuard<'a, T>;

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(SpinMutex::new(value))
    }

    /// Locks.
    #[inline]
    pub(crate) fn lock(&self) -> LockGuard<'_, T> {
        self.try_lock().unwrap_or_else(|| self.wait())
    }

    /// Locks, unless somebody else has.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<LockGuard<'_, T>> {
        self.0.try_lock()
    }

    #[cold]
    #[expect(
        clippy::disallowed_methods,
        reason = "only another thread can have the lock, and a simulation has none"
    )]
    fn wait(&self) -> LockGuard<'_, T> {
        let mut looks = 0;
        loop {
            if !self.0.is_locked()
                && let Some(guard) = self.0.try_lock()
            {
                return guard;
            }
            if looks < LOOKS {
                looks += 1;
                spin_loop();
            } else {
                thread::sleep(NAP);
            }
        }
    }
}
