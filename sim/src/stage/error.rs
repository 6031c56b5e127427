//! Why a simulation cannot begin.

use sinew_board::ClaimInfo;
use sinew_messages::Meters;
use sinew_runtime::WiringError;

/// Why a simulation cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// The robot's graph could not be built.
    #[error("the graph cannot be wired: {0}")]
    Wiring(WiringError),
    /// Something claims what nothing is fitted to.
    #[error(
        "{:?}{} claims {}, but the body fits nothing there: fit the part, or take the device out of the graph",
        .0.part, owner(.0), .0.what
    )]
    NotFitted(Box<ClaimInfo>),
    /// The body stands in something.
    #[error(
        "the body does not fit at the start of world {world:?}: its hull of {radius} radius reaches {depth:.2} into \
         something; move [start], or what stands there"
    )]
    NoRoom {
        /// The world's name.
        world: String,
        /// Of the hull.
        radius: Meters,
        /// How far it overlaps.
        depth: Meters,
    },
    /// A fault or a press names nothing that there is.
    #[error("{what} {name:?} cannot be: there is no such {kind}; there are {known}")]
    Unknown {
        /// What was to happen.
        what: String,
        /// The name.
        name: String,
        /// What it was to be.
        kind: &'static str,
        /// What there is.
        known: String,
    },
    /// The motion outputs may not be armed.
    #[error("the robot cannot be armed: {0}")]
    NotArmed(String),
}

fn owner(claim: &ClaimInfo) -> String {
    match &claim.owner {
        Some(node) => format!(" of node {node:?}"),
        None => String::new(),
    }
}
