//! What the guardian did last, and why: one line in a file.

use rustix::time::{ClockId, clock_gettime};
use std::fs::{File, OpenOptions};
use std::io::{self, Cursor, Write as _};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

/// The file in the robot's state folder: one JSON object.
pub const LAST_STOP: &str = "last-stop";

/// The line with its padding: the file never changes its size.
const LENGTH: usize = 256;

/// Why a guardian acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// The robot's process ended, or let go of its guardian, without taking leave.
    Death,
    /// The robot's process lives and let a lease pass: it hangs, or is stopped.
    Hang,
    /// The e-stop was pressed.
    EStop,
    /// The guardian was told to end.
    Told,
    /// An output could not be written.
    Output,
}

impl Why {
    /// As it stands in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Death => "death",
            Self::Hang => "hang",
            Self::EStop => "e-stop",
            Self::Told => "guardian ended",
            Self::Output => "output lost",
        }
    }

    /// What happened, for a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Death => "the robot's process ended without taking leave",
            Self::Hang => "the robot's process let a lease pass without making its output safe",
            Self::EStop => "the e-stop was pressed",
            Self::Told => "the guardian was told to end",
            Self::Output => "a motion output could not be written",
        }
    }
}

/// One entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) why: Why,
    pub(super) robot: i32,
    pub(super) epoch: u64,
    /// From the moment at which it was seen to the last safe write.
    pub(super) took: Duration,
    /// Whether every line of every output took its safe value.
    pub(super) all_safe: bool,
}

/// Where the last entry is kept.
#[derive(Debug)]
pub(super) struct Diary(Option<File>);

impl Diary {
    /// In this folder.
    ///
    /// # Errors
    ///
    /// If the file cannot be made.
    pub(super) fn kept_in(folder: Option<&Path>) -> io::Result<Self> {
        let open = |folder: &Path| {
            let path = folder.join(LAST_STOP);
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)
        };
        Ok(Self(folder.map(open).transpose()?))
    }

    /// Writes an entry in place of the one before. A disk that does not take it changes nothing of what was done.
    pub(super) fn write(&self, entry: Entry) {
        let Some(file) = &self.0 else {
            return;
        };
        let time = clock_gettime(ClockId::Realtime);
        let mut line = [b' '; LENGTH];
        line[LENGTH - 1] = b'\n';
        let mut text = Cursor::new(&mut line[..LENGTH - 1]);
        let written = write!(
            text,
            r#"{{"v":1,"why":"{}","what":"{}","unix_s":{},"robot_pid":{},"epoch":{},"took_us":{},"all_safe":{}}}"#,
            entry.why.word(),
            entry.why.sentence(),
            time.tv_sec,
            entry.robot,
            entry.epoch,
            entry.took.as_micros(),
            entry.all_safe,
        );
        if written.is_ok() {
            let _ = file.write_all_at(&line, 0).and_then(|()| file.sync_data());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_json_object_whatever_it_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let diary = Diary::kept_in(Some(folder.path())).expect("a diary");
        for why in [Why::Death, Why::Hang, Why::EStop, Why::Told, Why::Output] {
            diary.write(Entry {
                why,
                robot: i32::MAX,
                epoch: u64::MAX,
                took: Duration::from_secs(1_000_000),
                all_safe: false,
            });
            let text = std::fs::read_to_string(folder.path().join(LAST_STOP)).expect("an entry");
            assert_eq!(text.len(), LENGTH, "{text}");
            let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(read["why"], why.word());
            assert_eq!(read["what"], why.sentence());
        }
    }
}
