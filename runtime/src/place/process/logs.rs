//! What a node's process writes: each line goes into this process's log, with the node's name.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{ChildStderr, ChildStdout};
use std::task::{Context, Poll};
use tokio::net::unix::pipe::Receiver;
use tracing::Level;

/// The longest line; what is longer is told in pieces.
const LONGEST_LINE: usize = 4 * 1024;
/// How many lines are told before others have their turn.
const LINES_AT_ONCE: usize = 64;

/// Both pipes of a node's process.
#[derive(Debug)]
pub(super) struct Logs {
    pipes: [Pipe; 2],
}

/// One pipe, until it ends.
#[derive(Debug)]
struct Pipe {
    receiver: Option<Receiver>,
    /// What was read, without a line's end in it.
    line: Vec<u8>,
    /// The level of a line that names none.
    level: Level,
}

impl Pipe {
    fn of(pipe: OwnedFd, level: Level) -> io::Result<Self> {
        Ok(Self {
            receiver: Some(Receiver::from_owned_fd(pipe)?),
            line: Vec::new(),
            level,
        })
    }
}

impl Logs {
    /// What a process writes to its two outputs. Made inside of the runtime that waits for them.
    pub(super) fn of(stdout: ChildStdout, stderr: ChildStderr) -> io::Result<Self> {
        Ok(Self {
            pipes: [
                Pipe::of(stdout.into(), Level::INFO)?,
                Pipe::of(stderr.into(), Level::WARN)?,
            ],
        })
    }

    /// Tells the lines that came, to `tell`; ready when both pipes have ended.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut tell: impl FnMut(Level, &str),
    ) -> Poll<()> {
        let mut ended = true;
        for pipe in &mut self.pipes {
            ended &= pipe.poll(cx, &mut tell).is_ready();
        }
        if ended {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Pipe {
    fn poll(&mut self, cx: &mut Context<'_>, tell: &mut impl FnMut(Level, &str)) -> Poll<()> {
        let mut chunk = [0; LONGEST_LINE];
        for _ in 0..LINES_AT_ONCE {
            let Some(receiver) = &self.receiver else {
                return Poll::Ready(());
            };
            match receiver.try_read(&mut chunk) {
                Ok(0) => self.end(tell),
                Ok(read) => self.take(&chunk[..read], tell),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match receiver.poll_read_ready(cx) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(_)) => self.end(tell),
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.end(tell),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn take(&mut self, bytes: &[u8], tell: &mut impl FnMut(Level, &str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            self.line.extend_from_slice(text);
            if ended || self.line.len() >= LONGEST_LINE {
                self.tell_line(tell);
            }
        }
    }

    fn end(&mut self, tell: &mut impl FnMut(Level, &str)) {
        self.receiver = None;
        if !self.line.is_empty() {
            self.tell_line(tell);
        }
    }

    fn tell_line(&mut self, tell: &mut impl FnMut(Level, &str)) {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.trim_end();
        if !line.is_empty() {
            tell(level_of(line).unwrap_or(self.level), line);
        }
        self.line.clear();
    }
}

/// The level that a line of a log names, among its first words.
fn level_of(line: &str) -> Option<Level> {
    let words = line.split_whitespace().take(4);
    let bare = words.map(|word| word.trim_matches(|c: char| !c.is_ascii_alphabetic()));
    bare.filter_map(|word| match word {
        "ERROR" => Some(Level::ERROR),
        "WARN" => Some(Level::WARN),
        "INFO" => Some(Level::INFO),
        "DEBUG" => Some(Level::DEBUG),
        "TRACE" => Some(Level::TRACE),
        _ => None,
    })
    .next()
}

/// Writes a line of a node's process into this one's log.
pub(super) fn log(node: &str, level: Level, line: &str) {
    match level {
        Level::ERROR => tracing::error!(node, "{line}"),
        Level::WARN => tracing::warn!(node, "{line}"),
        Level::INFO => tracing::info!(node, "{line}"),
        Level::DEBUG => tracing::debug!(node, "{line}"),
        Level::TRACE => tracing::trace!(node, "{line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::process::{Command, Stdio};

    fn lines_of(script: &str) -> Vec<(Level, String)> {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let mut lines = Vec::new();
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap().block_on(async {
            let mut logs =
                Logs::of(child.stdout.take().unwrap(), child.stderr.take().unwrap()).unwrap();
            poll_fn(|cx| logs.poll(cx, |level, line| lines.push((level, line.to_owned())))).await;
        });
        child.wait().unwrap();
        lines
    }

    #[test]
    fn each_line_is_told_with_its_own_level_or_its_pipes() {
        let found = lines_of("echo one; echo; echo ' 12:00 DEBUG two'; printf three");
        let wanted = [
            (Level::INFO, "one"),
            (Level::DEBUG, " 12:00 DEBUG two"),
            (Level::INFO, "three"),
        ];
        assert_eq!(found, wanted.map(|(level, line)| (level, line.to_owned())));
        let found = lines_of("echo \"thread 'x' panicked\" >&2; echo '[ERROR] bad INFO' >&2");
        assert_eq!(found[0].0, Level::WARN);
        assert_eq!(found[1].0, Level::ERROR);
    }

    #[test]
    fn a_flood_without_an_end_is_told_in_pieces() {
        let found = lines_of("head -c 100000 /dev/zero | tr '\\0' x");
        assert!(found.iter().all(|(_, line)| line.len() <= 2 * LONGEST_LINE));
        let all: usize = found.iter().map(|(_, line)| line.len()).sum();
        assert_eq!(all, 100_000);
    }
}
