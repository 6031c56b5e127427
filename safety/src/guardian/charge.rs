//! The robot's process, as its guardian sees it.

use super::diary::Why;
use rustix::net::{RecvFlags, recv};
use rustix::process::{PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use sinew_board::Timestamp;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// What a robot says to its guardian; one byte each.
pub(super) const LEAVES: u8 = b'B';
pub(super) const RESETS: u8 = b'R';

/// One robot.
#[derive(Debug)]
pub(super) struct Charge {
    socket: OwnedFd,
    process: OwnedFd,
    pub(super) pid: i32,
    /// Why it is being ended, once it is.
    pub(super) doomed: Option<Why>,
    /// When it took leave, if it did: it has made its outputs safe and is about to end.
    pub(super) leaves: Option<Timestamp>,
}

/// What a robot said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Leaves,
    Resets,
    /// Its end of the socket is closed.
    Closed,
}

impl Charge {
    /// The process at the other end of this socket.
    ///
    /// # Errors
    ///
    /// If it is gone already.
    pub(super) fn at(socket: OwnedFd) -> io::Result<Self> {
        let peer = rustix::net::sockopt::socket_peercred(&socket)?.pid;
        let process = pidfd_open(peer, PidfdFlags::empty())?;
        // Whoever still holds the other end now had this number all the time: it was nobody else's meanwhile.
        let mut byte = [0; 1];
        let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK;
        if matches!(recv(&socket, &mut byte, flags), Ok((0, _))) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Self {
            socket,
            process,
            pid: peer.as_raw_nonzero().get(),
            doomed: None,
            leaves: None,
        })
    }

    /// Whether it is about to end, by its own wish or not.
    pub(super) const fn is_over(&self) -> bool {
        self.doomed.is_some() || self.leaves.is_some()
    }

    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    pub(super) fn process(&self) -> BorrowedFd<'_> {
        self.process.as_fd()
    }

    /// Ends it, however it hangs. That it may have ended meanwhile is no error.
    pub(super) fn kill(&self) {
        let _ = pidfd_send_signal(&self.process, Signal::KILL);
    }

    /// One thing that it said, without waiting.
    pub(super) fn hear(&self) -> Said {
        let mut byte = [0; 1];
        match recv(&self.socket, &mut byte, RecvFlags::DONTWAIT) {
            Ok((1, _)) if byte[0] == LEAVES => Said::Leaves,
            Ok((1, _)) if byte[0] == RESETS => Said::Resets,
            Ok((0, _)) => Said::Closed,
            // Something else, or nothing, or an interruption.
            Ok(_) => Said::Nothing,
            Err(error) if error == rustix::io::Errno::CONNRESET => Said::Closed,
            Err(_) => Said::Nothing,
        }
    }
}
