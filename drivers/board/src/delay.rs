//! Waiting inside a driver.

use crate::backend::Clock;
use embedded_hal::delay::DelayNs;
use std::sync::Arc;
use std::time::Duration;

/// From here on an awaited delay lets other actors go on; below, changing to them costs more than it spares.
const WORTH_YIELDING: Duration = Duration::from_millis(1);

/// Blocks for at least the time that a chip needs, on the board's clock. For microseconds in a driver; an actor
/// that waits longer uses a timer.
///
/// As an embedded-hal-async delay it lets other actors go on from a millisecond on; it must then be awaited where tokio's timers
/// work, as in an actor.
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

impl embedded_hal_async::delay::DelayNs for Delay {
    async fn delay_ns(&mut self, nanoseconds: u32) {
        let time = Duration::from_nanos(u64::from(nanoseconds));
        if time < WORTH_YIELDING {
            self.clock.delay(time);
        } else {
            tokio::time::sleep(time).await;
        }
    }
}
