//! The README's run command, asked for JSON: one object on standard output, every field there, and it moved.

use crate::args::Args;
use crate::rover::Summary;
use crate::{Outcome, readme, shell};

/// Runs the README's run command with `--json` added and checks what it says.
///
/// # Errors
/// When the command fails, its output is not the agreed object, nothing moved, or the picture is not there.
pub(crate) fn smoke(args: Args) -> Outcome {
    args.end()?;
    let line = with_json(&readme::command(&readme::text()?, "cargo run -p rover")?);
    println!("$ {line}");
    let text = shell::output(&mut shell::command(&line))?;
    println!("{}", text.trim_end());
    let summary = Summary::from_json(&text)?;
    check(&summary)?;
    let picture = shell::root().join(&summary.picture);
    let svg = std::fs::read_to_string(&picture)
        .map_err(|e| format!("no picture at {}: {e}", picture.display()))?;
    if !(svg.contains("<svg") && svg.contains("<animate")) {
        return Err(format!("{} is no animated SVG", picture.display()));
    }
    Ok(())
}

/// The line with `--json` among the program's arguments.
pub(crate) fn with_json(line: &str) -> String {
    if line.contains(" -- ") {
        format!("{line} --json")
    } else {
        format!("{line} -- --json")
    }
}

fn check(summary: &Summary) -> Outcome {
    let moved = summary.distance_m > 0.0 && summary.messages > 0 && summary.seconds_simulated > 0.0;
    if !moved {
        return Err("nothing moved".to_owned());
    }
    if summary.collisions > 0 || summary.failures > 0 {
        return Err(format!(
            "{} collisions, {} failures",
            summary.collisions, summary.failures
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_of_the_program_and_not_of_cargo() {
        assert_eq!(
            with_json("cargo run -p rover"),
            "cargo run -p rover -- --json"
        );
        assert_eq!(
            with_json("cargo run -p rover -- --seed 7"),
            "cargo run -p rover -- --seed 7 --json"
        );
    }

    #[test]
    fn a_parked_or_failing_rover_is_no_success() {
        let json = r#"{"seconds_simulated":60.0,"seconds_real":0.1,"distance_m":9.5,"coverage":0.5,
            "closest_approach_m":0.15,"collisions":0,"messages":100,"failures":0,"faults_injected":0,
            "seed":1,"trace_hash":"a","picture":"rover.svg"}"#;
        let check_json = |json: &str| check(&Summary::from_json(json).unwrap());
        assert_eq!(check_json(json), Ok(()));
        assert!(check_json(&json.replace("9.5", "0.0")).is_err());
        assert!(
            check_json(&json.replace("\"failures\":0", "\"failures\":2"))
                .unwrap_err()
                .contains("2 failures")
        );
    }
}
