//! What a test does to a robot.

use sinew_messages::Timestamp;
use std::fmt;
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// A fitted part loses its power and all its wires.
    Unplug(String),
    /// A fitted part hangs: it keeps answering what it answered last.
    Freeze(String),
    /// An actor panics before its next message.
    Panic(String),
}

/// Something that goes wrong at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The moment.
    pub at: Timestamp,
    /// What goes wrong.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault so long after the start.
    #[must_use]
    pub fn at(after: Duration, kind: FaultKind) -> Self {
        Self {
            at: Timestamp::ZERO + after,
            kind,
        }
    }
}

/// Takes all wires from a fitted part.
#[must_use]
pub fn unplug(part: &str) -> FaultKind {
    FaultKind::Unplug(part.to_owned())
}

/// Makes a fitted part repeat its last answer.
#[must_use]
pub fn freeze(part: &str) -> FaultKind {
    FaultKind::Freeze(part.to_owned())
}

/// Makes the actor of a node panic.
#[must_use]
pub fn panic(node: &str) -> FaultKind {
    FaultKind::Panic(node.to_owned())
}

/// `sonar unplugged`
impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unplug(part) => write!(f, "{part} unplugged"),
            Self::Freeze(part) => write!(f, "{part} frozen"),
            Self::Panic(node) => write!(f, "{node} panics"),
        }
    }
}
