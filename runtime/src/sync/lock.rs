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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn one_at_a_time_has_it() {
        let lock = Lock::new(0_u64);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..20_000).for_each(|_| *lock.lock() += 1));
            }
        });
        assert_eq!(*lock.lock(), 80_000);
    }

    #[test]
    fn one_that_holds_it_for_long_is_waited_for() {
        let (lock, waits) = (Lock::new(1), AtomicBool::new(false));
        let held = lock.lock();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                assert!(lock.try_lock().is_none());
                waits.store(true, Ordering::Relaxed);
                *lock.lock()
            });
            while !waits.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            // Long enough for the other thread to have gone to sleep.
            (0..1_000_000).for_each(|_| spin_loop());
            drop(held);
            assert_eq!(waiting.join().unwrap(), 1);
        });
    }
}
