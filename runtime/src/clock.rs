//! The clock of a robot.

use crate::Time;
use std::time::Duration;

/// `CLOCK_MONOTONIC`, from its own beginning or from a moment that counts as zero.
#[derive(Clone, Debug)]
pub(crate) struct RealClock {
    origin: u64,
}

impl RealClock {
    /// The clock as the kernel stamps edges with it.
    pub(crate) const fn absolute() -> Self {
        Self { origin: 0 }
    }

    /// The clock, counted from now: for simulated surroundings, whose time begins at zero.
    pub(crate) fn from_now() -> Self {
        Self {
            origin: monotonic_nanos(),
        }
    }

    /// Now.
    #[inline]
    pub(crate) fn now(&self) -> Time {
        Time::from_nanos(monotonic_nanos().saturating_sub(self.origin))
    }

    /// How old a coarse reading may be: one tick of a kernel that ticks at 100 Hz, the slowest there is.
    pub(crate) const COARSENESS: Duration = Duration::from_millis(10);

    /// A moment not long ago: the kernel's last tick, read in a third of the time that [`now`](Self::now) takes.
    #[inline]
    pub(crate) fn coarse_now(&self) -> Time {
        Time::from_nanos(coarse_nanos().saturating_sub(self.origin))
    }

    /// What `CLOCK_MONOTONIC` shows when this clock shows `moment`, in nanoseconds.
    #[cfg(target_os = "linux")]
    pub(crate) const fn monotonic(&self, moment: Time) -> u64 {
        self.origin.saturating_add(moment.nanos())
    }
}

/// Nanoseconds of the kernel's monotonic clock.
#[cfg(unix)]
fn monotonic_nanos() -> u64 {
    nanos_of(rustix::time::ClockId::Monotonic)
}

#[cfg(unix)]
fn nanos_of(clock: rustix::time::ClockId) -> u64 {
    let now = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Nanoseconds of the same clock at the kernel's last tick.
#[cfg(target_os = "linux")]
fn coarse_nanos() -> u64 {
    nanos_of(rustix::time::ClockId::MonotonicCoarse)
}

#[cfg(not(target_os = "linux"))]
fn coarse_nanos() -> u64 {
    monotonic_nanos()
}

/// Nanoseconds since the first reading.
#[cfg(not(unix))]
#[allow(clippy::disallowed_methods, reason = "this is the real clock")]
fn monotonic_nanos() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static FIRST: OnceLock<Instant> = OnceLock::new();
    u64::try_from(FIRST.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}
