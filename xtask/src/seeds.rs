//! The gate over many seeds: no collision, and far enough, wide enough, at a distance from every wall.

use crate::args::Args;
use crate::rover::{Profile, Rover, Summary};
use crate::{Outcome, shell};

/// A minute of driving must come to this much: a rover that stays clear by standing still does not pass.
const LEAST_DISTANCE_M: f64 = 8.0;
/// The part of the free half-metre cells that a minute must visit.
const LEAST_COVERAGE: f64 = 0.40;
/// How near the hull may come to anything solid.
const LEAST_APPROACH_M: f64 = 0.10;

/// Runs seeds 1 to `--count` and prints the spread of each figure.
///
/// # Errors
/// Names every seed that breaks a limit, and the limit.
pub(crate) fn seeds(mut args: Args) -> Outcome {
    let count: u64 = args.option("--count")?.unwrap_or(50);
    let seconds: u32 = args.option("--seconds")?.unwrap_or(60);
    let program = args.option("--rover")?;
    args.end()?;
    if count == 0 || seconds == 0 {
        return Err("--count and --seconds must be at least 1: no run proves nothing".to_owned());
    }
    let rover = Rover::ready(program, Profile::Release, "seeds")?;
    println!("pictures of the runs: {}", rover.folder().display());
    gate(&rover, count, seconds)
}

fn gate(rover: &Rover, count: u64, seconds: u32) -> Outcome {
    let mut runs = Vec::new();
    let mut broken = Vec::new();
    for seed in 1..=count {
        let run = match rover.run(seed, seconds) {
            Ok(run) => run,
            Err(text) => {
                println!("{text}");
                broken.push(text);
                continue;
            }
        };
        let findings = findings(&run, seconds);
        println!(
            "seed {seed:>3}: {:>6.2} m, coverage {:.2}, closest {:.3} m, {} collisions  {}",
            run.distance_m,
            run.coverage,
            run.closest_approach_m,
            run.collisions,
            if findings.is_empty() {
                "ok".to_owned()
            } else {
                findings.join("; ")
            },
        );
        broken.extend(
            findings
                .into_iter()
                .map(|finding| format!("seed {seed}: {finding}")),
        );
        runs.push(run);
    }
    print_spread(&runs);
    if broken.is_empty() {
        println!("{count} of {count} seeds within limits");
        return Ok(());
    }
    Err(format!(
        "{} of the limits broken:\n  {}",
        broken.len(),
        broken.join("\n  ")
    ))
}

/// Which limits a run breaks.
fn findings(run: &Summary, seconds: u32) -> Vec<String> {
    // Written so that a figure that is not a number breaks its limit.
    let mut findings = Vec::new();
    let mut must = |holds: bool, text: String| {
        if !holds {
            findings.push(text);
        }
    };
    must(
        run.seconds_simulated >= f64::from(seconds),
        format!("ended after {} s", run.seconds_simulated),
    );
    must(
        run.collisions == 0,
        format!("{} collisions", run.collisions),
    );
    must(
        run.distance_m >= LEAST_DISTANCE_M,
        format!("{} m is below {LEAST_DISTANCE_M} m", run.distance_m),
    );
    must(
        run.coverage >= LEAST_COVERAGE,
        format!("coverage {} is below {LEAST_COVERAGE}", run.coverage),
    );
    must(
        run.coverage <= 1.0,
        format!("coverage {} is above 1", run.coverage),
    );
    let closest = run.closest_approach_m;
    must(
        closest >= LEAST_APPROACH_M,
        format!("closest approach {closest} m is below {LEAST_APPROACH_M} m"),
    );
    must(
        run.faults_injected == 0,
        format!(
            "{} faults injected, none was asked for",
            run.faults_injected
        ),
    );
    findings
}

/// Prints least, median and greatest of each figure.
fn print_spread(runs: &[Summary]) {
    print_figure("distance, m", runs, |run| run.distance_m);
    print_figure("coverage", runs, |run| run.coverage);
    print_figure("closest approach, m", runs, |run| run.closest_approach_m);
    print_figure("times real time", runs, |run| {
        run.seconds_simulated / run.seconds_real
    });
}

fn print_figure(name: &str, runs: &[Summary], figure: impl Fn(&Summary) -> f64) {
    if let Some((least, median, greatest)) = shell::spread(runs.iter().map(figure)) {
        println!("{name:<20} min {least:>9.3}  median {median:>9.3}  max {greatest:>9.3}");
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::rover::fake;

    #[test]
    fn seeds_within_the_limits_pass() {
        let (_folder, rover) = fake::rover(&fake::summary("0.40", "0", "a"));
        assert_eq!(gate(&rover, 3, 60), Ok(()));
    }

    #[test]
    fn one_collision_in_one_seed_fails_and_names_it() {
        let script = fake::summary("0.5", "$((seed == 2))", "a");
        let (_folder, rover) = fake::rover(&script);
        let text = gate(&rover, 3, 60).unwrap_err();
        assert!(
            text.contains("seed 2: 1 collisions")
                && !text.contains("seed 1")
                && !text.contains("seed 3")
        );
    }

    #[test]
    fn each_limit_is_held() {
        let good = fake::summary("0.5", "0", "a");
        let breaks = [
            (good.replace("9.5", "7.99"), "7.99 m is below 8 m"),
            (good.replace("0.5,", "0.399,"), "coverage 0.399 is below"),
            (good.replace("0.5,", "1.2,"), "coverage 1.2 is above"),
            (good.replace("0.15", "0.09"), "closest approach 0.09"),
            (good.replace("$seconds.0", "59.9"), "ended after 59.9"),
            (
                good.replace("\"faults_injected\":0", "\"faults_injected\":1"),
                "1 faults",
            ),
            ("exit 1".to_owned(), "seed 1:"),
        ];
        for (script, expected) in breaks {
            let (_folder, rover) = fake::rover(&script);
            let text = gate(&rover, 1, 60).expect_err(expected);
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
