//! Where a thread must not wait, because what it waits for could never come.

use crate::sched::on_runtime_thread;
use crate::{Actor, Address};

/// Why this thread must not wait; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CannotWait {
    /// The thread runs a system just now: this is a handler, a hook, an input or the surroundings.
    #[error(
        "this thread runs a system just now, and all its actors would wait with it; await instead (`ask`, \
         `recv`), or wait on a thread that runs no system"
    )]
    RunsASystem,
    /// The actor's system is simulated and runs on this thread, so that time stands still while it waits.
    #[error(
        "`{node}` is in a simulated system that this thread runs, so that its time stands still while this \
         thread waits; `try_tell` first, then `run_until`, then see what came, in an `Inbox` for example"
    )]
    SimulatedHere {
        /// The actor's node.
        node: String,
    },
    /// The actor's system runs on this thread, so that nobody runs it while the thread waits.
    #[error(
        "`{node}` is in a system that this thread runs, so that nobody runs it while this thread waits; wait on \
         another thread, while this one is in `run_until`"
    )]
    RunHere {
        /// The actor's node.
        node: String,
    },
}

impl CannotWait {
    /// Whether this thread may wait at all.
    pub(crate) fn check() -> Result<(), Self> {
        if on_runtime_thread() {
            return Err(Self::RunsASystem);
        }
        Ok(())
    }

    /// Whether this thread may wait for this actor. One that has ended keeps nobody waiting, and one that another thread
    /// runs goes on meanwhile.
    pub(super) fn check_for<A: Actor>(actor: &Address<A>) -> Result<(), Self> {
        Self::check()?;
        let mailbox = &actor.mailbox;
        if !actor.is_running() || mailbox.runs_elsewhere() {
            return Ok(());
        }
        mailbox.shared.home.may_be_waited_for(actor.name())
    }
}
