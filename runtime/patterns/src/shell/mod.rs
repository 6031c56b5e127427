//! Runs programs of the system beside the robot.

mod actor;
mod group;
mod lines;
mod running;

pub use actor::Shell;
pub use running::Running;

use sinew_runtime::{Address, Handler};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

/// How long a program may take to end after it was asked to, if nothing is said.
const GRACE: Duration = Duration::from_secs(2);

/// A program to be run beside the robot: what it says and how it ends become messages.
///
/// For what others wrote better: a picture taken by `rpicam-still`, a log sent away by `rsync`, a sentence spoken by
/// `espeak-ng`. Start it as an [input](sinew_runtime::Context::try_input) of an actor with [`start`](Self::start), or as
/// an actor of its own with [`told_to`](Self::told_to).
///
/// * Each line of its standard output and standard error is a message, in their order, and its exit is the last one. Who
///   handles slowly slows the program down: nothing is lost, and nothing piles up but one line of 64 KiB at most, where
///   a longer one is parted.
/// * It runs in a process group of its own, which ends with it: when it exits, when its [`time_out`](Self::time_out) has
///   passed (first with a request, after a grace with force), and when whoever runs it ends, however it ends.
/// * Nothing waits for it: no handler, and no thread. As an input it is looked after while its actor is idle, its
///   time-out as well; the actor of its own is always idle.
///
/// A program runs in real time. In a simulation, where time jumps, give the actor something else to run.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Handler};
/// use sinew_patterns::{ShellCommand, ShellEvent, ShellOutput};
/// # use std::time::Duration;
///
/// struct Camera;
///
/// impl Actor for Camera {
///     async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         let still = ShellCommand::new("rpicam-still").args(["-o", "/tmp/still.jpg"]);
///         let still = still.time_out(Duration::from_secs(10)).start()?;
///         ctx.try_input("still", still);
///         Ok(())
///     }
/// }
///
/// impl Handler<ShellEvent> for Camera {
///     type Reply = ();
///     async fn handle(&mut self, event: ShellEvent, _: &mut Context<Self>) -> Result<(), Failure> {
///         match event.output {
///             ShellOutput::Exit { status, .. } if status.success() => Ok(()),
///             ShellOutput::Exit { status, .. } => Err(Failure::new(format!("no picture: {status}"))),
///             ShellOutput::Stdout(_) | ShellOutput::Stderr(_) => Ok(()),
///         }
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ShellCommand {
    label: Arc<str>,
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    time_out: Option<Duration>,
    grace: Duration,
}

/// Something that a program said or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellEvent {
    /// The [`label`](ShellCommand::label) of its command.
    pub label: Arc<str>,
    /// What it said or did.
    pub output: ShellOutput,
}

/// What a program said or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellOutput {
    /// A line of its standard output, without its end; what is no UTF-8 is replaced.
    Stdout(String),
    /// A line of its standard error.
    Stderr(String),
    /// It has exited: this is the last that is heard of it.
    Exit {
        /// How.
        status: ExitStatus,
        /// Whether its time-out had passed, so that it was made to.
        timed_out: bool,
    },
}

/// Why a program could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShellError {
    /// It could not be started.
    #[error("cannot start `{program}`; is it installed, and in PATH?")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// What it says, or how it ended, could not be read.
    #[error("cannot follow `{program}`")]
    Follow {
        /// The program.
        program: String,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
}

impl ShellCommand {
    /// Runs this program.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        Self {
            label: Arc::from(program.to_string_lossy()),
            program: program.to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            dir: None,
            time_out: None,
            grace: GRACE,
        }
    }

    /// Has `sh` run this line. Put nothing into it that comes from outside: [`new`](Self::new) with
    /// [`args`](Self::args) takes any text as it is.
    #[must_use]
    pub fn sh(line: impl AsRef<OsStr>) -> Self {
        Self::new("sh").args([OsStr::new("-c"), line.as_ref()])
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        let args = args.into_iter();
        self.args.extend(args.map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of its environment, which is the robot's otherwise.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        let (name, value) = (name.as_ref().to_owned(), value.as_ref().to_owned());
        self.env.push((name, value));
        self
    }

    /// Has it run in this folder.
    #[must_use]
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Ends it, with all that it started, when it has run for so long; never if nothing is said.
    #[must_use]
    pub fn time_out(mut self, time: Duration) -> Self {
        self.time_out = Some(time);
        self
    }

    /// How long it may take to end after it was asked to (`SIGTERM`), before it is made to (`SIGKILL`); 2 s if nothing
    /// is said.
    #[must_use]
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// What its events are labelled with: the program's name if nothing is said.
    #[must_use]
    pub fn label(mut self, label: impl Into<Arc<str>>) -> Self {
        self.label = label.into();
        self
    }

    /// Starts it, in the turn of an actor of a real system.
    ///
    /// # Errors
    ///
    /// [`ShellError::Start`] if the system cannot start it.
    pub fn start(&self) -> Result<Running, ShellError> {
        Running::start(self)
    }

    /// An actor that runs it, tells this address what it says, and ends with it.
    #[must_use]
    pub fn told_to<B: Handler<ShellEvent>>(self, listener: Address<B>) -> Shell<B> {
        Shell::new(self, listener)
    }

    fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}

impl fmt::Display for ShellCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program.to_string_lossy())?;
        let mut args = self.args.iter();
        args.try_for_each(|arg| write!(f, " {}", arg.to_string_lossy()))
    }
}
