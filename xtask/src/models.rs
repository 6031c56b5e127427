//! Models of what the runtime's threads share: loom tries them in the orders in which threads can take their steps.

use std::process::Command;

use crate::args::Args;
use crate::{Outcome, shell};

/// How often a thread may be interrupted in one order of a model. Two find every bug that was planted to try the models
/// out, and take seconds; each more takes some ten times as long as the one before.
const PREEMPTIONS: u32 = 2;
/// What compiles the models: the runtime's tests with loom's locks and atomics in the place of std's.
const CONFIGURATION: &str = "--cfg sinew_models";

/// Runs all models of the runtime, in a target folder of their own.
///
/// # Errors
/// When a model fails, or when none was run.
pub(crate) fn models(mut args: Args) -> Outcome {
    let preemptions = args.option("--preemptions")?.unwrap_or(PREEMPTIONS);
    args.end()?;
    println!("at most {preemptions} preemptions in each order");
    let line = "cargo test --locked -p sinew-runtime --lib models:: -- --show-output";
    let printed = output(
        shell::command(line)
            .env("RUSTFLAGS", CONFIGURATION)
            .env("CARGO_TARGET_DIR", shell::target_dir().join("models"))
            .env("LOOM_MAX_PREEMPTIONS", preemptions.to_string()),
    )?;
    report(&tried(&printed))
}

/// Runs a command; what it printed is part of its failure.
fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|e| format!("cannot start {command:?}: {e}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(printed)
    } else {
        Err(format!("{printed}\n{command:?} failed: {}", output.status))
    }
}

/// The models and how many orders of each were tried, as the test program prints them.
fn tried(printed: &str) -> Vec<(&str, u64)> {
    let mut model = None;
    let lines = printed.lines().filter_map(|line| {
        if let Some(name) = line.strip_prefix("---- models::") {
            model = name.strip_suffix(" stdout ----");
        }
        let orders = line.strip_suffix(" orders")?.parse().ok()?;
        Some((model?, orders))
    });
    lines.collect()
}

fn report(tried: &[(&str, u64)]) -> Outcome {
    for (model, orders) in tried {
        println!("{orders:>9}  {model}");
    }
    let sum: u64 = tried.iter().map(|(_, orders)| orders).sum();
    println!("{sum:>9}  orders of {} models, all sound", tried.len());
    if tried.is_empty() {
        return Err(format!(
            "no model was run: does `{CONFIGURATION}` still compile any?"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_and_their_orders_are_read_from_what_the_tests_print() {
        let printed = "\nrunning 2 tests\ntest models::a::b ... ok\n\nsuccesses:\n\n\
            ---- models::a::b stdout ----\n81 orders\n\n\
            ---- models::c::d stdout ----\n1390 orders\n\n\nsuccesses:\n    models::a::b\n";
        assert_eq!(tried(printed), [("a::b", 81), ("c::d", 1_390)]);
    }

    #[test]
    fn to_have_run_no_model_is_a_failure() {
        let printed = "running 0 tests\n\ntest result: ok. 0 passed; 0 failed\n";
        assert!(report(&tried(printed)).unwrap_err().contains("no model"));
        assert_eq!(report(&[("a::b", 2)]), Ok(()));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_failed_run_printed_is_in_its_error() {
        let text = output(Command::new("sh").args(["-c", "echo deadlock; exit 101"])).unwrap_err();
        assert!(
            text.starts_with("deadlock\n") && text.contains("101"),
            "{text}"
        );
    }
}
