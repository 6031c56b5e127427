//! What ends an actor, and how its end is told.

use std::error::Error;
use std::fmt;

/// Why a handler or hook gave up. One pointer wide, so that a `Result<(), Failure>` is cheap to return.
///
/// Every error converts into one with `?`; [`EndActor`] does as well.
pub struct Failure(Box<Cause>);

/// What a failure holds.
enum Cause {
    /// The actor wants to end, and nothing went wrong.
    End,
    /// Something went wrong that has no error type of its own.
    Text(String),
    /// Something went wrong, with its chain of causes.
    Error(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A failure told in words: what was being done, and what came instead.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Box::new(Cause::Text(text.into())))
    }

    /// Whether this is a wish to end rather than trouble.
    pub(crate) fn is_end(&self) -> bool {
        matches!(*self.0, Cause::End)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Cause::End => f.write_str("ended by its own wish"),
            Cause::Text(text) => f.write_str(text),
            Cause::Error(error) => write_chain(f, error.as_ref()),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(Cause::Error(Box::new(error))))
    }
}

/// Returned by a handler (`Err(EndActor.into())`) to end its actor normally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndActor;

impl From<EndActor> for Failure {
    fn from(_: EndActor) -> Self {
        Self(Box::new(Cause::End))
    }
}

/// Writes an error and its causes, joined by colons.
pub(crate) fn write_chain(f: &mut fmt::Formatter<'_>, error: &dyn Error) -> fmt::Result {
    write!(f, "{error}")?;
    let mut source = error.source();
    while let Some(cause) = source {
        write!(f, ": {cause}")?;
        source = cause.source();
    }
    Ok(())
}

/// Why an incarnation of an actor ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// By its own wish ([`EndActor`], `ctx.stop()`).
    Finished,
    /// Somebody asked it to stop, or its system stopped.
    Stopped,
    /// Its group is built anew, because this member failed; it will be as well.
    StoppedWith(String),
    /// A handler, hook, input or its factory failed.
    Failed(String),
    /// A handler or hook panicked.
    Panicked(String),
}

impl Reason {
    /// Whether a supervisor has to act.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Panicked(_))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Stopped => f.write_str("stopped"),
            Self::StoppedWith(name) => write!(f, "stopped with `{name}`, which failed"),
            Self::Failed(why) => write!(f, "failed: {why}"),
            Self::Panicked(why) => write!(f, "panicked: {why}"),
        }
    }
}
