//! `graph`: draws the nervous system.

use super::{WRONG, show, tell};
use crate::arguments::{Format, GraphArguments};
use crate::check::{Files, check};
use crate::config::RobotConfig;
use crate::diagram::Diagram;
use crate::robot::Robot;

/// What is wrong is told and does not keep a graph that can be wired from being drawn: a picture helps to see it.
pub(super) fn run<C: RobotConfig>(robot: Robot<C>, arguments: &GraphArguments) -> Result<(), u8> {
    let checked = check(robot, Files::config(arguments.config.as_deref()));
    tell(&checked.findings);
    let Some(graph) = checked.graph else {
        return Err(WRONG);
    };
    let diagram = Diagram::of(&graph);
    let drawing = match arguments.chosen() {
        Format::Text => diagram.to_text(),
        Format::Mermaid => diagram.to_mermaid(),
        Format::Svg => diagram.to_svg(),
    };
    show(&drawing, arguments.output.as_deref())?;
    if checked.findings.is_empty() {
        Ok(())
    } else {
        Err(WRONG)
    }
}
