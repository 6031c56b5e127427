//! Reasons against arming.

use serde::Serialize;
use sinew_messages::Volts;
use std::time::Duration;

/// One reason why a robot may not be armed. Its text says what to do.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Refusal {
    /// The e-stop is latched.
    #[serde(rename = "e-stop")]
    #[error("the e-stop is latched; clear the cause, then reset it (`ctl reset`)")]
    EStop,
    /// The robot was disarmed or stopped while the checks ran.
    #[error("the robot was disarmed or stopped while it was checked; arm again")]
    Overtaken,
    /// A program asked, where only a person may.
    #[error("the board {board:?} is real: only a person arms it (`ctl arm`)")]
    OnlyAPerson {
        /// The board.
        board: String,
    },
    /// Real motion outputs, and nothing that makes them safe when the program dies.
    #[error(
        "nothing makes {} safe when this program dies: there is no guardian in this release; use `--board mock`",
        outputs.join(", ")
    )]
    NoGuardian {
        /// The parts.
        outputs: Vec<String>,
    },
    /// Real motors would follow sensors that are not there.
    #[error(
        "{} would move for real on simulated inputs ({}); put these on the real board, or the motors on the mock",
        outputs.join(", "),
        inputs.join(", ")
    )]
    SimulatedInputs {
        /// The parts that move.
        outputs: Vec<String>,
        /// The parts that are simulated, each with what it claimed.
        inputs: Vec<String>,
    },
    /// A motion output that could not be written or made safe.
    #[error("{output:?} could not be written: {why}; its node must be started again")]
    Output {
        /// The part.
        output: String,
        /// What happened.
        why: String,
    },
    /// A device gives no answer.
    #[error("{device:?} does not answer; check its power and wiring")]
    NoAnswer {
        /// The node or part.
        device: String,
    },
    /// A device's last answer is too old to act on.
    #[error("{device:?} has said nothing for {} ms", silent_for.as_millis())]
    Stale {
        /// The node or part.
        device: String,
        /// Since its last answer.
        silent_for: Duration,
    },
    /// The battery is too low.
    #[error("the battery has {voltage} and needs {least}; charge it")]
    Battery {
        /// Now.
        voltage: Volts,
        /// At least.
        least: Volts,
    },
    /// Any other reason of a robot's own.
    #[error("{check}: {why}")]
    Other {
        /// Which check says so.
        check: String,
        /// Why, and what to do.
        why: String,
    },
}
