//! A node's process as its graph sees it: started, listened to, and surely gone in the end.

use super::frame::{FrameError, FromNode, read};
use super::line::{Line, LineError};
use super::logs::{Logs, log};
use super::own::{GRAPH_VARIABLE, NODE_VARIABLE};
use std::ffi::OsString;
use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a process whose line has ended may take to be gone by itself.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often a process is asked whether it is gone.
const LOOK: Duration = Duration::from_millis(1);

/// Which program a node's process runs, and as which node of which graph.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) graph: Arc<str>,
    pub(super) node: Arc<str>,
    /// Instead of this process's own.
    pub(super) arguments: Option<Arc<[OsString]>>,
}

impl Program {
    /// This program once more. On Linux by the file that this process was started from, also if a newer one took
    /// its name meanwhile: two versions would not understand each other.
    fn command(&self) -> io::Result<Command> {
        let mut own = std::env::args_os();
        let name = own.next();
        let mut command = if cfg!(target_os = "linux") {
            Command::new("/proc/self/exe")
        } else {
            Command::new(std::env::current_exe()?)
        };
        if let Some(name) = name {
            command.arg0(name);
        }
        match &self.arguments {
            None => command.args(own),
            Some(given) => command.args(given.iter()),
        };
        command.env(GRAPH_VARIABLE, &*self.graph);
        command.env(NODE_VARIABLE, &*self.node);
        // A group of its own: Ctrl-C is for the graph, which stops its nodes in order.
        command.process_group(0);
        Ok(command)
    }
}

/// A running process, its line, and its logs. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct NodeProcess {
    node: Arc<str>,
    process: Child,
    line: Line,
    logs: Logs,
}

/// What came from a process.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// A frame, which stands first.
    Frame,
    /// The end of the line.
    End,
}

impl NodeProcess {
    /// Starts the process. Called inside of the runtime that waits for it.
    pub(super) fn start(program: &Program) -> io::Result<Self> {
        let (here, there) = UnixStream::pair()?;
        let mut command = program.command()?;
        command.stdin(Stdio::from(OwnedFd::from(there)));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = unpinned(|| command.spawn())?;
        let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
        let ends = stdout.zip(stderr).ok_or(io::ErrorKind::BrokenPipe.into());
        let made = ends.and_then(|(stdout, stderr)| {
            Ok((Line::over(here, Arc::default())?, Logs::of(stdout, stderr)?))
        });
        match made {
            Ok((line, logs)) => Ok(Self {
                node: Arc::clone(&program.node),
                process,
                line,
                logs,
            }),
            Err(error) => {
                end(&mut process);
                Err(error)
            }
        }
    }

    /// Adds a frame to what waits to be sent; [`poll`](Self::poll) sends it.
    pub(super) fn send(
        &self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), FrameError>,
    ) -> Result<(), FrameError> {
        self.line.outgoing().add(write)
    }

    /// Sends what waits, tells the lines of its logs, and is ready with what came from it.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Came, LineError>> {
        self.poll_logs(cx);
        // Who is gone takes nothing more: that it is gone is read below.
        let _ = self.line.poll_flush(cx);
        let came = self.line.poll_frame(cx);
        came.map_ok(|frame| if frame { Came::Frame } else { Came::End })
    }

    /// Tells the lines that came; that the pipes have ended says nothing that the line does not.
    fn poll_logs(&mut self, cx: &mut Context<'_>) {
        let node = &self.node;
        let _ = self.logs.poll(cx, |level, line| log(node, level, line));
    }

    /// The header of the frame that stands first, and the bytes of its message.
    pub(super) fn frame(&self) -> Result<(FromNode, &[u8]), FrameError> {
        read(self.line.frame())
    }

    /// Has the next frame stand first.
    pub(super) fn consume(&mut self) {
        self.line.consume();
    }

    /// After the end of its line: how it ended, and the last lines of its logs. It is killed if it does not end.
    pub(super) async fn farewell(&mut self) -> io::Result<ExitStatus> {
        let mut rest = FAREWELL;
        let status = loop {
            self.tell_logs().await;
            if let Some(status) = self.process.try_wait()? {
                break status;
            }
            if rest.is_zero() {
                self.process.kill()?;
            }
            rest = rest.saturating_sub(LOOK);
            tokio::time::sleep(LOOK).await;
        };
        // Whoever it started may hold its pipes open: only what is there is told.
        self.tell_logs().await;
        Ok(status)
    }

    /// Tells the lines that are there now.
    async fn tell_logs(&mut self) {
        poll_fn(|cx| {
            self.poll_logs(cx);
            Poll::Ready(())
        })
        .await;
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Does work that starts a process: one that is not bound to the CPU of a real-time thread.
#[cfg(target_os = "linux")]
fn unpinned<T>(work: impl FnOnce() -> T) -> T {
    crate::place::kernel::unpinned(work)
}

#[cfg(not(target_os = "linux"))]
fn unpinned<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Kills a process and waits until it is gone, which is at once, unless it is gone already.
fn end(process: &mut Child) {
    if let Ok(Some(_)) = process.try_wait() {
        return;
    }
    let ended = process.kill().and_then(|()| process.wait());
    if let Err(error) = ended {
        tracing::error!(%error, pid = process.id(), "a node's process cannot be ended");
    }
}
