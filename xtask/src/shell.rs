//! Running other programs, and where the repository is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Outcome;

/// The repository's root folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the repository")
}

/// The folder that cargo builds into: `CARGO_TARGET_DIR`, or `target`.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A folder of our own below the target folder, made if it is not there.
pub(crate) fn scratch(name: &str) -> Outcome<PathBuf> {
    let folder = target_dir().join("xtask").join(name);
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    Ok(folder)
}

/// A command from the words of a line such as the README gives it, run in the repository's root.
pub(crate) fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or("true"));
    command.args(words).current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs a command whose output the user sees.
///
/// # Errors
/// When it cannot be started or ends with a failure.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command
        .status()
        .map_err(|e| format!("cannot start {command:?}: {e}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed: {status}"))
    }
}

/// Runs a command and hands back what it wrote to standard output; the user sees what it says besides.
///
/// # Errors
/// When it cannot be started, ends with a failure, or prints what is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    finished(command.stderr(Stdio::inherit()))
}

/// As [`output`], and what it says besides is seen only if it fails.
///
/// # Errors
/// As [`output`].
pub(crate) fn quiet_output(command: &mut Command) -> Outcome<String> {
    finished(command.stderr(Stdio::piped()))
}

fn finished(command: &mut Command) -> Outcome<String> {
    let output = command
        .output()
        .map_err(|e| format!("cannot start {command:?}: {e}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} failed: {}\n{said}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{command:?} printed what is not UTF-8"))
}

/// The CPU seconds, user and system, of all children that have ended so far.
///
/// Source: proc_pid_stat(5), fields 16 `cutime` and 17 `cstime`, in ticks of USER_HZ, which is 100 on every
/// Linux that Rust supports.
///
/// # Errors
/// On a system without `/proc`.
pub(crate) fn cpu_seconds_of_children() -> Outcome<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat")
        .map_err(|e| format!("CPU time is read from /proc/self/stat, which only Linux has: {e}"))?;
    children_ticks(&stat)
        .map(|ticks| ticks as f64 / TICKS_PER_SECOND)
        .ok_or_else(|| format!("/proc/self/stat is not as proc_pid_stat(5) says: {stat}"))
}

/// Least, median and greatest; `None` of nothing.
pub(crate) fn spread(values: impl Iterator<Item = f64>) -> Option<(f64, f64, f64)> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    Some((
        *sorted.first()?,
        *sorted.get(sorted.len() / 2)?,
        *sorted.last()?,
    ))
}

/// `cutime` + `cstime`. The second field is the program's name, which may hold spaces: count from its `)`.
fn children_ticks(stat: &str) -> Option<u64> {
    let after_name = stat.rsplit_once(')')?.1;
    let mut fields = after_name
        .split_whitespace()
        .skip(13)
        .map(str::parse::<u64>);
    Some(fields.next()?.ok()? + fields.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_of_children_are_found_behind_a_name_with_spaces() {
        let stat = "9 (a b) c) R 1 1 1 0 -1 4194304 98 0 0 0 11 12 130 4 20 0 1 0 128841 3133440";
        assert_eq!(children_ticks(stat), Some(134));
        assert_eq!(children_ticks("9 (a) R 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_child_that_worked_costs_cpu_time() {
        let before = cpu_seconds_of_children().unwrap();
        run(Command::new("sh").args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]))
            .unwrap();
        assert!(cpu_seconds_of_children().unwrap() > before);
    }

    #[test]
    fn the_spread_is_least_median_and_greatest() {
        assert_eq!(
            spread([3.0, 1.0, 9.0, 2.0, 8.0].into_iter()),
            Some((1.0, 3.0, 9.0))
        );
        assert_eq!(spread(std::iter::empty()), None);
    }

    #[test]
    fn the_root_is_where_the_workspace_is() {
        assert!(root().join("Cargo.toml").is_file() && root().join("xtask").is_dir());
    }
}
