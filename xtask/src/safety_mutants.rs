//! Bugs that would keep a motor turning, planted by hand: each is caught by the test that the catalogue names.

use crate::args::Args;
use crate::{Outcome, shell};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What others wrote is compiled twice here, and tests of a second each are no quicker for its being optimised.
const AS_IT_IS: &str = "--config profile.dev.package.\"*\".opt-level=0";

/// The longest took 100 s from an empty folder, all others a few.
const LONGEST_SECONDS: u32 = 300;

/// How long the guardian's tests wait for what a bug keeps from coming: with none planted it is there within a second.
const PATIENCE_SECONDS: &str = "10";

/// `xtask/safety-mutants.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    mutant: Vec<Mutant>,
}

/// One bug.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    /// What is wrong with it, in words.
    bug: String,
    /// Where, relative to the repository's root.
    file: String,
    /// What stands there, once.
    from: String,
    /// What stands there instead.
    to: String,
    /// The package whose tests notice.
    package: String,
    /// The test program, or `lib` for the tests beside the code.
    tests: String,
    /// The test that notices.
    caught_by: String,
}

/// Plants each bug in a copy of the repository, and runs the test that has to notice. Two copies at a time, each with packages of its
/// own, for a bug is compiled by one core most of the time.
///
/// # Errors
/// Names each bug that its test does not notice, and each test that fails without one.
pub(crate) fn safety_mutants(mut args: Args) -> Outcome {
    let only: Option<String> = args.option("--only")?;
    args.end()?;
    let path = shell::root().join("xtask/safety-mutants.toml");
    let catalogue = Catalogue::read(&path)?;
    let chosen: Vec<&Mutant> = (catalogue.mutant.iter())
        .filter(|mutant| only.as_ref().is_none_or(|only| mutant.bug.contains(only)))
        .collect();
    if chosen.is_empty() {
        return Err("no bug of the catalogue is called so".to_owned());
    }
    // The guardian's tests take the time of real processes, all others that of the compiler.
    let (here, there): (Vec<&Mutant>, Vec<&Mutant>) =
        (chosen.iter().copied()).partition(|mutant| mutant.package == "sinew-safety");
    let findings = std::thread::scope(|scope| {
        let other = scope.spawn(|| plant("there", &there));
        let mut findings = plant("here", &here)?;
        let others = other.join();
        findings.extend(others.map_err(|_| "a bug could not be planted".to_owned())??);
        Ok::<_, String>(findings)
    })?;
    println!(
        "{} bugs planted, {} not caught",
        chosen.len(),
        findings.len()
    );
    if findings.is_empty() {
        return Ok(());
    }
    Err(findings.join("\n  "))
}

/// Plants these bugs, one after another, in one copy; what was not caught.
fn plant(copy: &str, mutants: &[&Mutant]) -> Outcome<Vec<String>> {
    let mut findings = Vec::new();
    if mutants.is_empty() {
        return Ok(findings);
    }
    let tree = Tree::copy(copy)?;
    let mut healthy = BTreeSet::new();
    for mutant in mutants {
        if healthy.insert((&mutant.package, &mutant.tests, &mutant.caught_by)) {
            let passed = tree.test(mutant)?;
            if !passed.is_ok() {
                findings.push(format!("{} fails without any bug", mutant.caught_by));
            }
        }
    }
    for mutant in mutants {
        let verdict = tree.with(mutant, || tree.test(mutant))?;
        let caught = verdict == Verdict::Failed;
        let said = if caught {
            format!("caught by {}", mutant.caught_by)
        } else {
            format!("NOT CAUGHT: {verdict:?}")
        };
        println!("{} ({}): {said}", mutant.bug, mutant.file);
        if !caught {
            findings.push(format!(
                "{}: {verdict:?} in {}",
                mutant.bug, mutant.caught_by
            ));
        }
    }
    Ok(findings)
}

impl Catalogue {
    fn read(path: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// What became of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    /// It took longer than [`LONGEST_SECONDS`], its compilation included, so it says nothing to whoever waits for it.
    NeverEnds,
    /// No test of this name ran.
    NoTest,
    /// The code with the bug does not compile, so nothing was shown.
    DoesNotCompile,
}

impl Verdict {
    fn is_ok(self) -> bool {
        self == Self::Passed
    }
}

/// A copy of the repository, and what is built in it.
struct Tree {
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// The files that git knows, as they are now. What has not changed since the last copy is left alone, so that it is not
    /// built again.
    fn copy(name: &str) -> Outcome<Self> {
        let root = shell::scratch(&format!("safety-mutants/{name}/tree"))?;
        let target = shell::scratch(&format!("safety-mutants/{name}/target"))?;
        let listed = shell::command("git ls-files -z").output();
        let listed = listed.map_err(|error| format!("cannot ask git for its files: {error}"))?;
        let listed = String::from_utf8_lossy(&listed.stdout);
        let known: BTreeSet<PathBuf> = listed.split('\0').map(|name| root.join(name)).collect();
        forget(&root, &known)?;
        for name in listed.split('\0') {
            let from = shell::root().join(name);
            if name.is_empty() || !from.is_file() {
                continue;
            }
            let to = root.join(name);
            let failed = |error| format!("cannot copy {name}: {error}");
            let bytes = std::fs::read(&from).map_err(failed)?;
            if std::fs::read(&to).ok().as_ref() != Some(&bytes) {
                std::fs::create_dir_all(to.parent().unwrap_or(&root)).map_err(failed)?;
                std::fs::write(&to, bytes).map_err(failed)?;
            }
        }
        Ok(Self { root, target })
    }

    /// Does something with a bug in place, and takes it out again.
    fn with<T>(&self, mutant: &Mutant, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let path = self.root.join(&mutant.file);
        let failed = |error| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        let found = text.matches(&mutant.from).count();
        if found != 1 {
            return Err(format!(
                "safety-mutants.toml: {}: {} has {found} places that read: {}",
                mutant.bug, mutant.file, mutant.from
            ));
        }
        std::fs::write(&path, text.replace(&mutant.from, &mutant.to)).map_err(failed)?;
        let done = work();
        std::fs::write(&path, text).map_err(failed)?;
        done
    }

    fn test(&self, mutant: &Mutant) -> Outcome<Verdict> {
        if mutant.tests == "guardian" {
            // Programs that the test starts.
            let examples =
                format!("cargo build {AS_IT_IS} --quiet --locked -p sinew-safety --examples");
            let built = self.command(&examples).output();
            let built = built.map_err(|error| error.to_string())?;
            if !built.status.success() {
                return Ok(Verdict::DoesNotCompile);
            }
        }
        let which = match mutant.tests.as_str() {
            "lib" => "--lib".to_owned(),
            program => format!("--test {program}"),
        };
        let line = format!(
            "cargo test {AS_IT_IS} --locked -p {} {which} {}",
            mutant.package, mutant.caught_by
        );
        // One that never ends would take the others' time.
        let run = self
            .command(&format!("timeout --kill-after=5 {LONGEST_SECONDS} {line}"))
            .output()
            .map_err(|error| error.to_string())?;
        let printed = String::from_utf8_lossy(&run.stdout);
        Ok(match run.status.success() {
            true if printed.contains("test result: ok. 0 passed") => Verdict::NoTest,
            true => Verdict::Passed,
            false if matches!(run.status.code(), Some(124 | 137)) => Verdict::NeverEnds,
            false if printed.contains("test result: FAILED") => Verdict::Failed,
            false => Verdict::DoesNotCompile,
        })
    }

    fn command(&self, line: &str) -> Command {
        let mut command = shell::command(line);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            // A bug is one line: the rest of its crate need not be compiled again, nor anything be looked at in a debugger.
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("RUST_BACKTRACE", "0")
            .env("SINEW_TEST_PATIENCE", PATIENCE_SECONDS);
        command
    }
}

/// Removes what an older copy left in a folder and git does not know any more.
fn forget(folder: &Path, known: &BTreeSet<PathBuf>) -> Outcome {
    let failed = |error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            forget(&path, known)?;
        } else if !known.contains(&path) {
            std::fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bug_of_the_catalogue_has_its_place_and_a_test_of_that_name() {
        let path = shell::root().join("xtask/safety-mutants.toml");
        let catalogue = Catalogue::read(&path).unwrap();
        assert!(catalogue.mutant.len() >= 10);
        for mutant in catalogue.mutant {
            let text = std::fs::read_to_string(shell::root().join(&mutant.file)).unwrap();
            assert_eq!(text.matches(&mutant.from).count(), 1, "{}", mutant.bug);
            assert_ne!(mutant.from, mutant.to, "{}", mutant.bug);
        }
    }
}
