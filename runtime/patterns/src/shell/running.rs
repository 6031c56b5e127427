//! A program that runs: a stream of what it says, until its exit.

use super::group::Group;
use super::lines::Lines;
use super::{ShellCommand, ShellError, ShellEvent, ShellOutput};
use futures_core::Stream;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::Sleep;

/// How long the pipes of a program that has exited are read on: what it started and let go may hold them for ever.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A program that runs. Dropped, it is killed with all that it started.
#[derive(Debug)]
pub struct Running {
    command: ShellCommand,
    group: Group,
    child: Child,
    stdout: Option<Lines<ChildStdout>>,
    stderr: Option<Lines<ChildStderr>>,
    /// Which of the two is looked at next.
    stdout_is_next: bool,
    stage: Stage,
    timer: Option<Pin<Box<Sleep>>>,
    timed_out: bool,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// It runs.
    Runs,
    /// It was asked to end.
    Asked,
    /// It was made to end.
    Killed,
    /// It has exited; its pipes may hold more.
    Exited(ExitStatus),
    /// All was said.
    Over,
}

impl Running {
    pub(super) fn start(command: &ShellCommand) -> Result<Self, ShellError> {
        let mut process = Command::new(&command.program);
        process.args(&command.args).process_group(0);
        process.envs(command.env.iter().map(|(name, value)| (name, value)));
        process.stdin(Stdio::null());
        process.stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(dir) = &command.dir {
            process.current_dir(dir);
        }
        let mut child = process.spawn().map_err(|cause| ShellError::Start {
            program: command.name(),
            cause,
        })?;
        let timer = command
            .time_out
            .map(|time| Box::pin(tokio::time::sleep(time)));
        Ok(Self {
            command: command.clone(),
            group: Group::led_by(child.id()),
            stdout: child.stdout.take().map(Lines::of),
            stderr: child.stderr.take().map(Lines::of),
            child,
            stdout_is_next: true,
            stage: Stage::Runs,
            timer,
            timed_out: false,
        })
    }

    /// Looks whether it has run for too long, and asks it to end, or makes it.
    pub(super) fn look_at_time(&mut self, cx: &mut Context<'_>) {
        while matches!(self.stage, Stage::Runs | Stage::Asked) && self.time_has_passed(cx) {
            if matches!(self.stage, Stage::Runs) {
                self.timed_out = true;
                self.group.ask_to_end();
                self.enter(Stage::Asked, Some(self.command.grace));
            } else {
                self.group.kill();
                self.enter(Stage::Killed, None);
            }
        }
    }

    /// Whether the time of this stage has passed; if not, the task is woken then.
    fn time_has_passed(&mut self, cx: &mut Context<'_>) -> bool {
        let timer = self.timer.as_mut();
        timer.is_some_and(|timer| timer.as_mut().poll(cx).is_ready())
    }

    fn enter(&mut self, stage: Stage, time: Option<Duration>) {
        self.stage = stage;
        self.timer = time.map(|time| Box::pin(tokio::time::sleep(time)));
    }

    /// The next line of either pipe; each has its turn.
    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ShellOutput>> {
        for _ in 0..2 {
            let stdout = self.stdout_is_next;
            self.stdout_is_next = !stdout;
            let line = if stdout {
                poll_pipe(&mut self.stdout, cx).map_ok(ShellOutput::Stdout)
            } else {
                poll_pipe(&mut self.stderr, cx).map_ok(ShellOutput::Stderr)
            };
            if line.is_ready() {
                return line;
            }
        }
        Poll::Pending
    }

    /// Looks whether it has exited; what it left behind in its group ends then.
    fn look_at_exit(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if matches!(self.stage, Stage::Exited(_) | Stage::Over) {
            return Ok(());
        }
        let exit = pin!(self.child.wait()).poll(cx)?;
        if let Poll::Ready(status) = exit {
            self.group.kill_the_rest();
            self.enter(Stage::Exited(status), Some(LAST_WORDS));
        }
        Ok(())
    }

    fn poll_output(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<ShellOutput>>> {
        self.look_at_time(cx);
        self.look_at_exit(cx)?;
        if let Poll::Ready(line) = self.poll_line(cx) {
            return Poll::Ready(line.map(Some));
        }
        let stage = self.stage;
        match stage {
            Stage::Over => Poll::Ready(Ok(None)),
            Stage::Exited(status) if self.all_was_said(cx) => {
                self.enter(Stage::Over, None);
                Poll::Ready(Ok(Some(ShellOutput::Exit {
                    status,
                    timed_out: self.timed_out,
                })))
            }
            _ => Poll::Pending,
        }
    }

    /// Whether nothing more is to come from the pipes of a program that has exited.
    fn all_was_said(&mut self, cx: &mut Context<'_>) -> bool {
        if self.time_has_passed(cx) {
            (self.stdout, self.stderr) = (None, None);
        }
        self.stdout.is_none() && self.stderr.is_none()
    }
}

/// The next line of a pipe; pending if it has ended.
fn poll_pipe<R: tokio::io::AsyncRead + Unpin>(
    pipe: &mut Option<Lines<R>>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<String>> {
    let Some(lines) = pipe else {
        return Poll::Pending;
    };
    match std::task::ready!(lines.poll_line(cx)) {
        Ok(Some(line)) => Poll::Ready(Ok(line)),
        Ok(None) => {
            *pipe = None;
            Poll::Pending
        }
        Err(error) => Poll::Ready(Err(error)),
    }
}

/// Cancel safe: a line that was not taken is not lost.
impl Stream for Running {
    type Item = Result<ShellEvent, ShellError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let output = std::task::ready!(self.poll_output(cx));
        let event = match output {
            Ok(None) => return Poll::Ready(None),
            Ok(Some(output)) => Ok(ShellEvent {
                label: self.command.label.clone(),
                output,
            }),
            Err(cause) => Err(ShellError::Follow {
                program: self.command.name(),
                cause,
            }),
        };
        Poll::Ready(Some(event))
    }
}
