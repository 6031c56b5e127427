//! `test-devices`: opens each device, and says what is wrong with it.

use super::{WRONG, count, tell};
use crate::arguments::TestArguments;
use crate::check::{Files, check};
use crate::config::{Backend, RobotConfig};
use crate::device_report::DeviceReport;
use crate::guard::Wishes;
use crate::out;
use crate::robot::Robot;
use crate::session::try_devices;
use crate::stop::Stop;
use std::time::Duration;

pub(super) fn run<C: RobotConfig>(robot: Robot<C>, arguments: &TestArguments) -> Result<(), u8> {
    let failed = |error: &str| {
        out::error(error);
        WRONG
    };
    let checked = check(
        robot,
        Files {
            board: arguments.board,
            ..Files::config(arguments.config.as_deref())
        },
    );
    if !checked.findings.is_empty() {
        tell(&checked.findings);
        let number = count(checked.findings.len(), "finding");
        let again = format!(
            "no device was opened: {number} above; `{} check` looks again",
            robot.name
        );
        return Err(failed(&again));
    }
    let stop = Stop::listen().map_err(|error| {
        failed(&format!(
            "cannot listen for Ctrl-C and SIGTERM, without which nothing runs: {error}"
        ))
    })?;
    let backend = arguments.board.unwrap_or(checked.loaded.board.backend);
    let origin = checked.loaded.origin.to_string();
    let time = Duration::from_secs_f64(arguments.seconds);
    if backend != Backend::Mock {
        out::note(&format!(
            "{}: opening the devices of the board `{backend}`, disarmed, for {} s",
            robot.name, arguments.seconds
        ));
    }
    let wishes = Wishes::of_test(arguments);
    let tried = try_devices(robot, backend, wishes, time, checked, &stop);
    let tried = tried.map_err(|error| failed(&error.to_string()))?;
    let report = DeviceReport::of(robot.name, backend, &origin, time, &tried);
    if arguments.json {
        out::result(&report.to_json());
    } else {
        out::result(&report.to_text());
    }
    if let Some(path) = &arguments.report {
        std::fs::write(path, report.to_markdown()).map_err(|error| {
            failed(&format!(
                "cannot write {}: {error}; give --report a path that can be written",
                path.display()
            ))
        })?;
    }
    if report.is_ok() { Ok(()) } else { Err(WRONG) }
}
