//! Real time: it passes by itself; the scheduler sleeps until a moment comes or somebody is woken.

use super::{REAL_BUDGET, Scheduler};
use crate::Time;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// How many turns are taken before the clock is looked at.
const TURNS_IN_A_ROW: usize = 64;
/// How often, at least, tokio looks at its sockets and timers while turns are taken: a look costs as much as ten turns.
const LOOK: Duration = Duration::from_micros(20);

impl Scheduler {
    /// Runs until the clock shows `until`, or until the system ends by itself.
    pub(crate) async fn run_real(&mut self, until: Time) {
        let mut turns = 0;
        let mut look_at = self.hub.now() + LOOK;
        loop {
            self.enter();
            while turns < TURNS_IN_A_ROW && !self.is_halted() && self.take_turn(REAL_BUDGET) {
                turns += 1;
            }
            self.leave();
            let now = self.hub.now();
            self.hub.set_now(now);
            self.advance_environment(now);
            self.wake_due(now);
            if self.is_halted() || now >= until {
                return;
            }
            turns += 1;
            if turns >= TURNS_IN_A_ROW {
                turns = 0;
                if now >= look_at {
                    tokio::task::yield_now().await;
                    look_at = now + LOOK;
                }
                continue;
            }
            let next = self.next_moment().map_or(until, |moment| moment.min(until));
            if self.slept_until(next).await {
                turns = 0;
            }
        }
    }

    /// Runs on a thread of its own until the system lets its threads go.
    pub(crate) async fn run_in_crew(&mut self) {
        loop {
            self.run_real(Time::NEVER).await;
            let fate = &self.hub.shared.fate;
            if fate.is_over() {
                return;
            }
            // The system has ended by itself: what is left to do here is the end in order.
            poll_fn(|cx| fate.poll_end(cx.waker())).await;
        }
    }

    /// Sleeps until `moment`, or until somebody is woken; `false` if there was no need to, so that tokio had no
    /// look at its sockets.
    async fn slept_until(&mut self, moment: Time) -> bool {
        if let Some(holder) = &self.holder {
            holder.sleeps();
        }
        let mut sleep = pin!(self.alarm.until(moment, self.hub.now()));
        let mut slept = false;
        poll_fn(|cx| {
            if !self.queue.is_empty_or_wait(cx.waker()) || sleep.as_mut().poll(cx).is_ready() {
                Poll::Ready(())
            } else {
                slept = true;
                Poll::Pending
            }
        })
        .await;
        self.queue.awake();
        slept
    }
}
