//! The guardian against robots that are killed: its own tests with larger counts, optimised.

use crate::args::Args;
use crate::{Outcome, shell};

/// How many kills, and for how many seconds a healthy robot drives under load, if nothing is said.
const KILLS: u64 = 1_000;
const HEALTHY: u64 = 600;

/// Kills a robot that drives, each time beside the simplest watch there is; lets one drive under load; and kills the rover, a
/// fifth as often, while it drives a motor controller behind a serial port.
///
/// # Errors
/// When one was not safe, or a healthy one was stopped.
pub(crate) fn kills(mut args: Args) -> Outcome {
    let count: u64 = args.option("--count")?.unwrap_or(KILLS);
    let seed: u64 = args.option("--seed")?.unwrap_or(1);
    let healthy: u64 = args.option("--healthy")?.unwrap_or(HEALTHY);
    args.end()?;
    if count < 8 {
        return Err(
            "--count must be at least 8: both kinds of kill have to be among them".to_owned(),
        );
    }
    let samples = shell::scratch("kills")?.join("samples.csv");
    shell::run(&mut shell::command(
        "cargo build --release --locked -p sinew-safety --examples",
    ))?;
    for test in ["killed_at_random_moments", "a_healthy_robot"] {
        let line = format!(
            "cargo test --release --locked -p sinew-safety --test guardian {test} -- --nocapture"
        );
        shell::run(
            shell::command(&line)
                .env("SINEW_KILLS", count.to_string())
                .env("SINEW_KILLS_SEED", seed.to_string())
                .env("SINEW_KILLS_SAMPLES", &samples)
                .env("SINEW_HEALTHY_SECONDS", healthy.to_string()),
        )?;
    }
    let rovers: u64 = count / 5;
    shell::run(
        shell::command("cargo test --release --locked -p rover --test killed -- --nocapture")
            .env("SINEW_KILLS", rovers.to_string()),
    )?;
    println!("{rovers} of {rovers} killed or stopped rovers stood");
    println!("all samples: {}", samples.display());
    Ok(())
}
