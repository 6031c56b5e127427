//! Real time, for what a person watches: the only clock and the only sleep of this crate.

use std::time::{Duration, Instant};

/// The longest sleep between two looks at the stop flag.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// How fast simulated time runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    /// As fast as the machine runs.
    Max,
    /// So many times real time.
    Times(f64),
}

/// Keeps simulated time at its speed.
#[derive(Debug)]
pub(crate) struct Pace {
    start: Instant,
    speed: Speed,
}

impl Pace {
    /// Starts now, with simulated time at zero.
    #[allow(
        clippy::disallowed_methods,
        reason = "paces what a person watches; the simulation itself never reads it"
    )]
    pub(crate) fn start(speed: Speed) -> Pace {
        Pace {
            start: Instant::now(),
            speed,
        }
    }

    /// Real time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Sleeps until `simulated` is due, and ends early as soon as `stop` says so.
    pub(crate) fn wait_for(&self, simulated: Duration, stop: impl Fn() -> bool) {
        let Speed::Times(factor) = self.speed else {
            return;
        };
        // An unpayable debt of time waits like a long one: the stop flag still ends it.
        let due =
            Duration::try_from_secs_f64(simulated.as_secs_f64() / factor).unwrap_or(Duration::MAX);
        while !stop() {
            let left = due.saturating_sub(self.elapsed());
            if left.is_zero() {
                return;
            }
            sleep(left.min(LOOK));
        }
    }

    /// How much simulated time may pass between two looks at the stop flag.
    pub(crate) fn step(&self) -> Duration {
        const LONGEST: Duration = Duration::from_millis(100);
        match self.speed {
            Speed::Max => LONGEST,
            Speed::Times(factor) => LOOK.mul_f64(factor.clamp(0.001, 5.0)),
        }
    }
}

/// Sleeps in real time.
#[allow(
    clippy::disallowed_methods,
    reason = "real time, outside of the simulation"
)]
pub(crate) fn sleep(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_speed_never_waits_and_a_stop_ends_the_longest_wait() {
        Pace::start(Speed::Max).wait_for(Duration::MAX, || false);
        Pace::start(Speed::Times(1e-300)).wait_for(Duration::from_secs(60), || true);
    }

    #[test]
    fn simulated_time_takes_its_share_of_real_time() {
        let pace = Pace::start(Speed::Times(10.0));
        pace.wait_for(Duration::from_millis(500), || false);
        assert!(pace.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn no_step_is_longer_than_a_look_at_its_speed() {
        assert_eq!(
            Pace::start(Speed::Times(1.0)).step(),
            Duration::from_millis(20)
        );
        assert_eq!(
            Pace::start(Speed::Times(1000.0)).step(),
            Duration::from_millis(100)
        );
        assert!(Pace::start(Speed::Times(1e-9)).step() > Duration::ZERO);
    }
}
