//! The kernel's clock.

use crate::Timestamp;
use crate::backend::Clock;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// `CLOCK_MONOTONIC`, which also stamps the kernel's GPIO events.
#[derive(Debug)]
pub(super) struct Monotonic;

impl Clock for Monotonic {
    fn now(&self) -> Timestamp {
        let time = clock_gettime(ClockId::Monotonic);
        let nanos = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
        Timestamp::from_nanos(nanos)
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "real hardware waits in real time; simulation has a clock of its own"
    )]
    fn delay(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
