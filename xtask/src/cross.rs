//! Programs for aarch64, the processor of a 64-bit Raspberry Pi: compiled here, and run under qemu's user-mode emulation.

use std::path::PathBuf;
use std::process::Command;

use crate::args::Args;
use crate::rover::{Profile, Rover};
use crate::{Outcome, determinism, shell};

/// What cargo calls the machine.
const TARGET: &str = "aarch64-unknown-linux-gnu";
/// What runs its programs here.
const EMULATOR: &str = "qemu-aarch64-static";

/// What emulated tests of robots spend their time in: compiled optimised it runs in a fifth of the time.
const OPTIMIZED: [&str; 8] = [
    "balancer",
    "rover",
    "sinew-board",
    "sinew-control",
    "sinew-messages",
    "sinew-mock",
    RUNTIME,
    "sinew-sim",
];
/// What runs on a robot. The house rules and this tool are no concern of its processor.
const ON_A_ROBOT: [&str; 12] = [
    "balancer",
    "blinky",
    "rover",
    "sinew",
    "sinew-board",
    "sinew-chips",
    "sinew-control",
    "sinew-devices",
    "sinew-messages",
    "sinew-mock",
    "sinew-safety",
    "sinew-sim",
];
/// Its own tests are one large program, which would take longer to optimise than to run as it is.
const RUNTIME: &str = "sinew-runtime";

/// Serial ports: the emulation knows no TCGETS2, by which Linux is told any baud rate.
const NO_PORTS: &str = "a pseudo-terminal cannot be set up as a serial port";
/// Tests that the emulation cannot run, and why. They run natively, and serial ports on the emulated Pi.
const NOT_EMULATED: [(&str, &str); 16] = [
    (
        "a_port_is_not_exclusive_so_that_a_guardian_can_hold_it_too",
        NO_PORTS,
    ),
    (
        "a_port_that_vanishes_and_comes_back_is_opened_again",
        NO_PORTS,
    ),
    (
        "a_port_that_is_opened_again_and_again_tells_when_it_was_lost_and_for_how_long",
        NO_PORTS,
    ),
    (
        "a_port_whose_driver_switches_no_transmitter_says_what_to_take",
        NO_PORTS,
    ),
    (
        "a_port_that_vanishes_is_an_error_and_the_same_claim_opens_it_when_it_is_back",
        NO_PORTS,
    ),
    (
        "bytes_go_both_ways_through_a_real_pseudo_terminal_and_come_unchanged",
        NO_PORTS,
    ),
    (
        "damaged_cut_interleaved_over_long_and_binary_bytes_are_counted_and_stop_nothing",
        NO_PORTS,
    ),
    (
        "every_fix_of_three_receivers_at_line_pace_is_gpsds",
        NO_PORTS,
    ),
    (
        "one_real_port_on_a_simulated_robot_is_named_and_read_at_the_speed_of_the_world",
        NO_PORTS,
    ),
    (
        "a_motor_controller_on_a_serial_port_stops_with_the_robot_that_drives_it",
        NO_PORTS,
    ),
    (
        "no_motion_byte_follows_when_a_robot_that_was_stopped_would_go_on",
        NO_PORTS,
    ),
    (
        "killed_at_random_moments_under_load_it_is_always_safe",
        NO_PORTS,
    ),
    ("a_rover_that_is_killed_or_stopped_stands", NO_PORTS),
    (
        "a_child_that_worked_costs_cpu_time",
        "the emulation does not say what children cost",
    ),
    (
        "no_way_of_a_message_allocates_on_the_real_clock_with_a_tap_and_without",
        "an emulated machine is not in step with a real clock",
    ),
    (
        "real_clock::",
        "an emulated machine is not in step with a real clock",
    ),
];

/// What the tests that repeat themselves do less often there: the emulation is some ten times slower, and what they look for is the
/// same on every processor.
const LESS_OFTEN: [(&str, &str); 3] = [
    ("SINEW_LIFECYCLE_SEQUENCES", "200"),
    ("SINEW_MEMORY_ROUNDS", "1"),
    ("SINEW_SCRIPTS", "3"),
];

/// Installs what compiles and runs programs for aarch64, unless it is there.
///
/// # Errors
/// Where it can't be had.
pub(crate) fn set_up() -> Outcome {
    shell::run(&mut shell::command("xtask/emulated/packages.sh"))
}

/// A cargo command whose programs are for aarch64, with what robots spend their time in optimised.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = cargo_as_it_is(line);
    for package in OPTIMIZED {
        let optimized = format!("profile.dev.package.{package}.opt-level=1");
        command.args(["--config", &optimized]);
    }
    command
}

/// The same as the profile says. Debian's compiler has the standard library for it, under the cargo of rustup; the target folder is
/// one of its own, or the two compilers would build everything anew in turn.
fn cargo_as_it_is(line: &str) -> Command {
    let mut command = shell::command(line);
    command
        .args(["--target", TARGET])
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTDOC", "/usr/bin/rustdoc")
        .env("CARGO_TARGET_DIR", target_dir())
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", EMULATOR)
        // The image of a machine in memory is the smaller.
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    command
}

fn target_dir() -> PathBuf {
    shell::target_dir().join("cross")
}

/// The folder in which a profile's programs for aarch64 lie.
pub(crate) fn programs(profile: &str) -> PathBuf {
    target_dir().join(TARGET).join(profile)
}

/// The ordinary tests, for aarch64; and a rover there leaves the traces that it leaves here, unless the tests were chosen.
///
/// # Errors
/// When one fails, when a trace differs, or where they can't be set up.
pub(crate) fn aarch64(args: Args) -> Outcome {
    let passed_on = args.end()?;
    set_up()?;
    if !passed_on.is_empty() {
        return test(cargo("cargo test --locked").args(passed_on));
    }
    compare()?;
    let mut robots = cargo("cargo test --locked");
    for package in ON_A_ROBOT {
        robots.args(["-p", package]);
    }
    test(&mut robots)?;
    test(cargo_as_it_is("cargo test --locked").args(["-p", RUNTIME]))
}

/// Runs the tests that a command chooses, but those that are not emulated.
fn test(test: &mut Command) -> Outcome {
    test.arg("--");
    for (name, why) in NOT_EMULATED {
        println!("skipped: {name}: {why}");
        test.args(["--skip", name]);
    }
    for (what, count) in LESS_OFTEN {
        println!("less often: {what}={count}");
        test.env(what, count);
    }
    shell::run(test)
}

/// Compares the rover's traces there with those here.
fn compare() -> Outcome {
    shell::run(&mut cargo("cargo build --locked -p rover"))?;
    let there = Some(programs("debug").join("rover"));
    let there = Rover::ready(there, Profile::Debug, "across")?.under(EMULATOR);
    let here = Rover::ready(None, Profile::Debug, "across")?;
    determinism::across(&here, &there)
}
