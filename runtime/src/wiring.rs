//! What keeps a graph from being built or run.

use crate::GraphFinding;
use crate::failure::write_chain;
use std::error::Error;
use std::fmt;

/// Why a graph cannot be built or run. Every error converts into one with `?`.
pub struct WiringError(Cause);

enum Cause {
    Error(Box<dyn Error + Send + Sync>),
    Findings(Vec<GraphFinding>),
    Text(String),
}

impl WiringError {
    /// A wiring error told in words.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Cause::Text(text.into()))
    }

    pub(crate) fn of_findings(findings: Vec<GraphFinding>) -> Self {
        Self(Cause::Findings(findings))
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for WiringError {
    fn from(error: E) -> Self {
        Self(Cause::Error(Box::new(error)))
    }
}

impl fmt::Display for WiringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Text(text) => f.write_str(text),
            Cause::Error(error) => write_chain(f, error.as_ref()),
            Cause::Findings(findings) => {
                for (place, finding) in findings.iter().enumerate() {
                    if place > 0 {
                        f.write_str("\n")?;
                    }
                    write!(f, "{finding}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for WiringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WiringError({self})")
    }
}
