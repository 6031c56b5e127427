//! A serial port as a file that a motion output writes: it waits for nobody, and another process can hold it as well.

use crate::backend::MotorPort;
use rustix::ioctl::{Getter, Opcode};
use rustix::termios::{QueueSelector, tcflush};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};

/// How many bytes wait to be sent (tty_ioctl(4), "Buffer count and flushing").
const TIOCOUTQ: Opcode = 0x5411;

/// An open port.
#[derive(Debug)]
pub(crate) struct PortFile(File);

impl PortFile {
    /// Over a file that was opened as [`crate::backend::Serial::wire`] does.
    pub(crate) fn new(file: OwnedFd) -> Self {
        Self(file.into())
    }
}

impl MotorPort for PortFile {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        nothing_yet((&self.0).write(bytes))
    }

    fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        nothing_yet((&self.0).read(into))
    }

    fn discard(&self) -> io::Result<()> {
        Ok(tcflush(&self.0, QueueSelector::OFlush)?)
    }

    #[allow(unsafe_code, reason = "no crate has this call")]
    fn queued(&self) -> usize {
        // SAFETY: the call writes one `int`, which the getter has room for; another kind of file refuses it.
        let queued =
            unsafe { rustix::ioctl::ioctl(self.0.as_fd(), Getter::<TIOCOUTQ, i32>::new()) };
        // A driver that does not tell is paced by the line's speed alone.
        queued
            .ok()
            .and_then(|count| count.try_into().ok())
            .unwrap_or(0)
    }
}

/// What would have to be waited for is nothing.
fn nothing_yet(done: io::Result<usize>) -> io::Result<usize> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        done => done,
    }
}
