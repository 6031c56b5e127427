//! What a motion output does when it must be safe, as data.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// No command stands longer than this, whatever a configuration asks for: a rover at 0.5 m/s rolls half a
/// meter in it.
pub const LONGEST_LEASE: Duration = Duration::from_secs(1);

/// From full duty to none, if nothing else is said: most of what stands on wheels may be slowed down in it.
const USUAL_RAMP: Duration = Duration::from_millis(300);

/// Shorter than this is no ramp: two looks.
const SHORTEST_RAMP_MS: u64 = 10;

/// Twice the lease that a command edge has unless the graph says otherwise (250 ms).
const USUAL_LEASE: Duration = Duration::from_millis(500);

/// Why an output took its safe action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// The newest command expired.
    LeaseEnd,
    /// The robot was disarmed.
    Disarm,
    /// The e-stop was pressed.
    #[serde(rename = "e-stop")]
    EStop,
    /// The actor or the process that drove it ended.
    Death,
}

/// `lease end`, `disarm`, `e-stop`, `death`.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LeaseEnd => "lease end",
            Self::Disarm => "disarm",
            Self::EStop => "e-stop",
            Self::Death => "death",
        })
    }
}

/// What an H-bridge does to be safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SafeAction {
    /// The motor is let go and rolls out.
    Coast,
    /// The motor is short-circuited and stops at once.
    #[default]
    Brake,
    /// It is driven less and less, at the same slope as from full duty within [`MotionSafety::ramp`], and is then let go: for what
    /// would fall over if it braked. Moving on for so long is part of it: choose it for a cause only where that is safer.
    Ramp,
}

/// `coast`, `brake`, `ramp`.
impl fmt::Display for SafeAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coast => "coast",
            Self::Brake => "brake",
            Self::Ramp => "ramp",
        })
    }
}

/// How long a command of a motion output may stand, and its safe action for each cause.
///
/// In a configuration file all of it may be left out:
///
/// ```toml
/// longest_lease_ms = 500    # 1 to 1000
/// lease_end = "brake"       # or "coast", or "ramp"
/// disarm = "brake"
/// estop = "brake"
/// death = "brake"
/// ramp_ms = 300             # 10 to 1000, from full duty to none
/// holds_load = false        # true: it may not be let go
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct MotionSafety {
    written: Written,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    longest_lease_ms: u64,
    lease_end: SafeAction,
    disarm: SafeAction,
    estop: SafeAction,
    death: SafeAction,
    ramp_ms: u64,
    holds_load: bool,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            longest_lease_ms: USUAL_LEASE.as_millis() as u64,
            lease_end: SafeAction::Brake,
            disarm: SafeAction::Brake,
            estop: SafeAction::Brake,
            death: SafeAction::Brake,
            ramp_ms: USUAL_RAMP.as_millis() as u64,
            holds_load: false,
        }
    }
}

/// Half a second, and brakes for every cause.
impl Default for MotionSafety {
    fn default() -> Self {
        Self {
            written: Written::default(),
        }
    }
}

impl MotionSafety {
    /// Commands stand for `longest_lease` at most (whole milliseconds, 1 ms to 1 s); brakes for every cause.
    ///
    /// # Errors
    ///
    /// [`LeaseError`] for a longer lease, or for none.
    pub fn new(longest_lease: Duration) -> Result<Self, LeaseError> {
        Written {
            longest_lease_ms: u64::try_from(longest_lease.as_millis()).unwrap_or(u64::MAX),
            ..Written::default()
        }
        .try_into()
    }

    /// With this action for this cause.
    #[must_use]
    pub const fn with(mut self, cause: Cause, action: SafeAction) -> Self {
        match cause {
            Cause::LeaseEnd => self.written.lease_end = action,
            Cause::Disarm => self.written.disarm = action,
            Cause::EStop => self.written.estop = action,
            Cause::Death => self.written.death = action,
        }
        self
    }

    /// With this time from full duty to none where it ramps (whole milliseconds, 10 ms to 1 s).
    ///
    /// # Errors
    ///
    /// [`LeaseError`] for another time.
    pub fn ramping_within(mut self, full: Duration) -> Result<Self, LeaseError> {
        self.written.ramp_ms = u64::try_from(full.as_millis()).unwrap_or(u64::MAX);
        self.written.try_into()
    }

    /// For an output that holds a load up: it may be let go for no cause.
    ///
    /// # Errors
    ///
    /// [`LeaseError`] if it is, for some cause.
    pub fn holding_a_load(mut self) -> Result<Self, LeaseError> {
        self.written.holds_load = true;
        self.written.try_into()
    }

    /// The time from full duty to none where it ramps.
    #[must_use]
    pub const fn ramp(&self) -> Duration {
        Duration::from_millis(self.written.ramp_ms)
    }

    /// Whether this is its action for any cause.
    #[must_use]
    pub fn ever(&self, action: SafeAction) -> bool {
        let written = &self.written;
        [
            written.lease_end,
            written.disarm,
            written.estop,
            written.death,
        ]
        .contains(&action)
    }

    /// No command stands longer than this.
    #[must_use]
    pub const fn longest_lease(&self) -> Duration {
        Duration::from_millis(self.written.longest_lease_ms)
    }

    /// What the output does for a cause.
    #[must_use]
    pub const fn on(&self, cause: Cause) -> SafeAction {
        match cause {
            Cause::LeaseEnd => self.written.lease_end,
            Cause::Disarm => self.written.disarm,
            Cause::EStop => self.written.estop,
            Cause::Death => self.written.death,
        }
    }
}

impl TryFrom<Written> for MotionSafety {
    type Error = LeaseError;

    fn try_from(written: Written) -> Result<Self, LeaseError> {
        let longest = LONGEST_LEASE.as_millis() as u64;
        let asked_ms = written.longest_lease_ms;
        if !(1..=longest).contains(&asked_ms) {
            return Err(LeaseError::Lease { asked_ms });
        }
        let asked_ms = written.ramp_ms;
        if !(SHORTEST_RAMP_MS..=longest).contains(&asked_ms) {
            return Err(LeaseError::Ramp { asked_ms });
        }
        let safety = Self { written };
        let lets_go = [SafeAction::Coast, SafeAction::Ramp];
        match lets_go.into_iter().find(|action| safety.ever(*action)) {
            Some(action) if written.holds_load => Err(LeaseError::LetsGo { action }),
            _ => Ok(safety),
        }
    }
}

impl From<MotionSafety> for Written {
    fn from(safety: MotionSafety) -> Written {
        safety.written
    }
}

/// What no motion output may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// A longest lease that is none, or too long.
    #[error(
        "a command of a motion output stands for 1 to 1000 ms, not for {asked_ms} ms; without a newer one the output must become \
         safe"
    )]
    Lease {
        /// What was asked for.
        asked_ms: u64,
    },
    /// A ramp that is none, or too long.
    #[error("a motor is ramped down within 10 to 1000 ms, not within {asked_ms} ms")]
    Ramp {
        /// What was asked for.
        asked_ms: u64,
    },
    /// It holds a load, and would let it go.
    #[error(
        "this output holds a load and would let it go: `{action}` is not allowed with holds_load; `brake` lets a load sink slowly, and \
         what holds it is a brake of its own"
    )]
    LetsGo {
        /// The action that lets it go.
        action: SafeAction,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_above_one_second_or_of_nothing_is_refused() {
        for ms in [1, 250, 1000] {
            let safety = MotionSafety::new(Duration::from_millis(ms)).unwrap();
            assert_eq!(safety.longest_lease(), Duration::from_millis(ms));
        }
        for lease in [
            Duration::ZERO,
            Duration::from_micros(999),
            Duration::from_millis(1001),
            Duration::MAX,
        ] {
            assert!(MotionSafety::new(lease).is_err(), "{lease:?}");
        }
    }

    #[test]
    fn each_cause_has_an_action_of_its_own() {
        let causes = [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death];
        for cause in causes {
            let safety = MotionSafety::default().with(cause, SafeAction::Coast);
            for other in causes {
                let coasts = safety.on(other) == SafeAction::Coast;
                assert_eq!(coasts, other == cause, "{cause} against {other}");
            }
        }
    }

    #[test]
    fn what_is_written_down_is_what_is_read_back() {
        let lease = MotionSafety::new(Duration::from_millis(123)).unwrap();
        let safety = lease.with(Cause::Death, SafeAction::Coast);
        assert_eq!(MotionSafety::try_from(Written::from(safety)), Ok(safety));
    }

    #[test]
    fn a_ramp_takes_ten_milliseconds_to_a_second() {
        for (ms, is_one) in [(9, false), (10, true), (1000, true), (1001, false)] {
            let safety = MotionSafety::default().ramping_within(Duration::from_millis(ms));
            assert_eq!(safety.is_ok(), is_one, "{ms}");
        }
    }

    #[test]
    fn what_holds_a_load_is_never_let_go() {
        let causes = [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death];
        assert!(MotionSafety::default().holding_a_load().is_ok());
        for action in [SafeAction::Coast, SafeAction::Ramp] {
            for cause in causes {
                let safety = MotionSafety::default().with(cause, action);
                assert_eq!(safety.holding_a_load(), Err(LeaseError::LetsGo { action }));
            }
        }
    }

    #[test]
    fn each_cause_is_told_in_words() {
        let causes = [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death];
        let words = causes.map(|cause| cause.to_string());
        assert_eq!(words, ["lease end", "disarm", "e-stop", "death"]);
    }
}
