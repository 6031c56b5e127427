//! What systemd is told: that the guardian is ready, and that it lives.

use sinew_board::Timestamp;
use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// How often systemd hears of it; its unit sets `WatchdogSec` to several times that.
const EVERY: Duration = Duration::from_millis(50);

/// systemd, if it started this process and wants to hear of it (sd_notify(3)).
#[derive(Debug, Default)]
pub(super) struct Notify {
    socket: Option<UnixDatagram>,
    told: Option<Timestamp>,
}

impl Notify {
    /// The socket that the environment names.
    pub(super) fn from_environment() -> Self {
        let socket = std::env::var_os("NOTIFY_SOCKET").and_then(|name| connect(&name));
        Self { socket, told: None }
    }

    /// Says once that it is ready, and now and then that it lives. Waits for nobody.
    pub(super) fn alive(&mut self, now: Timestamp) {
        let Some(socket) = &self.socket else {
            return;
        };
        let word: &[u8] = match self.told {
            None => b"READY=1\nWATCHDOG=1",
            Some(told) if now.since(told) >= EVERY => b"WATCHDOG=1",
            Some(_) => return,
        };
        // Nobody to hear it is systemd's affair.
        let _ = socket.send(word);
        self.told = Some(now);
    }
}

fn connect(name: &OsStr) -> Option<UnixDatagram> {
    let bytes = name.as_bytes();
    let address = match bytes.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name).ok()?,
        None => SocketAddr::from_pathname(name).ok()?,
    };
    let socket = UnixDatagram::unbound().ok()?;
    socket.set_nonblocking(true).ok()?;
    socket.connect_addr(&address).ok()?;
    Some(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_hears_that_it_is_ready_and_then_now_and_then_that_it_lives() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let systemd = UnixDatagram::bind(&path).expect("a socket");
        systemd.set_nonblocking(true).expect("it can");
        let mut notify = Notify {
            socket: connect(path.as_os_str()),
            told: None,
        };
        let heard = || {
            let mut word = [0; 64];
            let length = systemd.recv(&mut word).ok()?;
            Some(String::from_utf8_lossy(&word[..length]).into_owned())
        };
        let at = |ms: u64| Timestamp::from_nanos(ms * 1_000_000);
        notify.alive(at(100));
        assert_eq!(heard().as_deref(), Some("READY=1\nWATCHDOG=1"));
        notify.alive(at(149));
        assert_eq!(heard(), None);
        notify.alive(at(150));
        assert_eq!(heard().as_deref(), Some("WATCHDOG=1"));
        drop(systemd);
        notify.alive(at(300));
    }

    #[test]
    fn without_systemd_nobody_is_told() {
        let mut notify = Notify::default();
        notify.alive(Timestamp::ZERO);
        assert!(connect(OsStr::new("/nowhere/at/all")).is_none());
    }
}
