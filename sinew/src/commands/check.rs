//! `check`: everything that is wrong, without running.

use super::{WRONG, count, tell};
use crate::arguments::CheckArguments;
use crate::check::{Checked, Files, check};
use crate::config::RobotConfig;
use crate::out;
use crate::robot::Robot;
use serde_json::json;

pub(super) fn run<C: RobotConfig>(robot: Robot<C>, arguments: &CheckArguments) -> Result<(), u8> {
    let files = Files {
        config: arguments.config.as_deref(),
        world: arguments.world.as_deref(),
        calibration: arguments.calibration.as_deref(),
        ..Files::default()
    };
    let checked = check(robot, files);
    let ok = checked.findings.is_empty();
    tell(&checked.findings);
    if arguments.json {
        let object = json!({
            "ok": ok,
            "robot": robot.name,
            "configuration": checked.loaded.origin.to_string(),
            "findings": checked.findings,
        });
        out::result(&object.to_string());
    } else {
        out::result(&summary(robot.name, &checked));
    }
    if ok { Ok(()) } else { Err(WRONG) }
}

fn summary<C>(name: &str, checked: &Checked<C>) -> String {
    let wrong = match checked.findings.len() {
        0 => "nothing wrong".to_owned(),
        number => count(number, "finding"),
    };
    let graph = checked.graph.as_ref().map_or(String::new(), |graph| {
        format!(
            ", {}, {}",
            count(graph.nodes().len(), "node"),
            count(graph.edges().len(), "edge")
        )
    });
    format!(
        "{name}: {wrong} (configuration: {}{graph})",
        checked.loaded.origin
    )
}
