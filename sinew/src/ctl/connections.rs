//! The open connections of a control socket: few at a time, and a new one is never turned away.

use std::collections::VecDeque;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

/// More at once than a person, a script and a monitor need. The oldest gives way to the newest, so that no
/// number of forgotten connections keeps an e-stop out.
const MOST: usize = 16;

/// The open connections, oldest first.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<VecDeque<(u64, UnixStream)>>,
}

impl Connections {
    /// Takes a connection in, and closes the oldest if there are too many.
    pub(super) fn open(&self, id: u64, stream: UnixStream) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() == MOST
            && let Some((_, oldest)) = open.pop_front()
        {
            // It may be closed already, which is as good.
            let _ = oldest.shutdown(Shutdown::Both);
        }
        open.push_back((id, stream));
    }

    /// Forgets a connection that ended.
    pub(super) fn close(&self, id: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(other, _)| *other != id);
    }

    /// Closes all, so that their threads end.
    pub(super) fn close_all(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, stream) in open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
