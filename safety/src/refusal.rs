//! Reasons against arming.

use serde::Serialize;
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
        "nothing makes {} safe when this program dies: no guardian holds them; `run` starts one, or finds the one that the \
         system started", outputs.join(", ")
    )]
    NoGuardian {
        /// The parts.
        outputs: Vec<String>,
    },
    /// The guardian cannot be relied on any more.
    #[error("the guardian is lost: {why}; start the robot again")]
    GuardianLost {
        /// How that showed.
        why: String,
    },
    /// The guardian could be kept from its turn.
    #[error(
        "the guardian may come too late: {}; run it as root, as its own systemd unit (LimitRTPRIO=95, LimitMEMLOCK=infinity, \
         OOMScoreAdjust=-1000), or accept that with --allow-unprivileged-guardian", lacks.join(", ")
    )]
    GuardianUnprivileged {
        /// What the system denied it.
        lacks: Vec<String>,
    },
    /// Motors that no software stops when their bus hangs, and nothing else that would.
    #[error(
        "nothing stops {} when the I2C bus hangs or its wire breaks: let a relay for the motor supply, or the board's output enable, follow          the guardian's heartbeat ([board.guardian] heartbeat = \"GPIO22\"), or accept that with --allow-uncovered-bus", outputs.join(", ")
    )]
    UncoveredBus {
        /// The parts.
        outputs: Vec<String>,
    },
    /// The e-stop's switch, or the guardian, keeps it latched.
    #[error(
        "the guardian keeps the e-stop latched: its switch is open or cut, its latch cannot be written, or it is gone"
    )]
    StillPressed,
    /// Real motors would follow sensors that are not there.
    #[error(
        "{} would move for real on simulated inputs ({}); put these on the real board, or the motors on the mock, or lift the \
         robot off the ground and say --allow-simulated-inputs",
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
    /// Nothing ever came from a node that the robot must hear.
    #[error(
        "nothing came from {device:?} yet, on which what moves depends; wait a moment, or check its power and wiring"
    )]
    NoAnswer {
        /// The node or part.
        device: String,
    },
    /// What a node said last is too old to act on.
    #[error("{device:?} has said nothing for {} ms; check its power and wiring", silent_for.as_millis())]
    Stale {
        /// The node or part.
        device: String,
        /// Since its last answer.
        silent_for: Duration,
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
