//! In place of the Linux backend on other systems: it refuses everything, and says why.

use crate::Timestamp;
use crate::backend::{Backends, Clock};
use crate::unavailable::Unavailable;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

const REFUSAL: Unavailable = Unavailable {
    why: "the linux board needs Linux; use `--board mock` here",
};

/// Backends that refuse: this computer runs no Linux.
#[must_use]
pub fn backends() -> Backends {
    Backends {
        name: "linux",
        simulated: false,
        clock: Arc::new(Monotonic),
        gpio: Arc::new(REFUSAL),
        motion: Arc::new(REFUSAL),
        pwm: Arc::new(REFUSAL),
        i2c: Arc::new(REFUSAL),
        spi: Arc::new(REFUSAL),
        serial: Arc::new(REFUSAL),
        input_devices: Arc::new(REFUSAL),
    }
}

/// The system's monotonic clock, from its first use on.
#[derive(Debug)]
struct Monotonic;

impl Clock for Monotonic {
    #[allow(
        clippy::disallowed_methods,
        reason = "a real board lives in real time; simulation has a clock of its own"
    )]
    fn now(&self) -> Timestamp {
        static START: OnceLock<Instant> = OnceLock::new();
        Timestamp::ZERO + START.get_or_init(Instant::now).elapsed()
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "a real board lives in real time; simulation has a clock of its own"
    )]
    fn delay(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
