//! `jog`: drives one motion output by a held key.

use super::{WRONG, count, tell};
use crate::arguments::JogArguments;
use crate::check::{Files, check};
use crate::config::RobotConfig;
use crate::guard::Wishes;
use crate::keyboard::Keyboard;
use crate::out;
use crate::robot::Robot;
use crate::session::jog;
use crate::stop::Stop;

pub(super) fn run<C: RobotConfig>(robot: Robot<C>, arguments: &JogArguments) -> Result<(), u8> {
    let failed = |error: &str| {
        out::error(error);
        WRONG
    };
    if !Keyboard::is_possible() {
        return Err(failed(
            "jog reads the keyboard of a terminal, and this is none",
        ));
    }
    let files = Files {
        board: arguments.board,
        ..Files::config(arguments.config.as_deref())
    };
    let checked = check(robot, files);
    if !checked.findings.is_empty() {
        tell(&checked.findings);
        let number = count(checked.findings.len(), "finding");
        let again = format!(
            "nothing was driven: {number} above; `{} check` looks again",
            robot.name
        );
        return Err(failed(&again));
    }
    let stop = Stop::listen().map_err(|error| {
        failed(&format!(
            "cannot listen for Ctrl-C and SIGTERM, without which nothing moves: {error}"
        ))
    })?;
    let backend = arguments.board.unwrap_or(checked.loaded.board.backend);
    let wishes = Wishes::of_jog(arguments);
    let output = arguments.output.as_deref();
    jog(robot, backend, wishes, output, checked, &stop).map_err(|error| failed(&error.to_string()))
}
