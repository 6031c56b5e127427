//! The gate on speed: how many seconds the rover's simulation covers in one second of one core.

use crate::args::Args;
use crate::rover::{Profile, Rover};
use crate::{Outcome, shell};

/// Simulated seconds per second, in release. A thousand is what later releases must reach.
const LEAST_FACTOR: f64 = 300.0;

/// Runs the rover several times and holds the median against the limit.
///
/// # Errors
/// When the median is below it.
pub(crate) fn speed(mut args: Args) -> Outcome {
    let seconds: u32 = args.option("--seconds")?.unwrap_or(600);
    let runs: u64 = args.option("--runs")?.unwrap_or(5);
    let program = args.option("--rover")?;
    args.end()?;
    let rover = Rover::ready(program, Profile::Release, "speed")?;
    gate(&rover, runs, seconds)
}

fn gate(rover: &Rover, runs: u64, seconds: u32) -> Outcome {
    let mut factors = Vec::new();
    for seed in 1..=runs {
        let cpu_before = shell::cpu_seconds_of_children().unwrap_or(f64::NAN);
        let run = rover.run(seed, seconds)?;
        let cpu = shell::cpu_seconds_of_children().unwrap_or(f64::NAN) - cpu_before;
        // A second thread must not buy the figure: the CPU time of the whole process counts where it is longer.
        let factor = run.seconds_simulated / run.seconds_real.max(cpu);
        println!(
            "seed {seed}: {:.0} s simulated in {:.3} s, {cpu:.2} s of CPU: {factor:.0} times real time, {:.0} messages/s",
            run.seconds_simulated,
            run.seconds_real,
            run.messages as f64 / run.seconds_simulated,
        );
        factors.push(factor);
    }
    let (least, median, greatest) =
        shell::spread(factors.into_iter()).ok_or("--runs must be at least 1")?;
    println!(
        "times real time: min {least:.0}  median {median:.0}  max {greatest:.0}, at least {LEAST_FACTOR} asked"
    );
    if median >= LEAST_FACTOR {
        return Ok(());
    }
    Err(format!(
        "{median:.0} times real time is below {LEAST_FACTOR}"
    ))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::rover::fake;

    #[test]
    fn a_fast_rover_passes_and_a_slow_one_fails_with_both_figures() {
        let (_folder, rover) = fake::rover(&fake::summary("0.5", "0", "a"));
        assert_eq!(gate(&rover, 3, 600), Ok(()));
        let slow =
            fake::summary("0.5", "0", "a").replace("\"seconds_real\":0.1", "\"seconds_real\":3.0");
        let (_folder, rover) = fake::rover(&slow);
        assert!(
            gate(&rover, 3, 600)
                .unwrap_err()
                .contains("200 times real time is below 300")
        );
    }

    #[test]
    fn no_run_is_an_error() {
        let (_folder, rover) = fake::rover("exit 1");
        assert!(gate(&rover, 0, 600).is_err());
    }
}
