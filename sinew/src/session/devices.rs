//! A short run, disarmed, in which each device is opened: what became of it.

use super::RunError;
use super::real;
use crate::board::with_real_parts;
use crate::check::Checked;
use crate::config::{Backend, RobotConfig};
use crate::guard::{Guarding, Wishes};
use crate::out;
use crate::pace::LOOK;
use crate::robot::Robot;
use crate::stop::Stop;
use sinew_board::{Board, ClaimInfo};
use sinew_runtime::{NodeStatus, Progress, SystemHandle, Time};
use sinew_sim::Stage;
use std::time::Duration;

/// What was seen of the devices.
#[derive(Debug)]
pub(crate) struct Tried {
    /// What they claimed, and what passed through it.
    pub(crate) claims: Vec<ClaimInfo>,
    /// The nodes that they belong to.
    pub(crate) nodes: Vec<NodeStatus>,
}

impl Tried {
    fn seen(board: &Board, handle: &SystemHandle) -> Self {
        Self {
            claims: board.claims(),
            nodes: handle.status().nodes,
        }
    }
}

/// Runs the robot for so long without arming it. A node that cannot open its device fails, says why, and is tried again;
/// the others go on.
pub(crate) fn try_devices<C: RobotConfig>(
    robot: Robot<C>,
    backend: Backend,
    wishes: Wishes,
    time: Duration,
    checked: Checked<C>,
    stop: &Stop,
) -> Result<Tried, RunError> {
    // Without a guardian the motors stay closed, and say so; the other devices are tried all the same.
    let guarded = Guarding::begin(robot, backend, wishes, &checked.loaded);
    let mut guarding = guarded.unwrap_or_else(|error| {
        out::note(&format!("note: {error}"));
        Guarding::default()
    });
    if backend != Backend::Mock {
        let (mut system, board) = real::system(robot, backend, &checked.loaded, &mut guarding)?;
        guarding.watch(&board)?;
        stop.protect(&board);
        // What ends it by itself is a node's failure, and stands there.
        real::drive(&mut system, &board, time, stop, |_| ());
        let tried = Tried::seen(&board, &system.handle());
        system.shut_down();
        return Ok(tried);
    }
    let loaded = checked.loaded;
    let mut stage = Stage::new(
        robot.graph,
        robot.body,
        &loaded.config,
        checked.world,
        1,
        |board| guarding.board(with_real_parts(board, &loaded.board)),
    )?;
    guarding.watch(stage.board())?;
    stop.protect(stage.board());
    stage.disarm();
    let end = Time::ZERO + time;
    // Beside a real port time is real: a wish to stop is seen meanwhile.
    while stage.now() < end && !stop.requested() {
        if let Progress::Ended(_) = stage.run_until(end.min(stage.now() + LOOK)) {
            break;
        }
    }
    let tried = Tried::seen(stage.board(), &stage.handle());
    drop(stage.finish());
    Ok(tried)
}
