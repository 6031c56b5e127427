//! What a motion output does when it must be safe, as data.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// No command stands longer than this, whatever a configuration asks for: a rover at 0.5 m/s rolls half a
/// meter in it.
pub const LONGEST_LEASE: Duration = Duration::from_secs(1);

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
}

/// `coast`, `brake`.
impl fmt::Display for SafeAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coast => "coast",
            Self::Brake => "brake",
        })
    }
}

/// How long a command of a motion output may stand, and its safe action for each cause.
///
/// In a configuration file all of it may be left out:
///
/// ```toml
/// longest_lease_ms = 500    # 1 to 1000
/// lease_end = "brake"       # or "coast"
/// disarm = "brake"
/// estop = "brake"
/// death = "brake"
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
}

impl Default for Written {
    fn default() -> Self {
        Self {
            longest_lease_ms: USUAL_LEASE.as_millis() as u64,
            lease_end: SafeAction::Brake,
            disarm: SafeAction::Brake,
            estop: SafeAction::Brake,
            death: SafeAction::Brake,
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
        if (1..=longest).contains(&written.longest_lease_ms) {
            Ok(Self { written })
        } else {
            Err(LeaseError {
                asked_ms: written.longest_lease_ms,
            })
        }
    }
}

impl From<MotionSafety> for Written {
    fn from(safety: MotionSafety) -> Written {
        safety.written
    }
}

/// A longest lease that no motion output may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a command of a motion output stands for 1 to 1000 ms, not for {asked_ms} ms; without a newer one the output must become safe"
)]
pub struct LeaseError {
    asked_ms: u64,
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
    fn each_cause_is_told_in_words() {
        let causes = [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death];
        let words = causes.map(|cause| cause.to_string());
        assert_eq!(words, ["lease end", "disarm", "e-stop", "death"]);
    }
}
