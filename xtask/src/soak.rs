//! The rover under faults drawn from seeds: its own test with a larger count, optimised.

use crate::args::Args;
use crate::{Outcome, shell};

/// How many scripts are played if nothing is said.
const SCRIPTS: u64 = 100_000;

/// Plays the scripts of the seeds from `--seed` on.
///
/// # Errors
/// When one breaks a property, or leaves a rover that neither drives nor says why: its seed and the shortest script that still does
/// stand above.
pub(crate) fn soak(mut args: Args) -> Outcome {
    let count: u64 = args.option("--count")?.unwrap_or(SCRIPTS);
    let seed: u64 = args.option("--seed")?.unwrap_or(1);
    args.end()?;
    if count < 10 {
        return Err("--count must be at least 10: fewer prove nothing".to_owned());
    }
    println!("{count} scripts from seed {seed} on");
    let line = "cargo test --release --locked -p rover --test scripts -- --nocapture whatever";
    shell::run(
        shell::command(line)
            .env("SINEW_SCRIPTS", count.to_string())
            .env("SINEW_SCRIPTS_FROM", seed.to_string()),
    )
}
