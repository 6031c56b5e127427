//! A line of a motion output as an open file: what a guardian holds, and hands to its robot.

use crate::backend::{OutputLine, PwmLine};
use crate::{BoardError, Level};
use gpiocdev_uapi::v2::{LineValues, set_line_values};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;

/// How a value becomes a write to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// A request of one line from a GPIO chip (the kernel's `GPIO_V2_LINE_SET_VALUES_IOCTL`).
    Line,
    /// The file `duty_cycle` of a PWM channel in sysfs.
    Duty {
        /// The period of the channel in nanoseconds.
        period: u64,
    },
    /// A pipe or socket whose other end stands for the hardware and is told each value as eight bytes, a little-endian
    /// `f64`: 0 and 1 for the levels of a line, 0 to 1 for a PWM. What finds no room is an error; nothing waits.
    Record,
}

/// An open line that can be written by every process that holds its file.
#[derive(Debug)]
pub struct Wire {
    file: File,
    encoding: Encoding,
}

impl Wire {
    /// A file that takes values in this way.
    #[must_use]
    pub fn new(file: OwnedFd, encoding: Encoding) -> Self {
        Self {
            file: file.into(),
            encoding,
        }
    }

    /// The same line by a file of its own.
    ///
    /// # Errors
    ///
    /// If too many files are open.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            file: self.file.try_clone()?,
            encoding: self.encoding,
        })
    }

    /// How values are written.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Writes a value from 0 to 1; of a line, all above 0 is high. Allocates nothing and waits for nobody.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub fn put(&self, value: f64) -> io::Result<()> {
        // Not a number is as good as nothing.
        let value = if value.is_finite() {
            value.clamp(0.0, 1.0)
        } else {
            0.0
        };
        match self.encoding {
            Encoding::Line => {
                let values = LineValues {
                    bits: u64::from(value > 0.0),
                    mask: 1,
                };
                set_line_values(&self.file, &values).map_err(|error| match error {
                    gpiocdev_uapi::Error::Os(errno) => io::Error::from_raw_os_error(errno.0),
                    _ => io::ErrorKind::InvalidInput.into(),
                })
            }
            Encoding::Duty { period } => {
                let nanos = (period as f64 * value).round() as u64;
                let mut digits = [0; 20];
                let text = decimal(nanos, &mut digits);
                self.file.write_all_at(text, 0)
            }
            Encoding::Record => {
                let bytes = value.to_le_bytes();
                let written = (&self.file).write(&bytes)?;
                if written == bytes.len() {
                    Ok(())
                } else {
                    Err(io::ErrorKind::WriteZero.into())
                }
            }
        }
    }
}

/// The file.
impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// A number's decimal digits, at the end of `room`.
pub(crate) fn decimal(mut number: u64, room: &mut [u8; 20]) -> &[u8] {
    let mut start = room.len();
    loop {
        start -= 1;
        room[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &room[start..];
        }
    }
}

/// A wire of an output, with the name that its errors use.
#[derive(Debug)]
pub(crate) struct NamedWire {
    pub(crate) what: String,
    pub(crate) wire: Wire,
}

impl NamedWire {
    fn put(&self, value: f64) -> Result<(), BoardError> {
        self.wire.put(value).map_err(|source| BoardError::System {
            doing: "drive",
            what: self.what.clone(),
            remedy: "the guardian gave this line: dmesg may say more about its chip".to_owned(),
            source,
        })
    }
}

impl OutputLine for NamedWire {
    fn set(&mut self, level: Level) -> Result<(), BoardError> {
        self.put(if level == Level::High { 1.0 } else { 0.0 })
    }
}

impl PwmLine for NamedWire {
    fn set_duty(&mut self, duty: f64) -> Result<(), BoardError> {
        self.put(duty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_duty_is_written_as_the_nanoseconds_of_its_period() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let wire = |name: &tempfile::NamedTempFile| {
            let file = name.reopen().expect("the file");
            Wire::new(file.into(), Encoding::Duty { period: 50_000 })
        };
        for (duty, text) in [(1.0, "50000"), (0.25, "12500"), (7.0, "50000")] {
            file.as_file().set_len(0).expect("room");
            wire(&file).put(duty).expect("it takes any duty");
            let read = std::fs::read_to_string(file.path()).expect("the file");
            assert_eq!(read, text);
        }
        for nothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            file.as_file().set_len(0).expect("room");
            wire(&file).put(nothing).expect("it takes any duty");
            let read = std::fs::read_to_string(file.path()).expect("the file");
            assert_eq!(read, "0", "{nothing}");
        }
    }

    #[test]
    fn a_record_that_finds_no_room_is_an_error_and_waits_for_nobody() {
        let (mut reads, writes) = UnixStream::pair().expect("a pair");
        writes.set_nonblocking(true).expect("it can");
        let wire = Wire::new(writes.into(), Encoding::Record);
        let mut written = 0;
        while wire.put(0.5).is_ok() {
            written += 1;
            assert!(written < 1_000_000, "it takes without end");
        }
        let mut value = [0; 8];
        reads.read_exact(&mut value).expect("a record");
        assert_eq!(f64::from_le_bytes(value), 0.5);
    }

    #[test]
    fn numbers_are_written_in_decimal() {
        for number in [0, 7, 10, 50_000, u64::MAX] {
            let mut room = [0; 20];
            assert_eq!(decimal(number, &mut room), number.to_string().as_bytes());
        }
    }
}
