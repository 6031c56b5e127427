//! `wiring`: says what is wired where.

use super::{WRONG, show, tell};
use crate::arguments::{WiringArguments, WiringFormat};
use crate::check::{Files, check};
use crate::config::RobotConfig;
use crate::robot::Robot;
use crate::wiring::Wiring;

/// What is wrong is told and does not keep the wiring from being shown: a picture helps to see it.
pub(super) fn run<C: RobotConfig>(robot: Robot<C>, arguments: &WiringArguments) -> Result<(), u8> {
    let checked = check(robot, Files::config(arguments.config.as_deref()));
    tell(&checked.findings);
    if checked.graph.is_none() {
        return Err(WRONG);
    }
    let wiring = Wiring::new(robot.name, checked.claims);
    let drawing = match arguments.format {
        WiringFormat::Text => wiring.to_text(),
        WiringFormat::Svg => wiring.to_svg(),
    };
    show(&drawing, arguments.output.as_deref())?;
    if checked.findings.is_empty() {
        Ok(())
    } else {
        Err(WRONG)
    }
}
