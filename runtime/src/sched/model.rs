//! A scheduler as the models run it: without a clock, and asleep until somebody wakes it.

use super::Scheduler;
use crate::models::Bell;
use std::sync::Arc;
use std::task::Waker;

/// How many messages a turn may handle: two, so that turns end both ways.
const BUDGET: usize = 2;

impl Scheduler {
    /// Takes turns until this is so, and sleeps in between as [`run_real`](Self::run_real) does.
    pub(crate) fn run_until(&mut self, bell: &Arc<Bell>, is_done: impl Fn() -> bool) {
        let waker = Waker::from(Arc::clone(bell));
        loop {
            self.enter();
            while self.take_turn(BUDGET) {}
            self.leave();
            if is_done() {
                return;
            }
            while self.queue.is_empty_or_wait(&waker) {
                bell.wait();
            }
            self.queue.awake();
        }
    }
}
