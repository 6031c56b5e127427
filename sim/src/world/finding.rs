//! What is wrong with a world's file.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong with a world's file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorldFinding {
    /// The file, as it was given.
    pub file: String,
    /// The line that `span` starts in, from 1.
    pub line: usize,
    /// The offending bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// `room.toml:12: unknown key 'radios' (did you mean 'radius'?)`
impl fmt::Display for WorldFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {} ({})",
            self.file, self.line, self.message, self.help
        )
    }
}

impl std::error::Error for WorldFinding {}
