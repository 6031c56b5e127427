//! An actor that runs a program and tells another what it says.

use super::{Running, ShellCommand, ShellError, ShellEvent, ShellOutput};
use futures_core::Stream;
use sinew_runtime::{Actor, Address, Context, EndActor, Failure, Handler};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};

/// Runs a program, tells its listener what it says, and ends with it: as a child of the listener, or as a node.
///
/// While the listener has no room for more, the program waits with it; a time-out is kept all the same. It ends normally after the exit was told,
/// whatever the exit says, and when its listener has ended; it fails if the program cannot be started. News of its end
/// overtake the lines that wait in its parent's mailbox: wait for [`ShellOutput::Exit`] to have heard all.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Handler, Lifetime};
/// use sinew_patterns::{ShellCommand, ShellEvent};
///
/// struct Voice;
/// struct Speak(String);
/// # impl Actor for Voice {}
///
/// impl Handler<Speak> for Voice {
///     type Reply = ();
///     async fn handle(&mut self, it: Speak, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         let espeak = ShellCommand::new("espeak-ng").args(["--", &it.0]).told_to(ctx.address());
///         ctx.child("espeak", espeak).lifetime(Lifetime::Temporary).start()?;
///         Ok(())
///     }
/// }
/// # impl Handler<ShellEvent> for Voice {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: ShellEvent, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// ```
pub struct Shell<B: Handler<ShellEvent>> {
    command: ShellCommand,
    listener: Address<B>,
}

impl<B: Handler<ShellEvent>> Shell<B> {
    pub(super) const fn new(command: ShellCommand, listener: Address<B>) -> Self {
        Self { command, listener }
    }
}

impl<B: Handler<ShellEvent>> Clone for Shell<B> {
    fn clone(&self) -> Self {
        Self::new(self.command.clone(), self.listener.clone())
    }
}

impl<B: Handler<ShellEvent>> Actor for Shell<B> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.try_input(
            "program",
            Forward {
                running: self.command.start()?,
                listener: self.listener.clone(),
                telling: None,
            },
        );
        Ok(())
    }
}

impl<B: Handler<ShellEvent>> Handler<Over> for Shell<B> {
    type Reply = ();
    async fn handle(&mut self, _: Over, _: &mut Context<Self>) -> Result<(), Failure> {
        Err(EndActor.into())
    }
}

/// The exit was told, or nobody listens any more.
struct Over;

/// Tells what a program says. While the listener has no room nothing more is read; its time-out is kept all the same,
/// which a handler that waits could not do.
struct Forward<B: Handler<ShellEvent>> {
    running: Running,
    listener: Address<B>,
    telling: Option<Telling>,
}

/// Ends when an event was told: with whether another is wanted.
type Telling = Pin<Box<dyn Future<Output = bool>>>;

impl<B: Handler<ShellEvent>> Stream for Forward<B> {
    type Item = Result<Over, ShellError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(telling) = &mut self.telling {
                let Poll::Ready(goes_on) = telling.as_mut().poll(cx) else {
                    self.running.look_at_time(cx);
                    return Poll::Pending;
                };
                self.telling = None;
                if !goes_on {
                    return Poll::Ready(Some(Ok(Over)));
                }
            }
            match ready!(Pin::new(&mut self.running).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(event)) => self.telling = Some(tell(self.listener.clone(), event)),
            }
        }
    }
}

fn tell<B: Handler<ShellEvent>>(listener: Address<B>, event: ShellEvent) -> Telling {
    Box::pin(async move {
        let last = matches!(event.output, ShellOutput::Exit { .. });
        listener.tell(event).await.is_ok() && !last
    })
}

impl<B: Handler<ShellEvent>> fmt::Debug for Shell<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shell({})", self.command)
    }
}
