//! What the control socket may do with the running robot.

use crate::ctl::Controls;
use crate::ctl::protocol::{MotionReport, NodeReport, StatusReport};
use sinew_board::{Board, MotionInfo};
use sinew_runtime::{NodeState, NodeStatus, SystemHandle};
use sinew_safety::{Arming, Refusal};

/// A running robot, as other threads may touch it.
#[derive(Debug)]
pub(crate) struct RobotControls {
    robot: &'static str,
    board: Board,
    arming: Arming,
    handle: SystemHandle,
    real: Vec<String>,
}

impl RobotControls {
    /// The controls of a robot on `board`; `real` says what is real on a simulated board.
    pub(crate) fn new(
        robot: &'static str,
        board: &Board,
        handle: SystemHandle,
        real: Vec<String>,
    ) -> RobotControls {
        let arming = Arming::new(board);
        let watched = handle.clone();
        arming.check(move || idle_node(&watched));
        RobotControls {
            robot,
            board: board.clone(),
            arming,
            handle,
            real,
        }
    }
}

#[cfg(unix)]
impl RobotControls {
    /// Whether nothing real is behind it.
    pub(crate) fn is_all_simulated(&self) -> bool {
        self.board.is_simulated() && self.real.is_empty()
    }
}

/// The first node that does not run: nobody looks there, or nobody drives.
fn idle_node(handle: &SystemHandle) -> Option<Refusal> {
    let node = handle
        .status()
        .nodes
        .into_iter()
        .find(|node| node.state != NodeState::Running)?;
    let failure = node.last_failure.map_or(String::new(), |why| {
        format!(", it last failed because: {why}")
    });
    Some(Refusal::Other {
        check: format!("node {:?}", node.name),
        why: format!(
            "it is {}{failure}; arm again when it runs",
            node.state.word()
        ),
    })
}

impl Controls for RobotControls {
    fn status(&self) -> StatusReport {
        let status = self.handle.status();
        let now = self.board.now();
        let lease = |output: &MotionInfo| output.valid_until.since(now).as_secs_f64();
        let motion = |output: MotionInfo| MotionReport {
            duty: output.duty.ratio(),
            lease_s: lease(&output),
            last_safe: output.last_safe.map(|cause| cause.to_string()),
            part: output.part,
        };
        StatusReport {
            robot: self.robot.to_owned(),
            simulated: self.board.is_simulated() && self.real.is_empty(),
            real: self.real.clone(),
            armed: self.board.safety().is_armed(),
            estopped: self.board.safety().is_estopped(),
            seconds: status.now.nanos() as f64 * 1e-9,
            nodes: status.nodes.into_iter().map(node).collect(),
            motion: self.board.motion().into_iter().map(motion).collect(),
        }
    }

    fn arm(&self) -> Result<(), Vec<String>> {
        self.arming
            .arm()
            .map_err(|refusals| refusals.iter().map(ToString::to_string).collect())
    }

    fn disarm(&self) {
        self.arming.disarm();
    }

    fn estop(&self) {
        self.arming.estop();
    }

    fn reset(&self) {
        self.arming.reset();
    }
}

fn node(status: NodeStatus) -> NodeReport {
    NodeReport {
        state: status.state.word().to_owned(),
        restarts: status.restarts,
        last_failure: status.last_failure,
        handled: status.handled,
        name: status.name,
    }
}
