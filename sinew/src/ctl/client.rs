//! Asks a running robot.

use super::protocol::{Action, Answer, Request};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a robot may take to answer. It answers from memory; more than this and it hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer in bytes: a status of a thousand nodes.
const LONGEST_ANSWER: u64 = 1 << 20;

/// Why a robot could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// Nobody listens there.
    #[error(
        "no robot listens at {path}: {source}. Is it running, by the same user? `--socket PATH` names another"
    )]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It listens and did not answer.
    #[error(
        "the robot at {path} did not answer {what}: {source}. If it moves, cut its motor power"
    )]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// What was asked.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It answered something else.
    #[error("what listens at {path} is no robot of this version: {source}")]
    Unintelligible {
        /// The socket.
        path: PathBuf,
        /// What was wrong with the answer.
        source: serde_json::Error,
    },
}

/// Sends one request and waits for its answer, five seconds at most.
///
/// # Errors
///
/// [`AskError`] if nobody listens, nobody answers, or the answer is no answer.
pub fn ask(path: &Path, action: Action) -> Result<Answer, AskError> {
    ask_for(path, &Request::new(action))
}

/// Sends any request and waits for its answer, five seconds at most.
///
/// # Errors
///
/// As [`ask`].
pub fn ask_for(path: &Path, request: &Request) -> Result<Answer, AskError> {
    Session::open(path)?.ask(request)
}

/// A connection over which several requests go; the robot knows them for the same person's.
#[derive(Debug)]
pub struct Session {
    path: PathBuf,
    stream: UnixStream,
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    ///
    /// [`AskError::NotRunning`] if nobody listens.
    pub fn open(path: &Path) -> Result<Session, AskError> {
        let stream = UnixStream::connect(path).map_err(|source| AskError::NotRunning {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(Session {
            path: path.to_path_buf(),
            stream,
        })
    }

    /// Sends a request and waits for its answer, five seconds at most.
    ///
    /// # Errors
    ///
    /// [`AskError`] if nobody answers, or the answer is no answer.
    pub fn ask(&mut self, request: &Request) -> Result<Answer, AskError> {
        let line = exchange(&mut self.stream, request).map_err(|source| AskError::NoAnswer {
            path: self.path.clone(),
            what: format!("{:?}", request.action).to_lowercase(),
            source,
        })?;
        serde_json::from_str(&line).map_err(|source| AskError::Unintelligible {
            path: self.path.clone(),
            source,
        })
    }
}

fn exchange(stream: &mut UnixStream, request: &Request) -> std::io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut asked = serde_json::to_vec(request)?;
    asked.push(b'\n');
    stream.write_all(&asked)?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_ANSWER)).read_line(&mut line)?;
    if line.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}
