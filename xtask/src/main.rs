#![doc = include_str!("../README.md")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks on both"
)]

mod args;
mod budget;
mod cross;
mod determinism;
mod kills;
mod lifecycle;
mod models;
mod mutants;
#[cfg(unix)]
mod pi;
mod picture;
mod readme;
mod rover;
mod safety_mutants;
mod seeds;
mod shell;
mod smoke;
mod soak;
mod speed;
#[cfg(unix)]
mod systemd;

use std::process::ExitCode;

use args::Args;

const USAGE: &str = "\
usage: cargo xtask COMMAND
  seeds [--count 50] [--seconds 60] [--rover PATH]   no collision, distance, coverage, for every seed
  speed [--seconds 600] [--runs 5] [--rover PATH]    simulated seconds per second, on one thread
  determinism [--seed 7] [--seconds 60]              one seed, one trace: two processes, debug, release, load
  smoke                                              the README's run command prints its summary as JSON
  budget packages|run|test [--target-dir DIR]        packages and CPU seconds of the README's commands, from clean
  picture [--check]                                  draw the README's picture again, or compare it
  lifecycle [--count 1000000] [--seed 1]             random lives of actors are as a model says
  kills [--count 1000] [--seed 1] [--healthy 600]    a guarded robot is killed while it drives, and is not while healthy
  models [--preemptions 2]                           what the runtime's threads share, in many orders
  mutants [-- ARGUMENTS OF CARGO MUTANTS]            bugs that no test notices, against xtask/mutants.toml
  soak [--count 100000] [--seed 1]                   the rover under faults drawn from seeds
  safety-mutants [--only WORDS]                      bugs that would keep a motor turning: each is caught by its test
  aarch64 [-- ARGUMENTS OF CARGO TEST]               the ordinary tests, compiled for a Pi, under emulation, and the same traces
  pi [--kills 20]                                    the linux board on the kernel's devices of an emulated Pi
  systemd                                            a robot as two units under a real systemd, ended in every way";

/// What a command comes to: nothing, or a text for the user.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let mut args = Args::new(std::env::args().skip(1));
    let outcome = match args.word().as_deref() {
        Some("seeds") => seeds::seeds(args),
        Some("speed") => speed::speed(args),
        Some("determinism") => determinism::determinism(args),
        Some("smoke") => smoke::smoke(args),
        Some("budget") => budget::budget(args),
        Some("picture") => picture::picture(args),
        Some("lifecycle") => lifecycle::lifecycle(args),
        Some("kills") => kills::kills(args),
        Some("models") => models::models(args),
        Some("soak") => soak::soak(args),
        Some("safety-mutants") => safety_mutants::safety_mutants(args),
        Some("mutants") => mutants::mutants(args),
        Some("aarch64") => cross::aarch64(args),
        #[cfg(unix)]
        Some("pi") => pi::pi(args),
        #[cfg(unix)]
        Some("systemd") => systemd::systemd(args),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(other) => Err(format!("there is no command `{other}`\n{USAGE}")),
        None => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("xtask: {text}");
            ExitCode::FAILURE
        }
    }
}
