//! What is told of a motion output.

use crate::{Cause, Duty, Timestamp};
use serde::Serialize;

/// What a motion output does now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MotionInfo {
    /// The part, such as `left motor`.
    pub part: String,
    /// The node that drives it, once the graph has named it.
    pub owner: Option<String>,
    /// Whether it moves something, and is not simulated.
    pub is_real: bool,
    /// How hard it is driven; zero while it rests.
    pub duty: Duty,
    /// When its newest command expires; [`Timestamp::ZERO`] while no command stands.
    pub valid_until: Timestamp,
    /// When its newest command ended, by its lease or by a stop; [`Timestamp::ZERO`] before the first.
    pub ended_at: Timestamp,
    /// Why it took its last safe action, if it took any.
    pub last_safe: Option<Cause>,
    /// Why it could not be written or made safe, until it is opened again.
    pub trouble: Option<String>,
    /// Whether it is on its way to rest, by a safe action that ramps.
    pub ramps: bool,
}
