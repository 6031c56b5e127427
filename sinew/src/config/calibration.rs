//! What was found out about one specimen of a robot: the trim of its motors, the sign of an axis.
//!
//! It is a file beside the releases, not in them: a new release must not forget that this robot's left motor is the
//! stronger one. It has the form of `robot.toml` and is laid over it; whatever a configuration may say, it may say.

use super::layers;
use super::reader::Document;
use super::{Loaded, RobotConfig, read_text};
use crate::finding::{Finding, FindingKind};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What the file begins with.
const HEADER: &str = "\
# Found out about this specimen, and laid over robot.toml. Written by `set --save`; it may be edited.\n";

/// Where the calibration of the robot of this name is kept: `calibration.toml` in `$STATE_DIRECTORY` (which systemd sets for a
/// service), else in `$XDG_STATE_HOME/sinew/NAME`, else in `~/.local/state/sinew/NAME`.
pub fn place_of(robot: &str) -> Option<PathBuf> {
    place(robot, |name| std::env::var_os(name))
}

/// The folder of what outlives the releases of the robot of this name: its calibration, the e-stop's latch, the last stop.
pub fn state_of(robot: &str) -> Option<PathBuf> {
    place_of(robot)?.parent().map(Path::to_path_buf)
}

fn place(robot: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| {
        let text = variable(name)?;
        // systemd names several with colons between them; the first is the service's own.
        let first = text.to_str()?.split(':').next()?;
        let path = PathBuf::from(first);
        path.is_absolute().then_some(path)
    };
    let own = folder("STATE_DIRECTORY");
    let state = || {
        let home = || folder("HOME").map(|home| home.join(".local/state"));
        folder("XDG_STATE_HOME").or_else(home)
    };
    let folder = own.or_else(|| state().map(|state| state.join("sinew").join(robot)))?;
    Some(folder.join("calibration.toml"))
}

impl<C: RobotConfig> Loaded<C> {
    /// Lays the calibration in `file` over the configuration; what is wrong with it is among the findings.
    pub fn calibrate(&mut self, file: &Path) {
        let source = match read_text(file, "calibration file") {
            Ok(source) => source,
            Err(finding) => return self.findings.push(finding),
        };
        let mut document = Document::parse(&source);
        // The section `[board]` is no calibration.
        let _ = document.read::<C>(&[]);
        let findings = document.into_findings();
        if !findings.is_empty() {
            return self.findings.extend(findings);
        }
        // It was read just now.
        let said = source.text().parse::<Table>().unwrap_or_default();
        match layers::over(&self.config, said) {
            Some(config) => {
                self.config = config;
                self.calibration = Some(file.to_path_buf());
            }
            None => self.findings.push(Finding::new(
                FindingKind::File,
                format!(
                    "the calibration {} does not go with the configuration ({})",
                    file.display(),
                    self.origin
                ),
                "correct or remove it",
            )),
        }
    }
}

/// Keeps a parameter's value in the calibration `file`, beside what is kept there already.
///
/// # Errors
///
/// Why it cannot be kept, in a sentence: no such configuration value, or a file that cannot be read or written.
pub(crate) fn keep<C: RobotConfig>(file: &Path, name: &str, value: f64) -> Result<(), String> {
    let named = |why: &dyn std::fmt::Display| {
        format!(
            "{name} is changed and not kept in {}: {why}",
            file.display()
        )
    };
    let mut kept = match std::fs::read_to_string(file) {
        Ok(text) => text.parse::<Table>().map_err(|error| named(&error))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Table::new(),
        Err(error) => return Err(named(&error)),
    };
    let defaults = Value::try_from(C::default()).map_err(|error| error.to_string())?;
    let known = name.split('.').try_fold(&defaults, |at, key| at.get(key));
    if !matches!(known, Some(Value::Float(_))) {
        return Err(format!(
            "{name} is changed and not kept: the configuration has no number of that name"
        ));
    }
    put(&mut kept, name, value);
    if layers::over_defaults::<C>(kept.clone()).is_none() {
        return Err(format!(
            "{name} is changed and not kept: the configuration does not take {value}"
        ));
    }
    let text = toml::to_string(&kept).map_err(|error| error.to_string())?;
    write_whole(file, &format!("{HEADER}\n{text}")).map_err(|error| named(&error))
}

/// Puts a value where its dotted name says.
fn put(table: &mut Table, name: &str, value: f64) {
    match name.split_once('.') {
        None => drop(table.insert(name.to_owned(), Value::Float(value))),
        Some((section, rest)) => {
            let inner = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Replaces a file as a whole, so that a cut of power leaves the old one or the new one.
fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    let parent = file.parent().filter(|path| !path.as_os_str().is_empty());
    let folder = parent.unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let mut new = std::fs::File::create(&beside)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    std::fs::rename(&beside, file)?;
    // The folder's own entry is what a cut of power could still lose.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        speed: f64,
        left: Motor,
        right: Motor,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Motor {
        trim: f64,
        pin: u8,
    }

    impl Default for Motor {
        fn default() -> Self {
            Motor { trim: 1.0, pin: 4 }
        }
    }

    impl Default for Config {
        fn default() -> Self {
            let right = Motor {
                pin: 5,
                ..Motor::default()
            };
            Config {
                speed: 0.5,
                left: Motor::default(),
                right,
            }
        }
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn what_is_kept_is_laid_over_the_configuration_again() {
        let folder = folder();
        let file = folder.path().join("state/calibration.toml");
        keep::<Config>(&file, "right.trim", 0.9).unwrap();
        keep::<Config>(&file, "speed", 0.25).unwrap();
        keep::<Config>(&file, "right.trim", 0.8).unwrap();
        let mut loaded = Loaded::<Config>::defaults();
        loaded.config.left.pin = 7;
        loaded.calibrate(&file);
        assert_eq!(loaded.findings, []);
        assert_eq!(loaded.calibration, Some(file));
        let wanted = Config {
            speed: 0.25,
            left: Motor { trim: 1.0, pin: 7 },
            right: Motor { trim: 0.8, pin: 5 },
        };
        assert_eq!(loaded.config, wanted);
    }

    #[test]
    fn what_the_configuration_does_not_have_is_not_kept() {
        let folder = folder();
        let file = folder.path().join("calibration.toml");
        for name in ["left.gain", "left", "left.pin", "", "left.trim.x"] {
            let why = keep::<Config>(&file, name, 0.9).unwrap_err();
            assert!(why.contains("not kept"), "{name}: {why}");
        }
        assert!(!file.exists());
    }

    #[test]
    fn a_damaged_calibration_is_a_finding_with_its_line_and_changes_nothing() {
        let folder = folder();
        let file = folder.path().join("calibration.toml");
        for text in [
            "[left]\ntrim = \"much\"",
            "[left]\ngain = 1",
            "[left",
            "[board]\nbackend = \"linux\"",
        ] {
            std::fs::write(&file, text).unwrap();
            let mut loaded = Loaded::<Config>::defaults();
            loaded.calibrate(&file);
            assert_eq!(loaded.findings.len(), 1, "{text}: {:?}", loaded.findings);
            assert_eq!(loaded.config, Config::default(), "{text}");
            assert_eq!(loaded.calibration, None);
        }
        std::fs::write(&file, "[left").unwrap();
        assert!(keep::<Config>(&file, "speed", 0.3).is_err());
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            "[left",
            "left as it is"
        );
    }

    #[test]
    fn a_service_keeps_it_where_systemd_says_and_a_person_at_home() {
        let of = |set: &[(&str, &str)]| {
            place("toy", |name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        let path = |path: &str| Some(PathBuf::from(path));
        let home = ("HOME", "/h");
        assert_eq!(
            of(&[("STATE_DIRECTORY", "/var/lib/toy:/x"), home]),
            path("/var/lib/toy/calibration.toml")
        );
        assert_eq!(
            of(&[("XDG_STATE_HOME", "/s"), home]),
            path("/s/sinew/toy/calibration.toml")
        );
        assert_eq!(
            of(&[("XDG_STATE_HOME", "relative"), home]),
            path("/h/.local/state/sinew/toy/calibration.toml")
        );
        assert_eq!(of(&[]), None);
    }
}
