//! What the wires of the simulated board did, in a file.

use super::RunError;
use sinew_mock::Mock;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// A recording that goes on, if one was asked for.
#[derive(Debug)]
pub(super) struct Recording(Option<(PathBuf, Mock)>);

impl Recording {
    /// Begins one if a file is named; what stood in it before is gone.
    ///
    /// # Errors
    ///
    /// [`RunError::Recording`] if the file cannot be written.
    pub(super) fn begin(path: Option<&Path>, mock: &Mock) -> Result<Self, RunError> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let begun = File::create(path).and_then(|file| mock.record(Box::new(BufWriter::new(file))));
        begun.map_err(|source| failed(path, source))?;
        Ok(Self(Some((path.to_owned(), mock.clone()))))
    }

    /// Writes the rest.
    ///
    /// # Errors
    ///
    /// [`RunError::Recording`] if something of it could not be written.
    pub(super) fn end(self) -> Result<(), RunError> {
        let Some((path, mock)) = self.0 else {
            return Ok(());
        };
        let ended = mock.end_recording();
        ended.map_err(|source| failed(&path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> RunError {
    RunError::Recording {
        path: path.to_owned(),
        source,
    }
}
