//! What wakes a scheduler at a moment: tokio's timer, good to a millisecond, or the kernel's own, good to microseconds.

use crate::Time;
use crate::clock::RealClock;
use std::io;

#[cfg(not(target_os = "linux"))]
use elsewhere::Timer;
#[cfg(target_os = "linux")]
use linux::Timer;

/// A scheduler's wait for a moment of its clock. Setting it allocates nothing, and it is never early.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<Timer>);

impl Alarm {
    /// An alarm with a kernel timer of its own, a `timerfd`. Made inside of the runtime in which it is awaited.
    /// Where there are no such timers it is as the default one: tokio's, which counts milliseconds and rounds up,
    /// as epoll does, so that it is one to two and a half late.
    ///
    /// # Errors
    ///
    /// If the kernel grants no further file.
    pub(crate) fn precise(clock: RealClock) -> io::Result<Self> {
        Timer::new(clock).map(Self)
    }

    /// Waits until the clock, which shows `now`, shows `moment`.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it leaves nothing behind but at most one wake for nothing.
    pub(crate) async fn until(&mut self, moment: Time, now: Time) {
        match &mut self.0 {
            Some(timer) => timer.until(moment).await,
            None => tokio::time::sleep(moment.since(now)).await,
        }
    }
}

/// The kernel's timer as a file.
#[cfg(target_os = "linux")]
mod linux {
    use crate::Time;
    use crate::clock::RealClock;
    use crate::input::watched;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::future::poll_fn;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::task::{Context, Poll, ready};
    use tokio::io::unix::AsyncFd;

    /// A `timerfd` on `CLOCK_MONOTONIC`. Nobody reads it: each expiry is an edge that epoll reports, and the clock
    /// says whether it was the right one, which saves a system call per wait.
    #[derive(Debug)]
    pub(super) struct Timer {
        clock: RealClock,
        file: AsyncFd<OwnedFd>,
        /// What it is set to; [`Time::NEVER`] if to nothing of worth.
        set_to: Time,
    }

    impl Timer {
        pub(super) fn new(clock: RealClock) -> io::Result<Option<Self>> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let file = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            Ok(Some(Self {
                clock,
                file: watched(file)?,
                set_to: Time::NEVER,
            }))
        }

        pub(super) async fn until(&mut self, moment: Time) {
            poll_fn(|cx| self.poll(moment, cx)).await;
        }

        fn poll(&mut self, moment: Time, cx: &mut Context<'_>) -> Poll<()> {
            while self.clock.now() < moment {
                if self.set_to != moment {
                    self.forget_expiry(cx);
                    self.set(moment);
                }
                ready!(self.file.poll_read_ready(cx))
                    .expect("its runtime lives as long as its scheduler")
                    .clear_ready();
                // Either that was an expiry of an earlier setting, or the clock lags a breath behind the timer: set
                // it once more, so that in neither case the wake that counts is the one just cleared.
                self.set_to = Time::NEVER;
            }
            Poll::Ready(())
        }

        /// Clears what tokio knows of an earlier setting's expiry: now, where it delays nobody.
        fn forget_expiry(&mut self, cx: &mut Context<'_>) {
            if let Poll::Ready(Ok(mut expired)) = self.file.poll_read_ready(cx) {
                expired.clear_ready();
            }
        }

        fn set(&mut self, moment: Time) {
            let nanos = self.clock.monotonic(moment);
            let never = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            let once = Itimerspec {
                it_interval: never,
                it_value: Timespec {
                    tv_sec: i64::try_from(nanos / 1_000_000_000).unwrap_or(i64::MAX),
                    tv_nsec: (nanos % 1_000_000_000) as _,
                },
            };
            timerfd_settime(&self.file, TimerfdTimerFlags::ABSTIME, &once)
                .expect("a timer of ours takes any moment");
            self.set_to = moment;
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::time::Duration;

        /// Runs a test where tokio waits for files.
        fn block_on(test: impl Future<Output = ()>) {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder.enable_all().build().unwrap().block_on(test);
        }

        fn timer() -> (RealClock, Timer) {
            let clock = RealClock::from_now();
            let timer = Timer::new(clock.clone()).unwrap();
            (clock, timer.expect("this is Linux"))
        }

        const fn us(microseconds: u64) -> Duration {
            Duration::from_micros(microseconds)
        }

        /// Begins to wait and gives up; says whether there was anything to wait for.
        async fn waits_once(timer: &mut Timer, moment: Time) -> bool {
            poll_fn(|cx| Poll::Ready(timer.poll(moment, cx).is_pending())).await
        }

        #[test]
        fn no_wait_of_many_ends_early() {
            block_on(async {
                let (clock, mut timer) = timer();
                for step in 0..200 {
                    let moment = clock.now() + us(step * 7 % 311);
                    timer.until(moment).await;
                    assert!(clock.now() >= moment);
                }
            });
        }

        #[test]
        fn a_wait_that_was_given_up_neither_delays_nor_hastens_the_next() {
            block_on(async {
                let (clock, mut timer) = timer();
                for step in 0..100 {
                    let now = clock.now();
                    let given_up = now + us(100 * (step % 3));
                    waits_once(&mut timer, given_up).await;
                    let moment = now + us(150);
                    timer.until(moment).await;
                    assert!(clock.now() >= moment);
                }
            });
        }

        #[test]
        fn an_earlier_moment_is_not_kept_waiting_for_a_later_one() {
            block_on(async {
                let (clock, mut timer) = timer();
                let later = clock.now() + Duration::from_secs(3_600);
                assert!(waits_once(&mut timer, later).await);
                let moment = clock.now() + us(200);
                timer.until(moment).await;
                assert!(clock.now() < later);
            });
        }

        #[test]
        fn a_moment_that_never_comes_is_waited_for_in_vain() {
            block_on(async {
                let (clock, mut timer) = timer();
                assert!(waits_once(&mut timer, Time::NEVER).await);
                let moment = clock.now() + us(200);
                timer.until(moment).await;
                assert!(clock.now() >= moment);
            });
        }
    }
}

/// Where there is no such timer.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use crate::Time;
    use crate::clock::RealClock;
    use std::io;

    /// None exists.
    #[derive(Debug)]
    pub(super) enum Timer {}

    impl Timer {
        #[allow(
            clippy::unnecessary_wraps,
            reason = "it stands in for one that can fail"
        )]
        pub(super) fn new(_: RealClock) -> io::Result<Option<Self>> {
            Ok(None)
        }

        pub(super) async fn until(&mut self, _: Time) {
            match *self {}
        }
    }
}
