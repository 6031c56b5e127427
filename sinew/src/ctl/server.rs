//! Serves the control socket of a running robot.

use super::commander::Commander;
use super::connections::Connections;
use super::protocol::{Action, Answer, LONGEST_REQUEST, Request};
use super::{Controls, path};
use crate::{pace, threads};
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a client may take over its next line before its connection is closed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the control socket could not be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Another robot serves it.
    #[error(
        "another robot of this name serves {path}; stop it, or give this one another place with --socket PATH"
    )]
    InUse {
        /// The socket.
        path: PathBuf,
    },
    /// Something else stands there.
    #[error(
        "{path} exists and is no socket; move it away, or name another place with --socket PATH"
    )]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// The path does not fit into a socket's address.
    #[error("the path of the control socket is too long ({length} bytes, at most {limit}): {path}; name a shorter one with --socket PATH", limit = path::LONGEST_PATH)]
    TooLong {
        /// The path.
        path: PathBuf,
        /// Its length in bytes.
        length: usize,
    },
    /// The system refused.
    #[error(
        "cannot serve the control socket {path}: {source}; name another place with --socket PATH"
    )]
    System {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A control socket while it is served. Dropping it closes and removes the socket.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
    /// Held while the socket is served: whoever finds it free knows that a socket left behind is stale.
    _lock: File,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    connections: Connections,
    commander: Commander,
}

/// One connection, as its requests see the others.
#[derive(Clone, Copy)]
struct Client<'a> {
    id: u64,
    shared: &'a Shared,
}

impl Server {
    /// Serves `controls` at `path`. A socket that a dead robot left behind is replaced.
    ///
    /// # Errors
    ///
    /// [`ServeError`] if a living robot serves it, something else stands there, or the system refuses.
    pub fn start(path: &Path, controls: Arc<dyn Controls>) -> Result<Server, ServeError> {
        let length = path.as_os_str().len();
        if length > path::LONGEST_PATH {
            return Err(ServeError::TooLong {
                path: path.to_path_buf(),
                length,
            });
        }
        let system = |source| ServeError::System {
            path: path.to_path_buf(),
            source,
        };
        path::prepare_folder(path).map_err(system)?;
        let lock = take_lock(path)?;
        remove_stale(path)?;
        let listener = UnixListener::bind(path).map_err(system)?;
        // The folder is private, and where it is not, connecting needs the write permission that the usual umask takes.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(system)?;
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        let acceptor = threads::start("ctl", move || accept(&listener, &serving, &controls))
            .map_err(system)?;
        Ok(Server {
            path: path.to_path_buf(),
            shared,
            acceptor: Some(acceptor),
            _lock: lock,
        })
    }

    /// Where it is served.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        // Wakes the acceptor. Without it the thread waits on, which is harmless: the process ends.
        let woken = UnixStream::connect(&self.path).is_ok();
        if let (true, Some(acceptor)) = (woken, self.acceptor.take()) {
            let _ = acceptor.join();
        }
        self.shared.connections.close_all();
        let _ = std::fs::remove_file(&self.path);
    }
}

/// `PATH.lock`; it stays when the robot ends, for removing a lock file is a race.
fn take_lock(path: &Path) -> Result<File, ServeError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let system = |source| ServeError::System {
        path: path.to_path_buf(),
        source,
    };
    let file = File::options()
        .create(true)
        .append(true)
        .open(&name)
        .map_err(system)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::InUse {
            path: path.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(system(source)),
    }
}

fn remove_stale(path: &Path) -> Result<(), ServeError> {
    let system = |source| ServeError::System {
        path: path.to_path_buf(),
        source,
    };
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(system(error)),
        Ok(found) if !found.file_type().is_socket() => Err(ServeError::NotASocket {
            path: path.to_path_buf(),
        }),
        Ok(_) if UnixStream::connect(path).is_ok() => Err(ServeError::InUse {
            path: path.to_path_buf(),
        }),
        Ok(_) => std::fs::remove_file(path).map_err(system),
    }
}

fn accept(listener: &UnixListener, shared: &Arc<Shared>, controls: &Arc<dyn Controls>) {
    for id in 0.. {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the control socket cannot accept");
                // Out of descriptors it fails at once each time; without a pause that would burn a core.
                pace::sleep(Duration::from_millis(50));
                continue;
            }
        };
        if shared.stopping.load(Ordering::Acquire) {
            return;
        }
        let Ok(kept) = stream.try_clone() else {
            continue;
        };
        shared.connections.open(id, kept);
        let (shared, controls) = (Arc::clone(shared), Arc::clone(controls));
        let served = threads::start("ctl client", move || {
            // A client that went away needs no answer.
            let _ = serve(
                &stream,
                Client {
                    id,
                    shared: &shared,
                },
                controls.as_ref(),
            );
            shared.commander.leave(id);
            shared.connections.close(id);
        });
        if let Err(error) = served {
            tracing::warn!(%error, "no thread for a client of the control socket");
        }
    }
}

fn serve(stream: &UnixStream, client: Client<'_>, controls: &dyn Controls) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        (&mut reader)
            .take(LONGEST_REQUEST as u64 + 1)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        if line.len() > LONGEST_REQUEST {
            let error = format!("a request has at most {LONGEST_REQUEST} bytes");
            return send(stream, &Answer::error(error));
        }
        send(stream, &answer(&line, client, controls))?;
    }
}

fn send(mut stream: &UnixStream, answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    stream.write_all(&line)
}

fn answer(line: &[u8], client: Client<'_>, controls: &dyn Controls) -> Answer {
    let request = match Request::parse(line) {
        Ok(request) => request,
        Err(error) => return Answer::error(error),
    };
    match request.action {
        Action::Status => return Answer::done(Some(controls.status())),
        Action::Arm => {
            if let Err(refusals) = controls.arm() {
                return Answer::refused(refusals);
            }
        }
        Action::Disarm => controls.disarm(),
        Action::Estop => controls.estop(),
        Action::Reset => return done(controls.reset()),
        Action::Drive => return drive(&request, client, controls),
        Action::Handback => return hand_back(client, controls),
        Action::Explain => {
            return match controls.explain(request.output.as_deref()) {
                Ok(report) => Answer::explanation(report),
                Err(why) => Answer::refused(vec![why]),
            };
        }
        Action::LastStop => {
            return match controls.last_stop() {
                Ok(report) => Answer::last_stop(report),
                Err(why) => Answer::refused(vec![why]),
            };
        }
        Action::Parameters => return Answer::parameters(controls.parameters(), None),
        Action::Set => return set(&request, controls),
    }
    Answer::done(None)
}

/// One at a time: two people who steer one robot run it into a wall.
fn drive(request: &Request, client: Client<'_>, controls: &dyn Controls) -> Answer {
    // A request is only understood with both.
    let (Some(x), Some(yaw)) = (request.x, request.yaw) else {
        return Answer::error("to drive needs x and yaw");
    };
    if !client.shared.commander.is(client.id) {
        let why =
            "somebody else drives this robot; one at a time. `ctl estop` stops it all the same";
        return Answer::refused(vec![why.to_owned()]);
    }
    done(controls.drive(x, yaw))
}

fn hand_back(client: Client<'_>, controls: &dyn Controls) -> Answer {
    if !client.shared.commander.is(client.id) {
        let why = "somebody else drives this robot, and gives it back";
        return Answer::refused(vec![why.to_owned()]);
    }
    client.shared.commander.leave(client.id);
    done(controls.hand_back())
}

fn done(result: Result<(), String>) -> Answer {
    match result {
        Ok(()) => Answer::done(None),
        Err(why) => Answer::refused(vec![why]),
    }
}

fn set(request: &Request, controls: &dyn Controls) -> Answer {
    // A request is only understood with both.
    let (Some(name), Some(value)) = (&request.parameter, request.value) else {
        return Answer::error("to set a parameter needs its name and a value");
    };
    match controls.set_parameter(name, value, request.save) {
        Ok(kept) => Answer::parameters(controls.parameters(), kept),
        Err(why) => Answer::refused(vec![why]),
    }
}
