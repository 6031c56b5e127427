//! A plain thread that sleeps until it is woken or its time is up.

use crate::Time;
use crate::clock::RealClock;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// A thread that waits for something. Woken before it sleeps, it does not sleep at all.
#[derive(Debug)]
pub(crate) struct Sleeper {
    thread: Thread,
    /// Beside the thread's own token, which whatever else parks on this thread could take away.
    woken: AtomicBool,
}

impl Sleeper {
    /// This thread.
    pub(crate) fn here() -> Arc<Self> {
        Arc::new(Self {
            thread: thread::current(),
            woken: AtomicBool::new(false),
        })
    }

    /// Ends the sleep, or the next one.
    pub(crate) fn rouse(&self) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }

    /// Sleeps until it is woken, or until this moment of the kernel's clock. `false`: the moment came first. Only
    /// for the thread that made it.
    pub(crate) fn slept_until(&self, moment: Time) -> bool {
        while !self.woken.swap(false, Ordering::AcqRel) {
            let left = moment.since(RealClock::absolute().now());
            if left.is_zero() {
                return false;
            }
            thread::park_timeout(left);
        }
        true
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.rouse();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rouse();
    }
}

/// The moment after so long on the kernel's clock, as [`Sleeper::slept_until`] takes it.
pub(crate) fn after(time: Duration) -> Time {
    RealClock::absolute().now() + time
}

/// Polls a future on this thread, which sleeps in between; `None` if it takes longer than `time`.
pub(crate) fn wait_for<F: Future + Unpin>(mut future: F, time: Duration) -> Option<F::Output> {
    let until = after(time);
    let sleeper = Sleeper::here();
    let waker = Waker::from(Arc::clone(&sleeper));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = Pin::new(&mut future).poll(&mut cx) {
            return Some(output);
        }
        if !sleeper.slept_until(until) {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::sync::mpsc;

    #[test]
    fn a_waiting_thread_looks_once_for_each_time_that_it_is_woken() {
        let (wakers, woken) = mpsc::channel::<Waker>();
        let waking = thread::spawn(move || woken.into_iter().for_each(Waker::wake));
        let mut looks = 0;
        let future = poll_fn(|cx| {
            looks += 1;
            if looks == 5 {
                return Poll::Ready("done");
            }
            let sent = wakers.send(cx.waker().clone());
            sent.map_or(Poll::Ready("nobody wakes"), |()| Poll::Pending)
        });
        assert_eq!(wait_for(future, Duration::MAX), Some("done"));
        drop(wakers);
        waking.join().expect("it only wakes");
        assert_eq!(looks, 5);
    }

    #[test]
    fn a_future_is_looked_at_once_even_without_any_time() {
        let mut looks = 0;
        let future = poll_fn(|_| {
            looks += 1;
            Poll::<()>::Pending
        });
        assert_eq!(wait_for(future, Duration::ZERO), None);
        assert_eq!(looks, 1);
        assert_eq!(wait_for(std::future::ready(7), Duration::ZERO), Some(7));
    }

    #[test]
    fn who_was_woken_before_does_not_sleep_though_somebody_took_the_token() {
        let sleeper = Sleeper::here();
        sleeper.rouse();
        thread::park();
        assert!(sleeper.slept_until(Time::NEVER));
        assert!(!sleeper.slept_until(Time::ZERO), "once is once");
    }
}
