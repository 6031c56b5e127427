//! Mutants of the code that must not be wrong: each bug that cargo-mutants can plant there is noticed by a
//! test, or explained in `mutants.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::args::Args;
use crate::{Outcome, shell};

/// `mutants.toml`: where mutants are planted, and which survive with a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    area: Vec<Area>,
    #[serde(default)]
    survivor: Vec<Survivor>,
}

/// One mechanism of one crate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    name: String,
    package: String,
    /// Relative to the repository's root.
    files: Vec<String>,
}

/// A mutant that no test notices, and why none needs to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivor {
    /// As cargo-mutants names it, without line and column: these move.
    mutant: String,
    why: String,
}

/// Plants every mutant of every area and compares those that survive with the catalogue.
///
/// # Errors
/// Names each survivor that the catalogue does not explain; in a whole run also each explanation whose mutant
/// no longer survives.
pub(crate) fn mutants(args: Args) -> Outcome {
    let passed_on = args.end()?;
    let catalogue = Catalogue::read(&shell::root().join("xtask/mutants.toml"))?;
    install()?;
    let mut survived = BTreeMap::new();
    for (number, area) in catalogue.area.iter().enumerate() {
        println!(
            "area {} of {}: {} ({})",
            number + 1,
            catalogue.area.len(),
            area.name,
            area.package
        );
        survived.extend(plant(area, &passed_on)?);
    }
    let whole = passed_on.is_empty();
    let findings = catalogue.compare(&survived, whole);
    println!(
        "{} mutants survived, {} are explained",
        survived.len(),
        catalogue.survivor.len()
    );
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("mutants.toml:\n  {}", findings.join("\n  ")))
}

impl Catalogue {
    fn read(path: &Path) -> Outcome<Catalogue> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// What the catalogue and the survivors have against each other. Survivors: name without place -> place.
    fn compare(&self, survived: &BTreeMap<String, String>, whole: bool) -> Vec<String> {
        let explained: BTreeSet<&str> = self
            .survivor
            .iter()
            .map(|survivor| survivor.mutant.as_str())
            .collect();
        let mut findings: Vec<String> = survived
            .iter()
            .filter(|(name, _)| !explained.contains(name.as_str()))
            .map(|(_, place)| format!("no test notices and nothing explains: {place}"))
            .collect();
        for survivor in &self.survivor {
            if survivor.why.split_whitespace().count() < 4 {
                findings.push(format!(
                    "`{}` is no explanation of: {}",
                    survivor.why, survivor.mutant
                ));
            }
            if whole && !survived.contains_key(&survivor.mutant) {
                findings.push(format!(
                    "no longer survives, remove it: {}",
                    survivor.mutant
                ));
            }
        }
        findings
    }
}

/// Installs cargo-mutants if it is not there.
fn install() -> Outcome {
    let there = Command::new("cargo")
        .args(["mutants", "--version"])
        .output()
        .is_ok_and(|o| o.status.success());
    if there {
        return Ok(());
    }
    println!("installing cargo-mutants");
    shell::run(&mut shell::command(
        "cargo install --locked --debug cargo-mutants",
    ))
}

/// Runs cargo-mutants over one area; what survived comes back, name without place -> line with place.
fn plant(area: &Area, passed_on: &[String]) -> Outcome<BTreeMap<String, String>> {
    let missing = area
        .files
        .iter()
        .find(|file| !shell::root().join(file).is_file());
    if let Some(file) = missing {
        return Err(format!(
            "mutants.toml: area {}: there is no file {file}",
            area.name
        ));
    }
    let folder = shell::scratch(&format!("mutants/{}", area.name))?;
    let mut command =
        shell::command("cargo mutants --colors never --no-shuffle --minimum-test-timeout 60");
    command
        .args(["--package", &area.package, "--output"])
        .arg(&folder);
    for file in &area.files {
        command.args(["--file", file]);
    }
    command.args(passed_on);
    let status = command
        .status()
        .map_err(|e| format!("cannot start {command:?}: {e}"))?;
    // 0: all caught; 2: some missed; 3: some timed out (a hang is noticed). The rest are failures of the run
    // itself (https://mutants.rs/exit-codes.html).
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        return Err(format!(
            "cargo mutants could not judge {}: {status}",
            area.name
        ));
    }
    let missed = folder.join("mutants.out/missed.txt");
    let text = std::fs::read_to_string(&missed)
        .map_err(|e| format!("cannot read {}: {e}", missed.display()))?;
    Ok(text
        .lines()
        .map(|line| (without_place(line), line.to_owned()))
        .collect())
}

/// `file.rs:12:5: replace x with y` without the line and the column.
fn without_place(line: &str) -> String {
    let mut parts = line.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(what)) => format!("{file}:{what}"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = r#"
        [[area]]
        name = "mailbox"
        package = "sinew-runtime"
        files = ["runtime/src/mailbox.rs"]
        [[survivor]]
        mutant = "a.rs: replace len with 0"
        why = "it only sizes a buffer that grows by itself"
    "#;

    fn survived(lines: &[&str]) -> BTreeMap<String, String> {
        lines
            .iter()
            .map(|line| (without_place(line), (*line).to_owned()))
            .collect()
    }

    #[test]
    fn an_explained_survivor_passes_wherever_it_moved() {
        let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap();
        assert!(
            catalogue
                .compare(&survived(&["a.rs:99:1: replace len with 0"]), true)
                .is_empty()
        );
    }

    #[test]
    fn an_unexplained_survivor_is_named_with_its_place() {
        let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap();
        let findings = catalogue.compare(
            &survived(&[
                "a.rs:9:1: replace len with 0",
                "b.rs:3:4: replace < with ==",
            ]),
            true,
        );
        assert_eq!(
            findings,
            ["no test notices and nothing explains: b.rs:3:4: replace < with =="]
        );
    }

    #[test]
    fn a_stale_explanation_fails_a_whole_run_only() {
        let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap();
        assert!(catalogue.compare(&survived(&[]), true)[0].starts_with("no longer survives"));
        assert!(catalogue.compare(&survived(&[]), false).is_empty());
    }

    #[test]
    fn a_word_is_no_explanation() {
        let catalogue: Catalogue = toml::from_str(
            &CATALOGUE.replace("it only sizes a buffer that grows by itself", "fine"),
        )
        .unwrap();
        assert!(
            catalogue.compare(&survived(&["a.rs:1:1: replace len with 0"]), true)[0]
                .contains("`fine`")
        );
    }

    #[test]
    fn the_committed_catalogue_names_files_that_exist() {
        let catalogue = Catalogue::read(&shell::root().join("xtask/mutants.toml")).unwrap();
        for file in catalogue.area.iter().flat_map(|area| &area.files) {
            assert!(
                shell::root().join(file).is_file(),
                "mutants.toml: there is no file {file}"
            );
        }
        assert!(
            catalogue.compare(&survived(&[]), false).is_empty(),
            "each survivor is explained in words"
        );
    }
}
