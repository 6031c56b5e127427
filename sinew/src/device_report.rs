//! What became of each device when it was opened.

mod machine;

use crate::config::Backend;
use crate::session::Tried;
use serde::Serialize;
use sinew_board::{ClaimInfo, Statistics};
use sinew_runtime::{NodeState, NodeStatus};
use std::fmt::Write as _;
use std::time::Duration;

/// What became of all devices.
#[derive(Debug, Serialize)]
pub(crate) struct DeviceReport {
    robot: String,
    board: String,
    configuration: String,
    seconds: f64,
    devices: Vec<Device>,
}

/// What became of one.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Device {
    /// The part: `sonar: HC-SR04 echo`.
    part: String,
    /// Where it is wired.
    at: Vec<String>,
    simulated: bool,
    /// What is wrong with it, and how to mend it.
    wrong: Option<String>,
    /// What passed through it.
    passed: String,
}

impl DeviceReport {
    /// What a short run on a board has shown.
    pub(crate) fn of(
        robot: &str,
        backend: Backend,
        configuration: &str,
        time: Duration,
        tried: &Tried,
    ) -> Self {
        let mut devices: Vec<Device> = Vec::new();
        for claim in &tried.claims {
            let part = name(claim);
            match devices.iter_mut().find(|device| device.part == part) {
                Some(device) => device.at.push(claim.what.to_string()),
                None => devices.push(Device {
                    part,
                    at: vec![claim.what.to_string()],
                    simulated: claim.simulated,
                    wrong: wrong(claim, &tried.nodes),
                    passed: passed(&claim.statistics),
                }),
            }
        }
        Self {
            robot: robot.to_owned(),
            board: backend.to_string(),
            configuration: configuration.to_owned(),
            seconds: time.as_secs_f64(),
            devices,
        }
    }

    /// Whether nothing is wrong with any.
    pub(crate) fn is_ok(&self) -> bool {
        self.wrong() == 0
    }

    fn wrong(&self) -> usize {
        let wrong = self.devices.iter().filter(|device| device.wrong.is_some());
        wrong.count()
    }

    /// One JSON object.
    pub(crate) fn to_json(&self) -> String {
        // A struct of numbers and texts always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A line for each device.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        let width = |what: fn(&Device) -> usize| self.devices.iter().map(what).max().unwrap_or(0);
        let part_width = width(|device| device.part.chars().count());
        let at_width = width(|device| device.at.join(", ").chars().count());
        for device in &self.devices {
            let (verdict, at) = (device.verdict(), device.at.join(", "));
            let part = &device.part;
            let passed = &device.passed;
            let line = format!("{verdict}  {part:part_width$}  {at:at_width$}  {passed}");
            let _ = writeln!(text, "{}", line.trim_end());
            if let Some(why) = &device.wrong {
                let _ = writeln!(text, "       {why}");
            }
        }
        let _ = write!(text, "{}", self.summary());
        text
    }

    fn summary(&self) -> String {
        let (all, wrong) = (self.devices.len(), self.wrong());
        let simulated = if self.devices.iter().all(|device| device.simulated) {
            ", all simulated"
        } else {
            ""
        };
        format!(
            "{}: {} ok, {wrong} wrong, of {all} devices on the board `{}`{simulated}, disarmed for {} s",
            self.robot,
            all - wrong,
            self.board,
            self.seconds
        )
    }

    /// The same for a person who shall help, with what can be seen of the machine.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!(
            "# Devices of {}\n\n{}.\nConfiguration: {}. Sinew {}.\n\n| | device | at | what passed |\n| --- | --- | --- | --- |\n",
            self.robot,
            self.summary(),
            self.configuration,
            env!("CARGO_PKG_VERSION"),
        );
        for device in &self.devices {
            let what = device.wrong.as_ref().unwrap_or(&device.passed);
            let cells = [device.verdict(), &device.part, &device.at.join(", "), what].map(cell);
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        let _ = write!(text, "\n## The machine\n\n{}", machine::describe());
        text
    }
}

impl Device {
    fn verdict(&self) -> &'static str {
        if self.wrong.is_some() {
            "WRONG"
        } else {
            "ok   "
        }
    }
}

/// A cell of a table in Markdown.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}

fn name(claim: &ClaimInfo) -> String {
    match &claim.owner {
        Some(owner) if owner == &claim.part => owner.clone(),
        Some(owner) => format!("{owner}: {}", claim.part),
        None => claim.part.clone(),
    }
}

/// What is wrong with the node that has this, and so with what it opens.
fn wrong(claim: &ClaimInfo, nodes: &[NodeStatus]) -> Option<String> {
    let Some(owner) = &claim.owner else {
        return Some("no node has it; give its builder to graph.add".to_owned());
    };
    let node = nodes.iter().find(|node| &node.name == owner)?;
    match (&node.last_failure, node.state) {
        (Some(why), _) => Some(why.clone()),
        (None, NodeState::Running | NodeState::Ended) => None,
        (None, state) => Some(format!("its node is still {}", state.word())),
    }
}

fn passed(statistics: &Statistics) -> String {
    let counts = [
        (statistics.edges, "edges"),
        (statistics.lost_edges, "edges lost"),
        (statistics.transactions, "transactions"),
        (statistics.bus_errors, "of them failed"),
        (statistics.bytes_read, "bytes read"),
        (statistics.bytes_written, "bytes written"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    counts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_board::{Bias, Board, Pin};
    use sinew_mock::Mock;

    /// A report on two inputs, of which one's node has failed.
    fn report() -> DeviceReport {
        let board = Board::new(Mock::new(0).backends());
        board
            .input("button", Pin::GPIO5, Bias::None)
            .unwrap()
            .owned_by("stop");
        board
            .input("echo", Pin::GPIO24, Bias::None)
            .unwrap()
            .owned_by("sonar");
        board.input("spare", Pin::GPIO25, Bias::None).unwrap();
        let mut devices = DeviceReport::of(
            "toy",
            Backend::Mock,
            "what the code says",
            Duration::from_secs(3),
            &Tried {
                claims: board.claims(),
                nodes: Vec::new(),
            },
        );
        devices.devices[1].wrong = Some("no answer | at all; mend it".to_owned());
        devices
    }

    #[test]
    fn each_device_has_a_line_and_what_is_wrong_stands_below_it() {
        let text = report().to_text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "ok     stop: button  GPIO5 (header pin 29)");
        assert_eq!(lines[1], "WRONG  sonar: echo   GPIO24 (header pin 18)");
        assert_eq!(lines[2], "       no answer | at all; mend it");
        assert!(lines[4].contains("graph.add"), "{text}");
        assert_eq!(
            lines[5],
            "toy: 1 ok, 2 wrong, of 3 devices on the board `mock`, all simulated, disarmed for 3 s"
        );
        assert!(!report().is_ok());
    }

    #[test]
    fn the_report_is_a_table_and_tells_of_the_machine() {
        let markdown = report().to_markdown();
        assert!(markdown.contains(
            "| WRONG | sonar: echo | GPIO24 (header pin 18) | no answer \\| at all; mend it |"
        ));
        assert!(markdown.contains("## The machine"));
        let json: serde_json::Value = serde_json::from_str(&report().to_json()).unwrap();
        assert_eq!(json["devices"][0]["wrong"], serde_json::Value::Null);
    }
}
