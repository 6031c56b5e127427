//! Stopping several actors at once, and waiting for their ends.

use super::sleeper::after;
use super::{CannotWait, Sleeper};
use crate::{Actor, Address, WhenEnded};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

/// Why not all actors are known to have ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// Nobody was asked to end: this thread must not wait.
    #[error(transparent)]
    CannotWait(#[from] CannotWait),
    /// These were asked to end and had not when the time was up.
    #[error("still running: {}", names.join(", "))]
    StillRunning {
        /// Their names, in the order in which they were added.
        names: Vec<String>,
    },
}

/// Actors to be stopped together, of any types.
///
/// ```no_run
/// # use sinew_runtime::{Actor, Address, StopError, StopMany};
/// # use std::time::Duration;
/// # struct Camera;
/// # impl Actor for Camera {}
/// # struct Recorder;
/// # impl Actor for Recorder {}
/// fn end_recording(camera: &Address<Camera>, recorder: &Address<Recorder>) -> Result<(), StopError> {
///     let mut actors = StopMany::new();
///     actors.add(camera).add(recorder);
///     actors.wait(Duration::from_secs(2))
/// }
/// ```
#[derive(Default)]
#[must_use = "nobody is stopped before `wait`"]
pub struct StopMany<'a> {
    actors: Vec<&'a dyn Stop>,
}

impl<'a> StopMany<'a> {
    /// No actors yet.
    pub const fn new() -> Self {
        Self { actors: Vec::new() }
    }

    /// Adds an actor.
    pub fn add<A: Actor>(&mut self, actor: &'a Address<A>) -> &mut Self {
        self.actors.push(actor);
        self
    }

    /// Asks all of them at once to end in order, and blocks this thread, which is no actor's, until each has ended for
    /// good, its last incarnation dropped. `within` is for all of them together; it is the time of this thread
    /// that counts.
    ///
    /// # Errors
    ///
    /// [`StopError`] names those that had not ended in time; they stay asked to.
    pub fn wait(self, within: Duration) -> Result<(), StopError> {
        for actor in &self.actors {
            actor.check()?;
        }
        let (sleeper, until) = (Sleeper::here(), after(within));
        let waker = Waker::from(Arc::clone(&sleeper));
        let mut cx = Context::from_waker(&waker);
        self.actors.iter().for_each(|actor| actor.stop());
        let actors = self.actors.iter();
        let mut running: Vec<_> = actors.map(|actor| (actor.name(), actor.ended())).collect();
        loop {
            running.retain_mut(|(_, ended)| Pin::new(ended).poll(&mut cx).is_pending());
            if running.is_empty() {
                return Ok(());
            }
            if !sleeper.slept_until(until) {
                let names = running.iter().map(|(name, _)| (*name).to_owned());
                let names = names.collect();
                return Err(StopError::StillRunning { names });
            }
        }
    }
}

impl fmt::Debug for StopMany<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.actors.iter().map(|actor| actor.name());
        f.write_str("StopMany")?;
        f.debug_list().entries(names).finish()
    }
}

/// An address without the type of its actor, as far as stopping goes.
trait Stop {
    fn name(&self) -> &str;
    fn stop(&self);
    fn ended(&self) -> WhenEnded<'_>;
    fn check(&self) -> Result<(), CannotWait>;
}

impl<A: Actor> Stop for Address<A> {
    fn name(&self) -> &str {
        Address::name(self)
    }

    fn stop(&self) {
        Address::stop(self);
    }

    fn ended(&self) -> WhenEnded<'_> {
        Address::ended(self)
    }

    fn check(&self) -> Result<(), CannotWait> {
        CannotWait::check_for(self)
    }
}
