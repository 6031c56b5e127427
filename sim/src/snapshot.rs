//! A simulated body at one moment.

use crate::world::{Point, World};
use sinew_messages::{Meters, Pose, Timestamp, Twist};
use std::sync::Arc;

/// What a sonar saw last.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What the body calls the sonar.
    pub sonar: String,
    /// Where it looks from, in the world's frame.
    pub from: Pose,
    /// To the nearest thing in its beam; `None`: nothing within its reach, or nobody asked yet.
    pub distance: Option<Meters>,
}

/// A simulated body at one moment, as it really is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The moment.
    pub at: Timestamp,
    /// What surrounds the body.
    pub world: Arc<World>,
    /// The radius of the body.
    pub hull: Meters,
    /// In the world's frame.
    pub pose: Pose,
    /// In the body's frame.
    pub twist: Twist,
    /// Where the body was, the oldest place first.
    pub path: Vec<Point>,
    /// What each sonar saw last.
    pub seen: Vec<Seen>,
    /// Whether motion outputs follow commands.
    pub is_armed: bool,
    /// Whether something is touched now.
    pub is_touching: bool,
    /// Driven so far.
    pub distance: Meters,
    /// The visited part of the free half-meter cells, 0 to 1.
    pub coverage: f64,
    /// The smallest gap between the hull and a thing so far; infinite for a body that does not move.
    pub closest_approach: Meters,
    /// Contacts so far.
    pub collisions: u64,
    /// Faults injected so far.
    pub faults_injected: u64,
}
