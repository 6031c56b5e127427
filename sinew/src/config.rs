//! `robot.toml`: read whole, and every mistake in it found at once.
//!
//! A robot's `Config` is a tree of structs with `#[serde(default, deny_unknown_fields)]`. Each leaf of the
//! file is therefore tried *alone*, beside defaults for everything else: one mistake hides no other, and
//! each keeps its own place. What only shows when values meet is found by reading the whole afterwards.
//! The section `[board]` is Sinew's own, see [`BoardSection`].

mod board;
pub mod calibration;
mod complaint;
mod layers;
mod leaves;
mod reader;

pub use board::{Backend, BoardSection, GuardianSection};
pub use leaves::Leaf;

use crate::finding::{Finding, FindingKind};
use crate::source::SourceText;
use reader::Document;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The file that is read when nobody names another.
pub const DEFAULT_FILE: &str = "robot.toml";

/// A longer file is refused: a robot's configuration is a page or two, and findings are quoted from memory.
const LONGEST_FILE: u64 = 1 << 20;

/// What a robot's configuration must be able to do: every robot's is a plain struct with derives.
pub trait RobotConfig: Default + DeserializeOwned + Serialize + 'static {}

impl<C: Default + DeserializeOwned + Serialize + 'static> RobotConfig for C {}

/// Where a configuration comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// No file: the values that the robot's code has.
    Defaults,
    /// This file.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Defaults => f.write_str("the robot's defaults"),
            Origin::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A configuration with all that was found wrong in it.
#[derive(Debug)]
pub struct Loaded<C> {
    /// The robot's own part. What was wrong is at its default, so that later checks can go on.
    pub config: C,
    /// Sinew's part.
    pub board: BoardSection,
    /// Where it comes from.
    pub origin: Origin,
    /// The calibration that was laid over it, if any.
    pub calibration: Option<PathBuf>,
    /// All that is wrong; nothing may run unless this is empty.
    pub findings: Vec<Finding>,
    /// The values as they stand in the file, with their places.
    pub leaves: Vec<Leaf>,
}

impl<C: RobotConfig> Loaded<C> {
    /// Reads `file`, or [`DEFAULT_FILE`] of the current folder if there is one, or takes the defaults.
    pub fn find(file: Option<&Path>) -> Loaded<C> {
        let path = match file {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Loaded::defaults(),
        };
        let mut loaded = match read_text(path, "configuration file") {
            Ok(source) => Loaded::parse(&source),
            Err(finding) => Loaded {
                findings: vec![finding],
                ..Loaded::defaults()
            },
        };
        loaded.origin = Origin::File(path.to_path_buf());
        loaded
    }

    /// The configuration that a robot has without any file.
    pub fn defaults() -> Loaded<C> {
        Loaded {
            config: C::default(),
            board: BoardSection::default(),
            origin: Origin::Defaults,
            calibration: None,
            findings: Vec::new(),
            leaves: Vec::new(),
        }
    }

    /// Where everything in it comes from, in words.
    pub fn sources(&self) -> String {
        match &self.calibration {
            Some(file) => format!("{}, calibrated by {}", self.origin, file.display()),
            None => self.origin.to_string(),
        }
    }

    /// Reads a text.
    pub fn parse(source: &SourceText) -> Loaded<C> {
        let mut document = Document::parse(source);
        let leaves = document.leaves();
        let board = document.take_board();
        let config = document.read::<C>(&["board"]);
        Loaded {
            config,
            board,
            origin: Origin::File(PathBuf::from(source.name())),
            calibration: None,
            findings: document.into_findings(),
            leaves,
        }
    }
}

/// Reads a text file whole, or says why not.
///
/// # Errors
///
/// A [`Finding`] if the file cannot be opened, is over one megabyte, or is not UTF-8.
pub(crate) fn read_text(path: &Path, what: &str) -> Result<SourceText, Finding> {
    let name = path.display().to_string();
    let refuse = |message: String, help: &str| Finding::new(FindingKind::File, message, help);
    // A device or a pipe tells no size and may never end, so the limit stands on what is read.
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            let help = "give the path of a readable file, or leave the option away";
            refuse(format!("cannot read the {what} {name}: {error}"), help)
        })?;
    if bytes.len() as u64 > LONGEST_FILE {
        let message = format!("the {what} {name} is longer than the limit of {LONGEST_FILE} bytes");
        return Err(refuse(message, "is it the right file?"));
    }
    String::from_utf8(bytes)
        .map(|text| SourceText::new(&name, text))
        .map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line =
                crate::source::line_of(&String::from_utf8_lossy(&error.as_bytes()[..valid]), valid);
            let message = format!("the {what} {name} is not UTF-8 text: see line {line}");
            refuse(message, "save it as UTF-8")
        })
}
