//! Random lives of actors, held against a model: the runtime's own test with a larger count, optimised.

use crate::args::Args;
use crate::{Outcome, shell};

/// How many sequences are tried if nothing is said.
const SEQUENCES: u64 = 1_000_000;

/// Runs the sequences of the seeds from `--seed` on.
///
/// # Errors
/// When a sequence is not as the model says: its plan, as short as it can be, and its seed stand above.
pub(crate) fn lifecycle(mut args: Args) -> Outcome {
    let count: u64 = args.option("--count")?.unwrap_or(SEQUENCES);
    let seed: u64 = args.option("--seed")?.unwrap_or(1);
    args.end()?;
    if count == 0 {
        return Err("--count must be at least 1: no sequence proves nothing".to_owned());
    }
    println!("{count} sequences from seed {seed} on");
    let line = "cargo test --release --locked -p sinew-runtime --test guarantees lifecycle:: -- --nocapture";
    shell::run(
        shell::command(line)
            .env("SINEW_LIFECYCLE_SEQUENCES", count.to_string())
            .env("SINEW_LIFECYCLE_SEED", seed.to_string()),
    )
}
