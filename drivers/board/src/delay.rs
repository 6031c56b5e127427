//! Waiting inside a driver.

use crate::backend::Clock;
use embedded_hal::delay::DelayNs;
use std::sync::Arc;
use std::time::Duration;

/// Blocks for at least the time that a chip needs, on the board's clock. For microseconds in a driver; an actor
/// that waits longer uses a timer.
#[derive(Clone, Debug)]
pub struct Delay {
    pub(crate) clock: Arc<dyn Clock>,
}

impl DelayNs for Delay {
    fn delay_ns(&mut self, nanoseconds: u32) {
        self.clock
            .delay(Duration::from_nanos(u64::from(nanoseconds)));
    }
}
