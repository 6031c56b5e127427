//! Real time: it passes by itself; the scheduler sleeps until a moment comes or somebody is woken.

use super::{REAL_BUDGET, Scheduler};
use crate::Time;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// How many turns are taken before tokio may look at its sockets and timers.
const TURNS_PER_LOOK: usize = 64;

impl Scheduler {
    /// Runs until the clock shows `until`, or until the system ends by itself.
    pub(crate) async fn run_real(&mut self, until: Time) {
        let mut turns = 0;
        loop {
            self.enter();
            while turns < TURNS_PER_LOOK && !self.is_halted() && self.take_turn(REAL_BUDGET) {
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
            if turns >= TURNS_PER_LOOK {
                tokio::task::yield_now().await;
                turns = 0;
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
