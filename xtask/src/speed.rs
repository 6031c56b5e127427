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
        let before = shell::cpu_seconds_of_children();
        let run = rover.run(seed, seconds)?;
        let after = shell::cpu_seconds_of_children();
        let cpu = after
            .and_then(|after| before.map(|before| after - before))
            .ok();
        let factor = times_real_time(run.seconds_simulated, run.seconds_real, cpu);
        let cpu = cpu.unwrap_or(f64::NAN);
        println!(
            "seed {seed}: {:.0} s simulated in {:.3} s, {cpu:.2} s of CPU: {factor:.0} times real time, {:.0} messages/s",
            run.seconds_simulated,
            run.seconds_real,
            run.messages as f64 / run.seconds_simulated,
        );
        factors.push(factor);
    }
    verdict(&factors)
}

/// What counts is the CPU time of the whole process, where the system tells it: other programs on the machine
/// must not change the figure, and a second thread must not buy it.
fn times_real_time(simulated: f64, real: f64, cpu: Option<f64>) -> f64 {
    simulated / cpu.filter(|cpu| *cpu > 0.0).unwrap_or(real)
}

/// Holds the median against the limit.
fn verdict(factors: &[f64]) -> Outcome {
    let (least, median, greatest) =
        shell::spread(factors.iter().copied()).ok_or("--runs must be at least 1")?;
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
        assert_eq!(verdict(&[299.0, 301.0, 900.0]), Ok(()));
        let slow = verdict(&[150.0, 200.0, 900.0]).unwrap_err();
        assert!(slow.contains("200 times real time is below 300"), "{slow}");
    }

    #[test]
    fn a_busy_machine_changes_nothing_and_a_second_thread_buys_nothing() {
        assert_eq!(times_real_time(600.0, 3.0, Some(1.0)), 600.0);
        assert_eq!(times_real_time(600.0, 1.0, Some(2.0)), 300.0);
        assert_eq!(times_real_time(600.0, 2.0, None), 300.0);
    }

    #[test]
    fn no_run_is_an_error() {
        let (_folder, rover) = fake::rover("exit 1");
        assert!(gate(&rover, 0, 600).is_err());
    }
}
