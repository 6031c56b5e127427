//! What an operator sees.

use crate::Refusal;
use serde::Serialize;
use sinew_board::MotionInfo;
use std::fmt;

/// Whether a robot may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArmState {
    /// Motion outputs rest and follow no command.
    Disarmed,
    /// Motion outputs follow commands, each until its lease ends.
    Armed,
    /// As disarmed, until a person resets the e-stop.
    #[serde(rename = "e-stopped")]
    EStopped,
}

/// `disarmed`, `armed`, `e-stopped`.
impl fmt::Display for ArmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disarmed => "disarmed",
            Self::Armed => "armed",
            Self::EStopped => "e-stopped",
        })
    }
}

/// The arm state, and what stands behind it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmStatus {
    /// Whether the robot may move.
    pub state: ArmState,
    /// Counts every change of the state.
    pub epoch: u64,
    /// What stands against arming now; also while the robot is armed, where it disarms nothing.
    pub refusals: Vec<Refusal>,
    /// What each motion output does.
    pub outputs: Vec<MotionInfo>,
}
