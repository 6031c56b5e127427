//! `run`: the robot, if nothing is wrong with it.

use super::{WRONG, count, tell};
use crate::arguments::RunArguments;
use crate::check::{Files, check};
use crate::config::{Backend, RobotConfig};
use crate::out;
use crate::robot::Robot;
use crate::session;
use crate::stop::Stop;

pub(super) fn run<C: RobotConfig>(robot: Robot<C>, arguments: &RunArguments) -> Result<(), u8> {
    let files = Files {
        config: arguments.config.as_deref(),
        world: arguments.world.as_deref(),
        calibration: arguments.calibration.as_deref(),
        makes_calibration: true,
        board: arguments.board,
    };
    let checked = check(robot, files);
    if !checked.findings.is_empty() {
        tell(&checked.findings);
        let number = count(checked.findings.len(), "finding");
        out::error(&format!(
            "{} did not run: {number} above; `{} check` looks again",
            robot.name, robot.name
        ));
        return Err(WRONG);
    }
    if let (Some(file), None) = (&arguments.calibration, &checked.loaded.calibration) {
        out::note(&format!(
            "note: {} does not exist yet, nothing is calibrated; `{} set --save` makes it",
            file.display(),
            robot.name
        ));
    }
    let stop = Stop::listen().map_err(|error| {
        out::error(&format!(
            "cannot listen for Ctrl-C and SIGTERM, without which nothing runs: {error}"
        ));
        WRONG
    })?;
    let done = match arguments.board.unwrap_or(checked.loaded.board.backend) {
        Backend::Mock => session::run_simulated(robot, arguments, checked, &stop),
        real => session::run_real(robot, real, arguments, checked, &stop),
    };
    done.map_err(|error| {
        out::error(&error.to_string());
        WRONG
    })
}
