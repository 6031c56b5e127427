//! The budgets of the README's commands: how many packages they compile, how much CPU they take from clean.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::{Outcome, readme, shell};

/// Packages of `cargo run -p rover`, our own included: what a newcomer waits for.
const MOST_PACKAGES_ROVER: usize = 150;
/// Packages of the runtime alone, itself included.
const MOST_PACKAGES_RUNTIME: usize = 30;
/// CPU seconds, user and system, of the README's run command from clean: the build and the run.
const MOST_CPU_SECONDS_RUN: f64 = 300.0;
/// The same of the README's test command.
const MOST_CPU_SECONDS_TEST: f64 = 500.0;

/// Measures one of the budgets.
///
/// # Errors
/// When it is exceeded, or the command itself fails.
pub(crate) fn budget(mut args: Args) -> Outcome {
    let what = args.word();
    let target = args.option::<PathBuf>("--target-dir")?;
    args.end()?;
    let target = target.unwrap_or_else(|| shell::target_dir().join("budget"));
    match what.as_deref() {
        Some("packages") => packages(),
        Some("run") => cpu("cargo run -p rover", &target, MOST_CPU_SECONDS_RUN),
        Some("test") => cpu("cargo test", &target, MOST_CPU_SECONDS_TEST),
        _ => Err("budget packages, budget run, or budget test".to_owned()),
    }
}

fn packages() -> Outcome {
    within("rover", MOST_PACKAGES_ROVER)?;
    within("sinew-runtime", MOST_PACKAGES_RUNTIME)
}

/// Counts what cargo compiles for a package on this machine.
fn within(package: &str, most: usize) -> Outcome {
    let line = format!("cargo tree -p {package} -e normal,build --prefix none --format {{p}}");
    let tree = shell::output(&mut shell::command(&line))?;
    let count = distinct(&tree);
    println!("{package}: {count} packages, at most {most}");
    if count <= most {
        Ok(())
    } else {
        Err(format!(
            "{package} compiles {count} packages, at most {most} are allowed"
        ))
    }
}

/// The distinct packages, name and version, of `cargo tree`'s lines.
fn distinct(tree: &str) -> usize {
    let name_and_version = |line: &str| {
        Some(
            line.split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" "),
        )
    };
    tree.lines()
        .filter_map(name_and_version)
        .filter(|package| !package.is_empty())
        .collect::<BTreeSet<_>>()
        .len()
}

/// Runs a command of the README in an empty target folder and compares the CPU time with its budget.
fn cpu(begins: &str, target: &Path, most: f64) -> Outcome {
    let line = readme::command(&readme::text()?, begins)?;
    empty(target)?;
    println!(
        "$ {line}     # README.md, from clean in {}",
        target.display()
    );
    let before = shell::cpu_seconds_of_children()?;
    shell::run(shell::command(&line).env("CARGO_TARGET_DIR", target))?;
    let used = shell::cpu_seconds_of_children()? - before;
    println!("{line}: {used:.0} CPU seconds from clean, at most {most:.0}");
    if used <= most {
        Ok(())
    } else {
        Err(format!(
            "`{line}` takes {used:.0} CPU seconds, at most {most:.0} are allowed"
        ))
    }
}

/// Removes a target folder, and only that: cargo marks its own with a tag.
fn empty(target: &Path) -> Outcome {
    if !target.exists() {
        return Ok(());
    }
    let is_cargos = target.join("CACHEDIR.TAG").is_file();
    let is_empty = target
        .read_dir()
        .is_ok_and(|mut entries| entries.next().is_none());
    if !is_cargos && !is_empty {
        return Err(format!(
            "{} is no target folder of cargo: it is left alone",
            target.display()
        ));
    }
    std::fs::remove_dir_all(target).map_err(|e| format!("cannot remove {}: {e}", target.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_counts_once_and_two_versions_of_it_twice() {
        let tree = "rover v0.1.0 (/r)\nserde v1.0.1\nserde v1.0.1 (*)\nserde_derive v1.0.1 (proc-macro)\nnix v0.26.4\nnix v0.31.3\n\n";
        assert_eq!(distinct(tree), 5);
    }

    #[test]
    fn only_a_target_folder_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        std::fs::create_dir(&precious).unwrap();
        std::fs::write(precious.join("thesis.txt"), "words").unwrap();
        assert!(empty(&precious).is_err() && precious.join("thesis.txt").exists());
        std::fs::write(precious.join("CACHEDIR.TAG"), "Signature").unwrap();
        assert_eq!(empty(&precious), Ok(()));
        assert!(!precious.exists() && empty(&precious).is_ok());
    }
}
