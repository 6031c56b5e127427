//! What the control socket tells of a motion output: why it has its value, and what the guardian did last.

use super::protocol::ParameterReport;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Why a motion output has its value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExplainReport {
    /// The part, such as `left H-bridge`.
    pub part: String,
    /// Whether it moves something, and is not simulated.
    pub real: bool,
    /// Whether it may move: `armed`, `disarmed`, `e-stopped`.
    pub state: String,
    /// How hard it is driven, -1 to 1.
    pub duty: f64,
    /// Seconds until its command expires; 0 if none stands.
    pub lease_s: f64,
    /// No command stands longer than that, in seconds.
    pub longest_lease_s: f64,
    /// What it does for each cause: `lease end: brake`.
    pub safe_actions: Vec<String>,
    /// Why it last took its safe action, if it ever did.
    pub last_safe: Option<String>,
    /// Why it could not be written.
    pub trouble: Option<String>,
    /// The node that drives it.
    pub owner: Option<String>,
    /// Where that node's commands come from.
    pub commands: Vec<CommandReport>,
    /// What limits that node, and may be changed.
    pub limits: Vec<ParameterReport>,
    /// What speaks against arming now.
    pub refusals: Vec<String>,
}

/// A source of commands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandReport {
    /// The node that they come from.
    pub from: String,
    /// What they are.
    pub message: String,
    /// How many it gave.
    pub published: u64,
    /// How many were taken up.
    pub taken: u64,
    /// How many outlived their lease before.
    pub expired: u64,
    /// How old the last one was when it was taken up, in seconds.
    pub last_age_s: Option<f64>,
}

impl ExplainReport {
    /// The explanation for a person.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let hardware = if self.real { "real" } else { "simulated" };
        let _ = write!(text, "{} ({hardware}, {}): ", self.part, self.state);
        if self.lease_s > 0.0 {
            let _ = write!(
                text,
                "duty {:+.2}, until {:.3} s from now if no newer command comes",
                self.duty, self.lease_s
            );
        } else {
            text.push_str("at rest, no command stands");
        }
        if let Some(cause) = &self.last_safe {
            let _ = write!(text, "; last made safe by {cause}");
        }
        if let Some(trouble) = &self.trouble {
            let _ = write!(text, "\n  it could not be written: {trouble}");
        }
        let _ = write!(
            text,
            "\n  a command stands for {:.3} s at most; {}",
            self.longest_lease_s,
            self.safe_actions.join(", ")
        );
        match &self.owner {
            Some(owner) => {
                let _ = write!(text, "\n  driven by node {owner:?}");
            }
            None => text.push_str("\n  no node drives it"),
        }
        for command in &self.commands {
            let CommandReport {
                from,
                message,
                published,
                taken,
                expired,
                last_age_s,
            } = command;
            let _ = write!(
                text,
                "\n  which follows {from:?}: {message}, {published} given, {taken} taken up, {expired} too old"
            );
            if let Some(age) = last_age_s {
                let _ = write!(text, ", the last {:.1} ms after it was given", age * 1e3);
            }
        }
        for limit in &self.limits {
            let ParameterReport {
                name,
                value,
                low,
                high,
                ..
            } = limit;
            let _ = write!(text, "\n  limit {name} = {value} ({low} to {high})");
        }
        for refusal in &self.refusals {
            let _ = write!(text, "\n  against arming: {refusal}");
        }
        text
    }
}

/// What the guardian did last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LastStopReport {
    /// In a word: `death`, `hang`, `e-stop`.
    pub why: String,
    /// In a sentence.
    pub what: String,
    /// When, in seconds since 1970 (UTC).
    pub unix_s: i64,
    /// The robot's process; 0 if there was none.
    pub robot_pid: i32,
    /// The epoch that began with it.
    pub epoch: u64,
    /// From the moment at which the guardian saw it to the last safe write, in microseconds.
    pub took_us: u64,
    /// Whether every line of every output took its safe value.
    pub all_safe: bool,
}

impl LastStopReport {
    /// The last stop that the guardian of the robot of this name wrote down, if it ever acted.
    ///
    /// # Errors
    ///
    /// If what it wrote cannot be read.
    pub fn read(robot: &str) -> std::io::Result<Option<Self>> {
        let Some(folder) = crate::config::calibration::state_of(robot) else {
            return Ok(None);
        };
        match std::fs::read_to_string(folder.join("last-stop")) {
            Ok(text) if text.trim().is_empty() => Ok(None),
            Ok(text) => serde_json::from_str(&text).map(Some).map_err(Into::into),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The stop for a person.
    pub fn to_text(&self) -> String {
        let safe = if self.all_safe {
            "every line took its safe value"
        } else {
            "NOT EVERY LINE TOOK ITS SAFE VALUE"
        };
        format!(
            "{}: {}; {safe} within {} us of the guardian's seeing it (unix time {}, process {}, epoch {})",
            self.why, self.what, self.took_us, self.unix_s, self.robot_pid, self.epoch
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_names_command_lease_limits_and_what_speaks_against_arming() {
        let report = ExplainReport {
            part: "left H-bridge".to_owned(),
            state: "armed".to_owned(),
            duty: 0.5,
            lease_s: 0.2,
            longest_lease_s: 0.5,
            safe_actions: vec!["lease end: brake".to_owned()],
            owner: Some("drive".to_owned()),
            commands: vec![CommandReport {
                from: "reflex".to_owned(),
                message: "Twist".to_owned(),
                published: 7,
                taken: 6,
                expired: 1,
                last_age_s: Some(0.001),
            }],
            limits: vec![ParameterReport {
                name: "drive.max_speed_m_s".to_owned(),
                value: 0.6,
                ..ParameterReport::default()
            }],
            refusals: vec!["the e-stop is latched".to_owned()],
            ..ExplainReport::default()
        };
        let text = report.to_text();
        for part in [
            "left H-bridge (simulated, armed): duty +0.50, until 0.200 s",
            "lease end: brake",
            "driven by node \"drive\"",
            "follows \"reflex\": Twist, 7 given, 6 taken up, 1 too old, the last 1.0 ms",
            "limit drive.max_speed_m_s = 0.6",
            "against arming: the e-stop is latched",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_stop_that_was_not_whole_is_shouted() {
        let stop = LastStopReport::default();
        assert!(stop.to_text().contains("NOT EVERY LINE"));
    }
}
