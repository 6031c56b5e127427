//! Virtual time: it moves only when nothing is ready, to the next moment at which something happens.
//!
//! tokio's timers stand on whole milliseconds and its paused clock counts nanoseconds. So time jumps where no
//! handler and no input can be waiting for tokio; elsewhere it first stands on a whole millisecond, lets tokio
//! move itself from timer to timer, and jumps the rest. After each step tokio's clock and ours agree.

use super::Scheduler;
use crate::Time;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// How often the surroundings may be advanced to one moment before they are held to be stuck at it.
const MOST_EVENTS_AT_A_MOMENT: u32 = 1_000_000;

impl Scheduler {
    /// Runs until `until`, with all that happens at that very moment, or until the system ends by itself.
    pub(crate) async fn run_simulated(&mut self, start: tokio::time::Instant, until: Time) {
        let mut events = 0;
        loop {
            self.enter();
            while !self.is_halted() && self.take_turn(self.budget) {}
            self.leave();
            let before = self.hub.now();
            if self.is_halted() || before >= until {
                return;
            }
            let next = self
                .next_moment()
                .map_or(until, |moment| moment.clamp(before, until));
            self.move_to(start, next.max(self.reached())).await;
            let now = self.hub.now();
            self.advance_environment(now);
            self.wake_due(now);
            events = if now == before { events + 1 } else { 0 };
            if events > MOST_EVENTS_AT_A_MOMENT {
                self.give_up_environment(now);
            }
        }
    }

    /// How far the surroundings are, where a handler that blocked took them.
    fn reached(&self) -> Time {
        let environment = self.environment.as_ref();
        environment
            .and_then(|surroundings| surroundings.reached())
            .unwrap_or(Time::ZERO)
    }

    /// Surroundings that always have something more to do now would stop time for ever.
    fn give_up_environment(&mut self, now: Time) {
        self.environment = None;
        self.hub.shared.fate.end(&format!(
            "the surroundings had {MOST_EVENTS_AT_A_MOMENT} events at {now} and were not done, so that time \
             stood still; `Environment::next_event` must come to name a later moment once `advance` was called"
        ));
    }

    /// Moves time to `target`, or less far if tokio woke somebody on the way.
    async fn move_to(&mut self, start: tokio::time::Instant, target: Time) {
        if self.foreign == 0 {
            self.jump_to(target).await;
            return;
        }
        // A handler that merely yielded to tokio is ready now.
        if self.is_woken_by_tokio().await {
            return;
        }
        let now = self.hub.now();
        let floor = now.floor_to_millisecond();
        if floor != now {
            self.jump_to((floor + Duration::from_millis(1)).min(target))
                .await;
            if self.is_woken_by_tokio().await {
                return;
            }
        }
        let floor = target.floor_to_millisecond();
        while self.hub.now() < floor {
            self.sleep_until(start, floor).await;
            if self.is_woken() {
                return;
            }
        }
        self.jump_to(target).await;
    }

    /// Lets tokio move its clock to `moment`, a whole millisecond, or to a timer of its own before it.
    async fn sleep_until(&mut self, start: tokio::time::Instant, moment: Time) {
        let mut sleep = pin!(tokio::time::sleep_until(
            start + Duration::from_nanos(moment.nanos())
        ));
        poll_fn(|cx| {
            if sleep.as_mut().poll(cx).is_ready() || !self.queue.is_empty_or_wait(cx.waker()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        let passed = tokio::time::Instant::now().duration_since(start);
        self.hub.set_now(Time::ZERO + passed);
    }

    /// Moves both clocks at once; nobody waits for what lies between.
    async fn jump_to(&mut self, target: Time) {
        let distance = target.since(self.hub.now());
        if distance.is_zero() {
            return;
        }
        let mut advance = pin!(tokio::time::advance(distance));
        // The clock moves at the first poll; the rest of the future only yields. The waker is our own: tokio keeps
        // each one that is not the one before until it next looks at its timers, which may be never.
        poll_fn(|cx| {
            let _ = advance.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
        self.hub.set_now(target);
    }

    /// Lets tokio wake whom it has to wake at this moment.
    async fn is_woken_by_tokio(&mut self) -> bool {
        tokio::task::yield_now().await;
        self.is_woken()
    }

    fn is_woken(&mut self) -> bool {
        self.queue.drain_into(&mut self.ready);
        !self.ready.is_empty()
    }
}
