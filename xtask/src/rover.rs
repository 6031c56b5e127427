//! The rover as a program: built, run with a seed, its JSON summary read.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

use crate::{Outcome, shell};

/// What `rover run --json` prints. Every field must be there, and no other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Summary {
    pub(crate) seconds_simulated: f64,
    pub(crate) seconds_real: f64,
    pub(crate) distance_m: f64,
    /// The part of the free half-metre cells that was visited, 0 to 1.
    pub(crate) coverage: f64,
    pub(crate) closest_approach_m: f64,
    pub(crate) collisions: u64,
    pub(crate) messages: u64,
    pub(crate) failures: u64,
    pub(crate) faults_injected: u64,
    pub(crate) seed: u64,
    pub(crate) trace_hash: Value,
    /// Where the animated SVG was written.
    pub(crate) picture: PathBuf,
}

impl Summary {
    /// Reads the one object that the rover prints.
    ///
    /// # Errors
    /// When it is no JSON, a field is missing, or there is one that was not agreed on.
    pub(crate) fn from_json(text: &str) -> Outcome<Summary> {
        serde_json::from_str(text)
            .map_err(|e| format!("the rover's --json is not as agreed: {e}\n{text}"))
    }
}

/// How the rover is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

/// A rover program that stands ready.
#[derive(Debug, Clone)]
pub(crate) struct Rover {
    program: PathBuf,
    folder: PathBuf,
    /// What runs a program for another processor.
    emulator: Option<&'static str>,
}

impl Rover {
    /// The given program, or the one that cargo builds now. It runs in a folder of its own, where its
    /// pictures stay.
    ///
    /// # Errors
    /// When it cannot be built.
    pub(crate) fn ready(
        program: Option<PathBuf>,
        profile: Profile,
        folder: &str,
    ) -> Outcome<Rover> {
        let program = match program {
            Some(program) => program,
            None => build(profile)?,
        };
        let program = program
            .canonicalize()
            .map_err(|e| format!("no rover at {}: {e}", program.display()))?;
        Ok(Rover {
            program,
            folder: shell::scratch(folder)?,
            emulator: None,
        })
    }

    /// The same, run by this emulator.
    pub(crate) const fn under(mut self, emulator: &'static str) -> Rover {
        self.emulator = Some(emulator);
        self
    }

    /// Runs `seconds` of simulated time with a seed, as fast as it goes, and hands back the summary.
    ///
    /// # Errors
    /// When the program fails, prints something else than one summary, or used another seed.
    pub(crate) fn run(&self, seed: u64, seconds: u32) -> Outcome<Summary> {
        let mut command = match self.emulator {
            Some(emulator) => {
                let mut command = Command::new(emulator);
                command.arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command
            .args(["run", "--json", "--speed", "max"])
            .args([
                "--seed",
                &seed.to_string(),
                "--seconds",
                &seconds.to_string(),
            ])
            .args(["--picture", &format!("rover-{seed}.svg")])
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        let summary = shell::quiet_output(&mut command).and_then(|text| Summary::from_json(&text));
        let summary = summary.map_err(|text| format!("seed {seed}: {text}"))?;
        if summary.seed != seed {
            return Err(format!(
                "asked for seed {seed}, the summary says {}",
                summary.seed
            ));
        }
        Ok(summary)
    }

    /// The folder in which the program runs.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Builds the rover and asks cargo where it put the program.
fn build(profile: Profile) -> Outcome<PathBuf> {
    println!("building the rover ({profile:?})");
    let mut command =
        shell::command("cargo build -p rover --message-format=json-render-diagnostics");
    if profile == Profile::Release {
        command.arg("--release");
    }
    let messages = shell::output(&mut command)?;
    messages
        .lines()
        .find_map(program_of)
        .ok_or_else(|| "cargo built no program called rover".to_owned())
}

/// The program in one of cargo's messages, if that message is about the rover's.
fn program_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_rover = message["target"]["name"] == "rover";
    is_rover
        .then(|| message["executable"].as_str().map(PathBuf::from))
        .flatten()
}

/// A stand-in that answers as the rover does.
#[cfg(unix)]
#[cfg(test)]
pub(crate) mod fake {
    use std::process::Command;

    use super::Rover;

    /// A rover whose program is this shell script; `$seed` and `$seconds` are set in it.
    pub(crate) fn rover(script: &str) -> (tempfile::TempDir, Rover) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("rover");
        let text = format!("#!/bin/sh\nseed=$6\nseconds=$8\n{script}\n");
        // Another process writes it: what another test starts meanwhile would have our file open for writing until it has
        // become another program, and a program that is open for writing cannot be run.
        let write = Command::new("sh")
            .args(["-c", "printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&program)
            .arg(text)
            .status();
        assert!(write.unwrap().success());
        let rover = Rover {
            program,
            folder: folder.path().to_owned(),
            emulator: None,
        };
        (folder, rover)
    }

    /// A summary as JSON with these fields said by the caller.
    pub(crate) fn summary(coverage: &str, collisions: &str, hash: &str) -> String {
        format!(
            r#"cat <<EOF
{{"seconds_simulated":$seconds.0,"seconds_real":0.1,"distance_m":9.5,"coverage":{coverage},
"closest_approach_m":0.15,"collisions":{collisions},"messages":100,"failures":0,"faults_injected":0,
"seed":$seed,"trace_hash":"{hash}","picture":"rover-$seed.svg"}}
EOF"#
        )
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_a_run_comes_back_with_its_seed() {
        let (_folder, rover) = fake::rover(&fake::summary("0.5", "0", "a$seed"));
        let summary = rover.run(7, 60).unwrap();
        assert_eq!((summary.seed, summary.seconds_simulated), (7, 60.0));
        assert_eq!(summary.trace_hash, Value::from("a7"));
    }

    #[test]
    fn a_summary_that_lacks_a_field_or_has_a_new_one_is_refused_by_name() {
        let whole = fake::summary("0.5", "0", "a");
        let (_folder, rover) = fake::rover(&whole.replace("\"coverage\":0.5,", ""));
        assert!(rover.run(1, 60).unwrap_err().contains("coverage"));
        let (_folder, rover) = fake::rover(&whole.replace("\"messages\"", "\"mesages\""));
        assert!(rover.run(1, 60).unwrap_err().contains("mesages"));
    }

    #[test]
    fn a_failure_or_another_seed_is_an_error_that_names_the_seed() {
        let (_folder, rover) = fake::rover("echo the wheels fell off >&2; exit 3");
        let text = rover.run(4, 60).unwrap_err();
        assert!(text.starts_with("seed 4:") && text.contains("the wheels fell off"));
        let (_folder, rover) = fake::rover(&fake::summary("0.5", "0", "a").replace("$seed,", "1,"));
        assert!(rover.run(2, 60).unwrap_err().contains("asked for seed 2"));
    }

    #[test]
    fn a_program_for_another_processor_is_handed_to_its_emulator() {
        let (_folder, rover) = fake::rover(&fake::summary("0.5", "0", "a$seed"));
        assert_eq!(rover.clone().under("sh").run(7, 60), rover.run(7, 60));
        let text = rover.under("no-such-emulator").run(7, 60).unwrap_err();
        assert!(text.contains("no-such-emulator"), "{text}");
    }

    #[test]
    fn the_program_is_found_in_what_cargo_says() {
        let line =
            r#"{"reason":"compiler-artifact","target":{"name":"rover"},"executable":"/t/rover"}"#;
        assert_eq!(program_of(line), Some(PathBuf::from("/t/rover")));
        assert_eq!(
            program_of(&line.replace("\"/t/rover\"", "null")),
            None,
            "the library has no program"
        );
        assert_eq!(program_of("warning: not JSON"), None);
    }
}
