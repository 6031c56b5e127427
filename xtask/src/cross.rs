//! Programs for aarch64, the processor of a 64-bit Raspberry Pi: compiled here, and run under qemu's user-mode emulation.

use std::path::PathBuf;
use std::process::Command;

use crate::args::Args;
use crate::{Outcome, shell};

/// What cargo calls the machine.
const TARGET: &str = "aarch64-unknown-linux-gnu";

/// Installs what compiles and runs programs for aarch64, unless it is there.
///
/// # Errors
/// Where it can't be had.
pub(crate) fn set_up() -> Outcome {
    shell::run(&mut shell::command("xtask/emulated/packages.sh"))
}

/// A cargo command whose programs are for aarch64. Debian's compiler has the standard library for it, under the cargo of
/// rustup; the target folder is one of its own, or the two compilers would build everything anew in turn.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = shell::command(line);
    command
        .args(["--target", TARGET])
        .env("RUSTC", "/usr/bin/rustc")
        .env("CARGO_TARGET_DIR", target_dir())
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
            "qemu-aarch64-static",
        )
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

/// The ordinary tests, for aarch64.
///
/// # Errors
/// When one fails, or where they can't be set up.
pub(crate) fn aarch64(args: Args) -> Outcome {
    let passed_on = args.end()?;
    set_up()?;
    shell::run(cargo("cargo test --locked").args(passed_on))
}
