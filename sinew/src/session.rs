//! A run: simulated, beside real ports, or on a real board; how it is paced, watched, served and summed up.

mod controls;
mod devices;
mod explain;
mod failures;
mod jog;
mod live;
mod picture;
mod real;
mod recording;
mod simulated;
mod summary;

pub(crate) use devices::{Tried, try_devices};
pub(crate) use jog::jog;
pub(crate) use real::run as run_real;
pub(crate) use simulated::run as run_simulated;

use crate::arguments::RunArguments;
use crate::out;
use crate::stop::Stop;
use controls::RobotControls;
use summary::Summary;

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// The simulation could not begin.
    #[error(transparent)]
    Stage(#[from] sinew_sim::StageError),
    /// The graph could not be wired or run on a real board.
    #[error("the graph cannot run on the board `{board}`: {why}")]
    Wiring {
        /// The board.
        board: String,
        /// Why.
        why: sinew_runtime::WiringError,
    },
    /// No guardian, and so nothing moves.
    #[cfg(target_os = "linux")]
    #[error("the motion outputs have no guardian, and nothing runs without: {0}")]
    Guardian(#[from] sinew_safety::guardian::GuardError),
    /// A guardian that would be ended together with its robot.
    #[cfg(target_os = "linux")]
    #[error(
        "in a systemd unit the guardian is a unit of its own, for systemd ends all processes of a unit together: start `guard` \
         before this one, or name its socket with --guardian PATH"
    )]
    GuardianInService,
    /// An allowance that nobody typed.
    #[cfg(target_os = "linux")]
    #[error(
        "--allow-simulated-inputs is for a person at the robot; leave it out of a systemd unit"
    )]
    AllowedInService,
    /// A real device keeps its own time.
    #[error(
        "beside real hardware a run goes at the speed of the world; leave --speed away, or say `--speed 1`"
    )]
    Speed,
    /// The control socket of a robot with real hardware.
    #[cfg(unix)]
    #[error(transparent)]
    Socket(#[from] crate::ctl::server::ServeError),
    /// The system ended by itself.
    #[error("the robot ended by itself after {seconds:.1} s: {why}")]
    Ended {
        /// On the robot's clock.
        seconds: f64,
        /// Why.
        why: String,
    },
    /// A real board has no simulated wires.
    #[error(
        "--vcd records the wires of the simulated board, and `{board}` is a real one; leave it away, or say `--board mock`"
    )]
    NotRecorded {
        /// The board.
        board: String,
    },
    /// A real board has no simulated faults.
    #[error(
        "--faults is for the simulated board, and `{board}` is a real one; leave it away, or say `--board mock`"
    )]
    NoFaults {
        /// The board.
        board: String,
    },
    /// The script of faults could not be read.
    #[error("cannot use the faults in {}: {why}", path.display())]
    Faults {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The recording could not be written.
    #[error("cannot write the recording {}: {source}; give --vcd a path that can be written", path.display())]
    Recording {
        /// Where it should go.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The picture could not be written.
    #[error("cannot write the picture {}: {source}; give --picture a path that can be written", path.display())]
    Picture {
        /// Where it should go.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The control socket while a run lasts.
#[cfg(unix)]
type Served = Option<crate::ctl::server::Server>;
/// Nothing is served where there are no Unix sockets.
#[cfg(not(unix))]
struct Served;

/// Serves the control socket. Many simulations may run at once, so there a socket in use is told and left alone;
/// real hardware does not run without its e-stop.
#[cfg(unix)]
fn serve(
    robot: &str,
    arguments: &RunArguments,
    controls: RobotControls,
) -> Result<Served, RunError> {
    let all_simulated = controls.is_all_simulated();
    let path = arguments
        .socket
        .clone()
        .unwrap_or_else(|| crate::ctl::path::of_robot(robot));
    match crate::ctl::server::Server::start(&path, std::sync::Arc::new(controls)) {
        Ok(server) => Ok(Some(server)),
        Err(error) if all_simulated && arguments.socket.is_none() => {
            out::note(&format!(
                "note: `{robot} ctl` does not reach this run: {error}"
            ));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn serve(_: &str, _: &RunArguments, _: RobotControls) -> Result<Served, RunError> {
    Ok(Served)
}

/// Prints what a run came to: one JSON object, or some lines.
fn conclude(robot: &str, arguments: &RunArguments, stop: &Stop, summary: &Summary) {
    if let Some(cause) = stop.cause() {
        out::note(&format!(
            "{robot}: stopped by {cause}; all nodes ended in order, outputs safe"
        ));
    }
    if arguments.json {
        // A struct of numbers and texts always has a JSON form.
        out::result(&serde_json::to_string(summary).unwrap_or_default());
    } else {
        out::result(&summary.to_text(robot));
    }
}

/// Says something at the start of a run: on stdout, unless that belongs to the JSON object.
fn announce(arguments: &RunArguments, text: &str) {
    if arguments.json {
        out::note(text)
    } else {
        out::result(text)
    }
}
