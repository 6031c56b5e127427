//! A reason against arming.

/// A reason against arming, with its remedy in its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The e-stop is latched.
    #[error("the e-stop is latched; reset it when the cause is gone")]
    EStop,
    /// A node does not run, so that nobody looks or nobody drives.
    #[error("node {node:?} does not run (it is {state}{}); wait for its restart, or see why it failed", failure(.last_failure))]
    NotRunning {
        /// The node.
        node: String,
        /// What it does instead.
        state: &'static str,
        /// Why it last failed.
        last_failure: Option<String>,
    },
    /// A motion output could not be written or made safe.
    #[error("motion output {part:?} is in trouble: {why}; repair it and start its node again")]
    Trouble {
        /// The output.
        part: String,
        /// What happened.
        why: String,
    },
    /// A real motion output, and nobody who makes it safe when this program dies.
    #[error(
        "motion output {part:?} is real and no guardian protects it; the guardian comes with a later release"
    )]
    NoGuardian {
        /// The output.
        part: String,
    },
    /// A real motion output in a robot with simulated inputs: it would drive by what it does not see.
    #[error(
        "motion output {part:?} is real while {input:?} is simulated; make both real, or both simulated"
    )]
    SimulatedInput {
        /// The output.
        part: String,
        /// A simulated part; there may be more.
        input: String,
    },
}

fn failure(last: &Option<String>) -> String {
    last.as_ref()
        .map_or(String::new(), |why| format!(", its last failure: {why}"))
}
