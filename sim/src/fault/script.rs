//! Faults in a file: what goes wrong in a run, to be told, kept and played again.

use super::{Fault, FaultKind};
use serde::{Deserialize, Serialize};
use sinew_messages::{MetersPerSecond, Timestamp};
use std::time::Duration;

/// More faults than this are no script but a mistake.
const MOST_FAULTS: usize = 1_000;
/// No moment of a script is later, in seconds: a day.
const LATEST_S: f64 = 86_400.0;

/// What goes wrong in a run.
///
/// As a file:
///
/// ```toml
/// [[fault]]
/// at_s = 5.0
/// kind = "unplug"
/// part = "sonar"
///
/// [[fault]]
/// at_s = 8.0
/// when_faster_m_s = 0.2     # once it drives as fast as that
/// lasts_s = 1.5             # mended then
/// kind = "hang"
/// node = "pilot"
/// ```
///
/// The kinds and what each is told are those of [`FaultKind`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// In the order in which they were written.
    pub faults: Vec<Fault>,
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptError(String);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    fault: Vec<toml::Table>,
}

#[derive(Serialize, Deserialize)]
struct When {
    #[serde(default)]
    at_s: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when_faster_m_s: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lasts_s: Option<f64>,
}

impl Script {
    /// The script in this text.
    ///
    /// # Errors
    ///
    /// [`ScriptError`] naming the place, or the fault by its number, and what is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, ScriptError> {
        let written: Written =
            toml::from_str(text).map_err(|error| ScriptError(error.to_string()))?;
        if written.fault.len() > MOST_FAULTS {
            let count = written.fault.len();
            let text = format!("{count} faults are too many: at most {MOST_FAULTS}");
            return Err(ScriptError(text));
        }
        let faults = written.fault.into_iter().enumerate();
        let faults = faults.map(|(number, table)| {
            fault(table).map_err(|why| ScriptError(format!("fault {}: {why}", number + 1)))
        });
        Ok(Self {
            faults: faults.collect::<Result<_, _>>()?,
        })
    }

    /// The script as a file, which plays the same again.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for fault in &self.faults {
            text.push_str("[[fault]]\n");
            let when = When {
                at_s: fault.at.seconds(),
                when_faster_m_s: fault.when_faster.map(|speed| speed.0),
                lasts_s: fault.lasts.map(|time| time.as_secs_f64()),
            };
            // Numbers and names always have a TOML form.
            text.push_str(&toml::to_string(&when).unwrap_or_default());
            text.push_str(&toml::to_string(&fault.kind).unwrap_or_default());
            text.push('\n');
        }
        text
    }

    /// The shortest script of this one's faults that still `fails`: each is left out for good if it fails without it.
    #[must_use]
    pub fn shrunk(&self, mut fails: impl FnMut(&Self) -> bool) -> Self {
        let mut shortest = self.clone();
        let mut at = 0;
        while at < shortest.faults.len() {
            let mut shorter = shortest.clone();
            shorter.faults.remove(at);
            if fails(&shorter) {
                shortest = shorter;
            } else {
                at += 1;
            }
        }
        shortest
    }

    /// When the last of its faults is mended, if each is.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        let end = |fault: &Fault| fault.at + fault.lasts.unwrap_or_default();
        self.faults.iter().map(end).max().unwrap_or_default()
    }
}

fn fault(mut table: toml::Table) -> Result<Fault, String> {
    let mut own = toml::Table::new();
    for key in ["at_s", "when_faster_m_s", "lasts_s"] {
        if let Some(value) = table.remove(key) {
            // Whole numbers are numbers too.
            let value = match value {
                toml::Value::Integer(whole) => toml::Value::Float(whole as f64),
                other => other,
            };
            own.insert(key.to_owned(), value);
        }
    }
    let when: When = own.try_into().map_err(text)?;
    let kind: FaultKind = table.try_into().map_err(text)?;
    kind.check()?;
    let moment = |what: &str, seconds: f64| {
        if (0.0..=LATEST_S).contains(&seconds) {
            Ok(Duration::from_secs_f64(seconds))
        } else {
            Err(format!("{what} = {seconds}: 0 to {LATEST_S} s"))
        }
    };
    let speed = match when.when_faster_m_s {
        Some(speed) if !(speed.is_finite() && speed >= 0.0) => {
            return Err(format!("when_faster_m_s = {speed}: 0 or more"));
        }
        speed => speed.map(MetersPerSecond),
    };
    let lasts = when
        .lasts_s
        .map(|time| moment("lasts_s", time))
        .transpose()?;
    Ok(Fault {
        at: Timestamp::ZERO + moment("at_s", when.at_s)?,
        when_faster: speed,
        lasts,
        kind,
    })
}

fn text(error: toml::de::Error) -> String {
    error.message().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{panic, unplug};

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_script_is_what_is_read_back_from_its_file() {
        let part = || "sonar".to_owned();
        let kinds = [
            unplug("sonar"),
            panic("pilot"),
            FaultKind::BrownOut { part: None },
            FaultKind::StuckBus { bus: 1 },
            FaultKind::BadLine {
                part: part(),
                lost: 3,
                damaged: 5,
            },
            FaultKind::Spike {
                part: part(),
                by: -0.5,
                often: 20,
            },
            FaultKind::LostEdge {
                from: "a".to_owned(),
                to: "b".to_owned(),
                often: 10,
            },
            FaultKind::GuardianDead,
        ];
        let faults = kinds.into_iter().map(|kind| {
            Fault::at(secs(5), kind)
                .lasting(secs(2))
                .when_faster(MetersPerSecond(0.2))
        });
        let script = Script {
            faults: faults.collect(),
        };
        assert_eq!(Script::from_toml(&script.to_toml()), Ok(script));
    }

    #[test]
    fn what_is_wrong_with_a_script_is_said_with_its_place() {
        for (text, part) in [
            (
                "[[fault]]\nat_s = 5\nkind = \"melt\"\npart = \"a\"",
                "fault 1: unknown variant `melt`",
            ),
            ("[[fault]]\nkind = \"unplug\"", "missing field `part`"),
            (
                "[[fault]]\nkind = \"unplug\"\npart = \"a\"\nnode = \"b\"",
                "unknown field `node`",
            ),
            (
                "[[fault]]\nat_s = -1\nkind = \"guardian-dead\"",
                "at_s = -1: 0 to 86400 s",
            ),
            (
                "[[fault]]\nat_s = nan\nkind = \"guardian-dead\"",
                "at_s = NaN",
            ),
            (
                "[[fault]]\nlasts_s = \"long\"\nkind = \"guardian-dead\"",
                "fault 1: invalid type",
            ),
            (
                "[[fault]]\nwhen_faster_m_s = -2\nkind = \"guardian-dead\"",
                "when_faster_m_s = -2",
            ),
            (
                "[[fault]]\nkind = \"slip\"\npart = \"a\"\nshare = 2.0",
                "fault 1: share = 2: 0 to 1",
            ),
            (
                "[[fault]]\nkind = \"push\"\nby = nan",
                "fault 1: by = NaN: -1000000 to 1000000",
            ),
            (
                "[[fault]]\nkind = \"bad-line\"\npart = \"a\"\nlost = 600\ndamaged = 600",
                "lost + damaged = 1200: 0 to 1000",
            ),
            (
                "[[fault]]\nkind = \"lost-edge\"\nfrom = \"a\"\nto = \"b\"\noften = 1001",
                "often = 1001: 0 to 1000",
            ),
            ("[[fault]\n", "line 1"),
            ("[[faults]]\n", "unknown field `faults`"),
        ] {
            let error = Script::from_toml(text).expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_script_shrinks_to_what_fails() {
        let script = Script {
            faults: ["a", "b", "c", "d"]
                .map(|part| Fault::at(secs(1), unplug(part)))
                .to_vec(),
        };
        let needs = |script: &Script, part: &str| {
            let faults = script.faults.iter();
            faults.clone().any(|fault| fault.kind == unplug(part))
        };
        let shrunk = script.shrunk(|script| needs(script, "b") && needs(script, "d"));
        assert_eq!(
            shrunk.faults,
            [script.faults[1].clone(), script.faults[3].clone()]
        );
    }
}
