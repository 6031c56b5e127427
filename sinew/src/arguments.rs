//! The command line of a robot's program.

use crate::config::Backend;
use crate::ctl::protocol::Action;
use crate::pace::Speed;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What `--help` says at its end.
const EXIT_CODES: &str = "\
Exit codes:
  0    done; also when Ctrl-C or SIGTERM stopped the run in order
  1    something was found wrong, the robot could not start, or it ended by itself; ctl: refused
  2    the command line was not understood
  3    ctl: no robot answered
  130  a second Ctrl-C ended the run at once, outputs made safe (143: a second SIGTERM)

The hardware is simulated unless `robot.toml` or --board says otherwise.";

/// A robot's program.
#[derive(Debug, Parser)]
#[command(after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
}

/// What the program should do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the robot (the default)
    #[command(after_help = EXIT_CODES)]
    Run(RunArguments),
    /// Check graph, body, robot.toml and world file without running, and print everything that is wrong
    Check(CheckArguments),
    /// Draw the graph
    Graph(GraphArguments),
    /// Open each device, without arming anything, and say which is wrong and how to mend it
    TestDevices(TestArguments),
    /// Show which part is wired to which pin, and what the computer has to be told for it
    Wiring(WiringArguments),
    /// List the serial ports of this computer, each by the name that stays its own
    Ports,
    /// Talk to the running robot
    Ctl(CtlArguments),
    /// Hold the motion outputs, and make them safe when the robot's program fails; `run` starts this by itself unless the
    /// system has
    Guard(GuardArguments),
    /// Drive one motion output with a held key, at 20 % at most: does the motor turn, and which way?
    Jog(JogArguments),
    /// Drive the running robot with the keyboard
    Teleop(TeleopArguments),
    /// Change a parameter of the running robot, or list those that may be changed
    Set(SetArguments),
}

/// How to run.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunArguments {
    /// How long, in the robot's time
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) seconds: f64,
    /// What decides everything that is left to chance: the same seed, the same run
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        allow_negative_numbers = true
    )]
    pub(crate) seed: u64,
    /// How many times real time, or `max` [default: 10 on a terminal, else max; 1 beside real hardware]
    #[arg(long, value_name = "FACTOR|max", value_parser = speed, allow_negative_numbers = true)]
    pub(crate) speed: Option<Speed>,
    /// The simulated surroundings, a TOML file [default: a room with obstacles]
    #[arg(long, value_name = "FILE")]
    pub(crate) world: Option<PathBuf>,
    /// The robot's configuration [default: robot.toml in the current folder, else what the code says]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What was found out about this specimen, laid over the configuration; made by `set --save` if it does not exist
    /// [default: on real hardware calibration.toml in the robot's state folder, in a simulation none]
    #[arg(long, value_name = "FILE")]
    pub(crate) calibration: Option<PathBuf>,
    /// The hardware to drive [default: what the configuration says, else mock]
    #[arg(long)]
    pub(crate) board: Option<Backend>,
    /// Print one JSON object on stdout, and everything else on stderr
    #[arg(long)]
    pub(crate) json: bool,
    /// Where to write the animated SVG [default: a file in the folder for temporary files]
    #[arg(long, value_name = "FILE")]
    pub(crate) picture: Option<PathBuf>,
    /// What goes wrong while it runs, a TOML file
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Record pins and buses of the simulated board to a file that PulseView and GTKWave open (VCD)
    #[arg(long, value_name = "FILE")]
    pub(crate) vcd: Option<PathBuf>,
    /// Where to serve the control socket [default: $XDG_RUNTIME_DIR/sinew-NAME.sock, else below /tmp]
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// The socket of the guardian that the system started [default: beside the control socket, if there is one; else the
    /// run starts a guardian of its own]
    #[arg(long, value_name = "PATH")]
    pub(crate) guardian: Option<PathBuf>,
    /// Let real motors follow simulated sensors: the robot sees nothing of its surroundings, so lift it off the ground
    #[arg(long)]
    pub(crate) allow_simulated_inputs: bool,
    /// Arm although other programs could keep the guardian from its turn
    #[arg(long)]
    pub(crate) allow_unprivileged_guardian: bool,
    /// Arm although nothing stops motors on I2C when their bus hangs: the guardian has no heartbeat for a relay
    #[arg(long)]
    pub(crate) allow_uncovered_bus: bool,
}

/// What to guard.
#[derive(Debug, Args)]
pub(crate) struct GuardArguments {
    /// The robot's configuration [default: robot.toml in the current folder, else what the code says]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The robot's calibration [default: as `run`]
    #[arg(long, value_name = "FILE")]
    pub(crate) calibration: Option<PathBuf>,
    /// The hardware to guard [default: what the configuration says, else mock]
    #[arg(long)]
    pub(crate) board: Option<Backend>,
    /// Where to wait for the robot [default: beside its control socket]
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Guard the process that started this one, over its standard input
    #[arg(long, hide = true)]
    pub(crate) child: bool,
}

/// What to check.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The robot's configuration [default: robot.toml in the current folder, else what the code says]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A calibration to check as well
    #[arg(long, value_name = "FILE")]
    pub(crate) calibration: Option<PathBuf>,
    /// A world file to check as well
    #[arg(long, value_name = "FILE")]
    pub(crate) world: Option<PathBuf>,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// How to draw.
#[derive(Debug, Args)]
pub(crate) struct GraphArguments {
    /// The form
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// The same as --format mermaid
    #[arg(long, conflicts_with_all = ["format", "svg"])]
    mermaid: bool,
    /// The same as --format svg
    #[arg(long, conflicts_with = "format")]
    svg: bool,
    /// Write to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The robot's configuration [default: robot.toml in the current folder, else what the code says]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

impl GraphArguments {
    /// The form that was asked for in either way.
    pub(crate) fn chosen(&self) -> Format {
        match (self.mermaid, self.svg) {
            (true, _) => Format::Mermaid,
            (_, true) => Format::Svg,
            _ => self.format,
        }
    }
}

/// The form of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One line per node and edge
    Text,
    /// A flow chart for Markdown
    Mermaid,
    /// A picture
    Svg,
}

/// How to test the devices.
#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// How long they are listened to, in the robot's time
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) seconds: f64,
    /// The robot's configuration [default: robot.toml in the current folder, else what the code says]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The hardware to test [default: what the configuration says, else mock]
    #[arg(long)]
    pub(crate) board: Option<Backend>,
    /// Write a report to a file as well: the result and the machine, for whoever shall help
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// How to show the wiring.
#[derive(Debug, Args)]
pub(crate) struct WiringArguments {
    /// The form
    #[arg(long, value_enum, default_value_t = WiringFormat::Text)]
    pub(crate) format: WiringFormat,
    /// Write to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The robot's configuration [default: robot.toml in the current folder, else what the code says]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The form of the wiring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WiringFormat {
    /// A table, the header in characters, and lines for `config.txt`
    Text,
    /// A picture of the header
    Svg,
}

/// What to ask of the running robot.
#[derive(Debug, Args)]
pub(crate) struct CtlArguments {
    /// What to do
    pub(crate) action: Action,
    /// The motion output that `explain` is about, such as `left`
    #[arg(value_name = "OUTPUT")]
    pub(crate) output: Option<String>,
    /// Print the robot's answer as it is, one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// The robot's control socket [default: $XDG_RUNTIME_DIR/sinew-NAME.sock, else below /tmp]
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
}

/// What to drive.
#[derive(Debug, Args)]
pub(crate) struct JogArguments {
    /// The motion output, such as `left`; without one they are listed
    pub(crate) output: Option<String>,
    /// The robot's configuration [default: robot.toml in the current folder, else what the code says]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The hardware to drive [default: what the configuration says, else mock]
    #[arg(long)]
    pub(crate) board: Option<Backend>,
    /// Arm although other programs could keep the guardian from its turn
    #[arg(long)]
    pub(crate) allow_unprivileged_guardian: bool,
    /// Arm although nothing stops motors on I2C when their bus hangs: the guardian has no heartbeat for a relay
    #[arg(long)]
    pub(crate) allow_uncovered_bus: bool,
}

/// How to drive by hand.
#[derive(Debug, Args)]
pub(crate) struct TeleopArguments {
    /// The fastest way forward or backward, in m/s; the robot's own limits count as well
    #[arg(long, value_name = "M_S", default_value = "0.5", value_parser = fastest)]
    pub(crate) speed: f64,
    /// The fastest turn, in rad/s
    #[arg(long, value_name = "RAD_S", default_value = "2", value_parser = fastest)]
    pub(crate) turn: f64,
    /// The robot's control socket [default: $XDG_RUNTIME_DIR/sinew-NAME.sock, else below /tmp]
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
}

/// What to change.
#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    /// The parameter, such as `drive.left.trim`; without one all are listed
    pub(crate) parameter: Option<String>,
    /// Its new value; without one it is printed
    #[arg(allow_negative_numbers = true, requires = "parameter", value_parser = finite)]
    pub(crate) value: Option<f64>,
    /// Keep it in the robot's calibration, for the next start and the next release
    #[arg(long, requires = "value")]
    pub(crate) save: bool,
    /// Print the robot's answer as it is, one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// The robot's control socket [default: $XDG_RUNTIME_DIR/sinew-NAME.sock, else below /tmp]
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
}

/// Reads the command line of the robot called `name`.
///
/// # Errors
///
/// clap's, which prints itself and knows its exit code; asking for help is one of them.
pub(crate) fn parse(
    name: &'static str,
    line: impl IntoIterator<Item = std::ffi::OsString>,
) -> Result<Command, clap::Error> {
    let about = format!("The robot {name:?}, on simulated hardware unless it is told otherwise");
    let command = Arguments::command().name(name).bin_name(name).about(about);
    let arguments = Arguments::from_arg_matches(&command.try_get_matches_from(line)?)?;
    Ok(arguments.command.unwrap_or(Command::Run(arguments.run)))
}

fn seconds(text: &str) -> Result<f64, String> {
    // A year: beyond it a mistyped number is likelier than patience.
    const LONGEST: f64 = 366.0 * 86_400.0;
    match text.parse() {
        Ok(seconds) if seconds > 0.0 && seconds <= LONGEST => Ok(seconds),
        _ => Err(format!(
            "a number of seconds above 0 and up to {LONGEST}, such as 60"
        )),
    }
}

fn finite(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_finite(number) => Ok(number),
        _ => Err("a number such as 0.95".to_owned()),
    }
}

fn fastest(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 && number <= 20.0 => Ok(number),
        _ => Err("a number above 0 and up to 20".to_owned()),
    }
}

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.parse() {
        Ok(factor) if (0.01..=10_000.0).contains(&factor) => Ok(Speed::Times(factor)),
        _ => Err("`max`, or a factor from 0.01 to 10000 such as 10".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, clap::Error> {
        parse("toy", line.split_whitespace().map(Into::into))
    }

    #[test]
    fn run_is_the_default_and_takes_its_options_with_and_without_its_name() {
        for line in [
            "toy --seconds 5 --seed 7 --speed max --json",
            "toy run --seconds 5 --seed 7 --speed max --json",
        ] {
            let Ok(Command::Run(run)) = read(line) else {
                panic!("{line}")
            };
            assert_eq!(
                (run.seconds, run.seed, run.speed, run.json),
                (5.0, 7, Some(Speed::Max), true)
            );
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let lines = [
            "toy --seconds 0",
            "toy --seconds nan",
            "toy --seconds -3",
            "toy --seconds 1e99",
            "toy --speed 0",
            "toy --speed fast",
            "toy --board wood",
            "toy --seed -1",
            "toy dance",
            "toy ctl",
            "toy ctl fly",
            "toy graph --svg --mermaid",
        ];
        for line in lines {
            assert_eq!(
                read(line).map_err(|error| error.exit_code()).err(),
                Some(2),
                "{line}"
            );
        }
    }

    #[test]
    fn help_tells_the_exit_codes() {
        let help = read("toy --help").unwrap_err();
        assert_eq!(help.exit_code(), 0);
        assert!(help.to_string().contains("130  a second Ctrl-C"));
    }

    #[test]
    fn the_forms_of_a_graph_have_two_spellings() {
        for (line, format) in [
            ("toy graph", Format::Text),
            ("toy graph --svg", Format::Svg),
            ("toy graph --format svg", Format::Svg),
            ("toy graph --mermaid", Format::Mermaid),
        ] {
            let Ok(Command::Graph(graph)) = read(line) else {
                panic!("{line}")
            };
            assert_eq!(graph.chosen(), format);
        }
    }
}
