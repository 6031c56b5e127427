//! Virtual time: it moves only when nothing is ready, to the next moment at which something happens.
//!
//! tokio's timers stand on whole milliseconds and its paused clock counts nanoseconds. So time jumps where no
//! handler and no input can be waiting for tokio; elsewhere it first stands on a whole millisecond, lets tokio
//! move itself from timer to timer, and jumps the rest. After each step tokio's clock and ours agree.

use super::Scheduler;
use crate::Time;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

impl Scheduler {
    /// Runs until `until`, with all that happens at that very moment, or until the system ends by itself.
    pub(crate) async fn run_simulated(&mut self, start: tokio::time::Instant, until: Time) {
        loop {
            while !self.is_halted() && self.take_turn(1) {}
            let now = self.hub.now();
            if self.is_halted() || now >= until {
                return;
            }
            let next = self
                .next_moment()
                .map_or(until, |moment| moment.clamp(now, until));
            self.move_to(start, next).await;
            let now = self.hub.now();
            self.advance_environment(now);
            self.wake_due(now);
        }
    }

    /// Moves time to `target`, or less far if tokio woke somebody on the way.
    async fn move_to(&mut self, start: tokio::time::Instant, target: Time) {
        if !self
            .slots
            .iter()
            .any(|slot| !slot.over && slot.cell.is_foreign())
        {
            self.jump_to(target);
            return;
        }
        let now = self.hub.now();
        let boundary = now.floor_to_millisecond();
        if boundary != now {
            let next = (boundary + Duration::from_millis(1)).min(target);
            self.jump_to(next);
        }
        tokio::task::yield_now().await;
        if self.is_woken() {
            return;
        }
        let floor = target.floor_to_millisecond();
        if floor > self.hub.now() {
            let moment = start + Duration::from_nanos(floor.nanos());
            let mut sleep = pin!(tokio::time::sleep_until(moment));
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
        if !self.is_woken() {
            self.jump_to(target);
        }
    }

    /// Moves both clocks at once; nobody waits for what lies between.
    fn jump_to(&mut self, target: Time) {
        let distance = target.since(self.hub.now());
        if distance.is_zero() {
            return;
        }
        let mut advance = pin!(tokio::time::advance(distance));
        // The clock moves at the first poll; the rest of the future only yields.
        let _ = advance
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        self.hub.set_now(target);
    }

    fn is_woken(&mut self) -> bool {
        self.queue.drain_into(&mut self.ready);
        !self.ready.is_empty()
    }
}
