//! The e-stop's latch: in memory, and in a file that survives restarts and reboots.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The file in the robot's state folder.
pub const LATCH: &str = "e-stop";

const LATCHED: &[u8; 9] = b"latched \n";
const RELEASED: &[u8; 9] = b"released\n";

/// Whether somebody pressed the e-stop and nobody has reset it.
#[derive(Debug)]
pub(super) struct Latch {
    is_latched: bool,
    /// Whether the file says so as well.
    is_kept: bool,
    file: Option<File>,
}

impl Latch {
    /// The latch that is kept in this folder; latched if its file says so, or anything that it should not. A file that does
    /// not exist is that of a robot that was never stopped.
    ///
    /// # Errors
    ///
    /// If the file can be neither read nor made.
    pub(super) fn kept_in(folder: Option<&Path>) -> io::Result<Self> {
        let Some(folder) = folder else {
            return Ok(Self {
                is_latched: false,
                is_kept: true,
                file: None,
            });
        };
        let path = folder.join(LATCH);
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let mut said = Vec::new();
        let read = (&mut file).take(64).read_to_end(&mut said);
        let is_latched = !is_new && (read.is_err() || said != RELEASED);
        let mut latch = Self {
            is_latched: false,
            is_kept: false,
            file: Some(file),
        };
        latch.set(is_latched)?;
        if let Ok(folder) = File::open(folder) {
            folder.sync_all()?;
        }
        Ok(latch)
    }

    pub(super) const fn is_latched(&self) -> bool {
        self.is_latched
    }

    /// Sets it; in memory whatever becomes of the file.
    ///
    /// # Errors
    ///
    /// If it is not sure that the file says so after a loss of power.
    pub(super) fn set(&mut self, is_latched: bool) -> io::Result<()> {
        self.is_latched = is_latched;
        self.is_kept = false;
        self.keep()
    }

    /// Latches in memory, which takes no time; [`Latch::keep`] does the rest.
    pub(super) const fn close(&mut self) {
        self.is_latched = true;
        self.is_kept = false;
    }

    /// Brings the file up to what is in memory, once.
    ///
    /// # Errors
    ///
    /// As for [`Latch::set`].
    pub(super) fn keep(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.is_kept, true) {
            return Ok(());
        }
        let is_latched = self.is_latched;
        let Some(file) = &self.file else {
            return Ok(());
        };
        file.write_all_at(if is_latched { LATCHED } else { RELEASED }, 0)?;
        file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latch_survives_its_process_and_what_is_unreadable_is_latched() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || Latch::kept_in(Some(folder.path())).expect("a latch");
        assert!(!open().is_latched(), "a robot that was never stopped");
        open().set(true).expect("kept");
        assert!(open().is_latched());
        open().set(false).expect("kept");
        assert!(!open().is_latched());
        for garbage in ["", "releas", "released\nx", "\0\0\0\0\0\0\0\0\0"] {
            std::fs::write(folder.path().join(LATCH), garbage).expect("written");
            assert!(open().is_latched(), "{garbage:?}");
        }
    }

    #[test]
    fn a_folder_that_is_none_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let nowhere = folder.path().join("nowhere");
        Latch::kept_in(Some(&nowhere)).expect_err("there is no such folder");
        std::fs::create_dir(folder.path().join(LATCH)).expect("in its way");
        Latch::kept_in(Some(folder.path())).expect_err("a folder is no file");
    }
}
