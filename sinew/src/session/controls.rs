//! What the control socket may do with the running robot.

use super::explain;
use crate::config::{RobotConfig, calibration};
use crate::ctl::Controls;
use crate::ctl::protocol::{
    ExplainReport, LastStopReport, MotionReport, NodeReport, ParameterReport, StatusReport,
};
use crate::teleop::{self, Drive, HandBack};
use sinew_board::{Board, MotionInfo};
use sinew_messages::{MetersPerSecond, RadiansPerSecond, Twist};
use sinew_runtime::{NodeState, NodeStatus, SystemHandle};
use sinew_safety::{Arming, Refusal};
use std::path::PathBuf;
use std::time::Duration;

/// How long a command from the socket stands: a client says each many times before.
const DRIVE_LEASE: Duration = Duration::from_millis(300);

/// A running robot, as other threads may touch it.
pub(crate) struct RobotControls {
    robot: &'static str,
    board: Board,
    arming: Arming,
    handle: SystemHandle,
    real: Vec<String>,
    keep: Keep,
}

/// Keeps a parameter in the robot's calibration: where it is kept now, or why it is not.
pub(crate) type Keep = Box<dyn Fn(&str, f64) -> Result<String, String> + Send + Sync>;

/// Keeps parameters in this file; where there is none, says what to do.
pub(super) fn keep_in<C: RobotConfig>(file: Option<PathBuf>) -> Keep {
    Box::new(move |name, value| match &file {
        Some(file) => {
            calibration::keep::<C>(file, name, value).map(|()| file.display().to_string())
        }
        None => Err(format!(
            "{name} is changed and not kept: this run has no calibration, a simulation has none unless it is named; run it \
             with --calibration FILE"
        )),
    })
}

impl RobotControls {
    /// The controls of a robot on `board`; `real` says what is real on a simulated board.
    pub(crate) fn new(
        robot: &'static str,
        board: &Board,
        arming: Arming,
        handle: SystemHandle,
        real: Vec<String>,
        keep: Keep,
    ) -> RobotControls {
        let watched = handle.clone();
        arming.check(move || idle_node(&watched));
        arming.listen(handle.clone());
        RobotControls {
            robot,
            board: board.clone(),
            arming,
            handle,
            real,
            keep,
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

    fn reset(&self) -> Result<(), String> {
        self.arming.reset().map_err(|refusal| refusal.to_string())
    }

    fn drive(&self, x: f64, yaw: f64) -> Result<(), String> {
        let twist = Twist::new(MetersPerSecond(x), RadiansPerSecond(yaw));
        let lease = DRIVE_LEASE;
        teleop::tell(&self.handle, Drive { twist, lease })
    }

    fn hand_back(&self) -> Result<(), String> {
        teleop::tell(&self.handle, HandBack)
    }

    fn explain(&self, output: Option<&str>) -> Result<ExplainReport, String> {
        explain::explain(&self.board, &self.arming, &self.handle, output)
    }

    fn last_stop(&self) -> Result<Option<LastStopReport>, String> {
        LastStopReport::read(self.robot)
            .map_err(|error| format!("what the guardian wrote cannot be read: {error}"))
    }

    fn parameters(&self) -> Vec<ParameterReport> {
        let parameters = self.handle.parameters().into_iter();
        parameters.map(explain::parameter).collect()
    }

    fn set_parameter(&self, name: &str, value: f64, save: bool) -> Result<Option<String>, String> {
        self.handle
            .set_parameter(name, value)
            .map_err(|error| error.to_string())?;
        save.then(|| (self.keep)(name, value)).transpose()
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
