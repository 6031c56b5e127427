//! What the subcommands do, and the exit codes that they end with.

mod check;
mod ctl;
mod graph;
mod guard;
mod jog;
mod ports;
mod run;
mod set;
mod teleop;
mod test_devices;
mod wiring;

use crate::arguments::{self, Command};
use crate::config::RobotConfig;
use crate::finding::Finding;
use crate::out;
use crate::robot::{BodyFn, Robot, RobotFn};
use std::path::Path;
use std::process::ExitCode;

/// Something was found wrong, could not start, ended by itself, or was refused.
const WRONG: u8 = 1;
/// No robot answered.
const NOBODY: u8 = 3;

/// Runs a robot's program: the whole of its `main`.
///
/// `name` is what files, the socket and messages call the robot; `graph` wires it, `body` says what is fitted
/// where. The command line is read here; `--help` documents it and the exit codes.
///
/// ```no_run
/// # use sinew::prelude::*;
/// # #[derive(Default, serde::Serialize, serde::Deserialize)]
/// # struct Config {}
/// # fn toy(_: &Board, _: &Config) -> Result<Graph, WiringError> { Ok(Graph::new("toy")) }
/// # fn body(_: &Config) -> Body { Body::bench() }
/// fn main() -> std::process::ExitCode {
///     sinew::run("toy", toy, body)
/// }
/// ```
pub fn run<C: RobotConfig>(name: &'static str, graph: RobotFn<C>, body: BodyFn<C>) -> ExitCode {
    let robot = Robot { name, graph, body };
    let command = match arguments::parse(name, std::env::args_os()) {
        Ok(command) => command,
        Err(error) => {
            // Help goes to stdout, the rest to stderr; a closed pipe is no failure.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(WRONG));
        }
    };
    let done = match command {
        Command::Run(arguments) => run::run(robot, &arguments),
        Command::Check(arguments) => check::run(robot, &arguments),
        Command::Graph(arguments) => graph::run(robot, &arguments),
        Command::Guard(arguments) => guard::run(robot, &arguments),
        Command::Wiring(arguments) => wiring::run(robot, &arguments),
        Command::TestDevices(arguments) => test_devices::run(robot, &arguments),
        Command::Ports => ports::run(),
        Command::Ctl(arguments) => ctl::run(name, &arguments),
        Command::Jog(arguments) => jog::run(robot, &arguments),
        Command::Teleop(arguments) => teleop::run(name, &arguments),
        Command::Set(arguments) => set::run(name, &arguments),
    };
    match done {
        Ok(()) if out::has_lost() => ExitCode::from(WRONG),
        Ok(()) => ExitCode::SUCCESS,
        Err(code) => ExitCode::from(code),
    }
}

/// Prints findings to stderr, each with its place and remedy.
fn tell(findings: &[Finding]) {
    let colours = out::colours();
    for finding in findings {
        out::note(&finding.render(colours));
        out::note("");
    }
}

/// Prints a drawing, or writes it to a file.
fn show(drawing: &str, output: Option<&Path>) -> Result<(), u8> {
    let Some(path) = output else {
        out::result(drawing);
        return Ok(());
    };
    std::fs::write(path, drawing).map_err(|error| {
        out::error(&format!(
            "cannot write {}: {error}; give --output a path that can be written",
            path.display()
        ));
        WRONG
    })
}

/// `1 finding`, `2 findings`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
