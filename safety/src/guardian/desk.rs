//! The guardian's own socket, where the e-stop is pressed and reset while the robot hangs, or is not there.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a client waits for an answer. The guardian answers from memory, after a write to a disk at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    EStop,
    Reset,
    Status,
}

/// The socket, while it is served. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Desk {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Desk {
    /// Serves at `path`, which only its owner may write to. What another guardian left there is replaced: only one can hold
    /// the outputs.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            path: path.to_owned(),
        })
    }

    /// The next request, without waiting, and where its answer goes.
    pub(super) fn next(&self) -> Option<(Option<Request>, SocketAddr)> {
        let mut word = [0; 16];
        let (length, from) = self.socket.recv_from(&mut word).ok()?;
        let request = match &word[..length] {
            b"estop" => Some(Request::EStop),
            b"reset" => Some(Request::Reset),
            b"status" => Some(Request::Status),
            _ => None,
        };
        Some((request, from))
    }

    /// Answers. Who does not wait for it needs none.
    pub(super) fn answer(&self, to: &SocketAddr, text: &str) {
        let _ = self.socket.send_to_addr(text.as_bytes(), to);
    }
}

impl AsFd for Desk {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Why a guardian could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("no guardian answers at {}: {source}", path.display())]
pub struct DeskError {
    path: PathBuf,
    source: io::Error,
}

/// Asks the guardian that serves at `path`: `estop`, `reset` or `status`. Its answer begins with `ok` if it was done.
///
/// # Errors
///
/// [`DeskError`] if no guardian is there, or none answers within two seconds.
pub fn ask(path: &Path, word: &str) -> Result<String, DeskError> {
    exchange(path, word).map_err(|source| DeskError {
        path: path.to_owned(),
        source,
    })
}

fn exchange(path: &Path, word: &str) -> io::Result<String> {
    // An address of this process and this question, so that the answer finds its way.
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let number = ASKED.fetch_add(1, Ordering::Relaxed);
    let name = format!("sinew-desk-{}-{number}", std::process::id());
    let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(name)?)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.send_to(word.as_bytes(), path)?;
    let mut answer = [0; 256];
    let length = socket.recv(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}
