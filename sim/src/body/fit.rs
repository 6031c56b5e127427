//! A part and what it uses.

use sinew_board::Resource;
use std::fmt;
use std::panic::Location;

/// A fitted part and what of the board it is wired to, comparable with [`sinew_board::ClaimInfo::what`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fit {
    /// What the body calls it.
    pub name: String,
    /// What it is: `HC-SR04`, `wheel motor`.
    pub part: &'static str,
    /// What it is wired to.
    pub resources: Vec<Resource>,
    /// Where the code fits it.
    pub at: &'static Location<'static>,
}

/// `sonar (HC-SR04): GPIO23 (header pin 16), GPIO24 (header pin 18)`
impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.part)?;
        for (index, resource) in self.resources.iter().enumerate() {
            write!(f, "{} {resource}", if index == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}
