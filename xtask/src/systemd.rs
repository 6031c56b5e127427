//! A robot as it stands on a Pi, two units under a real systemd: in a container, with a stand-in for its motor controller.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Args;
use crate::{Outcome, shell};

/// How long the container may run, in seconds: some three times what it takes on a machine with other work.
const LIMIT: &str = "240";
/// Where everything of the robot is in the container.
const HOME: &str = "opt/carousel";

/// Boots a small Debian, in which `docs/systemd` are the units of `sinew/examples/carousel.rs`, and ends them in every way.
///
/// # Errors
/// When a check fails or none ran, or where it can't be set up.
pub(crate) fn systemd(args: Args) -> Outcome {
    args.end()?;
    let folder = shell::scratch("systemd")?;
    shell::run(shell::command("xtask/systemd/root.sh").arg(&folder))?;
    shell::run(&mut shell::command(
        "cargo build --locked -p sinew --example carousel",
    ))?;
    shell::run(&mut shell::command(
        "cargo build --locked -p sinew-safety --example controller",
    ))?;
    let root = folder.join("root");
    furnish(&root)?;
    let mut boot = shell::command("xtask/systemd/boot.sh");
    boot.arg(&root).arg(LIMIT);
    // It is judged by what the checks say: nspawn ends in the way that the machine was switched off.
    let ended = boot.output().map_err(|error| error.to_string())?;
    let said = std::fs::read_to_string(root.join(HOME).join("checks.out")).map_err(|error| {
        let printed = String::from_utf8_lossy(&ended.stdout).into_owned();
        format!("the container said nothing ({error}):\n{printed}")
    })?;
    print!("{said}");
    verdict(&said)
}

/// Puts programs, units and checks where they belong.
fn furnish(root: &Path) -> Outcome {
    let home = root.join(HOME);
    let _ = std::fs::remove_dir_all(&home);
    make(&home)?;
    let built = shell::target_dir().join("debug/examples");
    for program in ["carousel", "controller"] {
        copy(&built.join(program), &home.join(program))?;
    }
    let here = shell::root().join("xtask/systemd");
    copy(&here.join("checks"), &home.join("checks"))?;
    let units = root.join("etc/systemd/system");
    let documented = shell::root().join("docs/systemd");
    for (from, unit) in [
        (&documented, "carousel.service"),
        (&documented, "carousel-guard.service"),
        (&here, "controller.service"),
        (&here, "carousel-test.service"),
    ] {
        copy(&from.join(unit), &units.join(unit))?;
    }
    // A container may deny its root to spare a process or to run it first; on a Pi this is left away.
    let allowed = units.join("carousel.service.d");
    make(&allowed)?;
    let text = "[Service]\nExecStart=\nExecStart=/opt/carousel/carousel run --config /opt/carousel/robot.toml --seconds 864000 \
                --speed 1 --allow-unprivileged-guardian\n";
    write(&allowed.join("container.conf"), text)?;
    let wanted = units.join("multi-user.target.wants");
    make(&wanted)?;
    let link = wanted.join("carousel-test.service");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink("../carousel-test.service", &link)
        .map_err(|error| format!("{}: {error}", link.display()))
}

fn make(folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn copy(from: &PathBuf, to: &PathBuf) -> Outcome {
    shell::run(Command::new("cp").args([from, to]))
}

fn write(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Whether all checks were made and none failed.
///
/// # Errors
/// Which not.
fn verdict(said: &str) -> Outcome {
    let lines = |begin: &str| said.lines().filter(|line| line.starts_with(begin)).count();
    let (passed, failed) = (lines("ok "), lines("not ok "));
    let planned = said.lines().find_map(|line| line.strip_prefix("1.."));
    match planned.and_then(|count| count.parse::<usize>().ok()) {
        Some(planned) if planned == passed && failed == 0 && planned > 0 => {
            println!("{passed} checks under systemd passed");
            Ok(())
        }
        Some(planned) => Err(format!("of {planned} checks {passed} passed")),
        None => Err(format!(
            "the checks were not made to their end: {passed} passed, {failed} failed"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn all_checks_must_have_been_made_and_passed() {
        assert!(verdict("ok 1 - a\nok 2 - b\n1..2\n").is_ok());
        for bad in [
            "",
            "1..0\n",
            "ok 1 - a\n",
            "ok 1 - a\n1..2\n",
            "ok 1 - a\nnot ok 2 - b\n1..2\n",
        ] {
            assert!(verdict(bad).is_err(), "{bad}");
        }
    }
}
