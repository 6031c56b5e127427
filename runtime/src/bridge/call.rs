//! One call: a blocking ask.

use super::{CannotWait, wait_for};
use crate::{Address, AskError, Handler};
use std::time::Duration;

/// How long a call waits if it says nothing else, as an ask.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(5);

/// Why a call has no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// Nothing was sent: this thread must not wait.
    #[error(transparent)]
    CannotWait(#[from] CannotWait),
    /// The actor gave no reply.
    #[error("`{node}` gave no reply")]
    NoReply {
        /// The actor's node.
        node: String,
        /// What came instead.
        #[source]
        why: AskError,
    },
}

impl<A> Address<A> {
    /// Sends a message and blocks this thread, which is no actor's, until the handler replies; five seconds at
    /// most. In a handler `await` an [`ask`](Self::ask).
    ///
    /// # Errors
    ///
    /// [`CallError`] says why there is no reply.
    pub fn call<M: Send + 'static>(&self, message: M) -> Result<A::Reply, CallError>
    where
        A: Handler<M>,
    {
        self.call_within(message, DEFAULT_PATIENCE)
    }

    /// As [`call`](Self::call), but waits so long at most, for room in the mailbox and for the reply together. It is
    /// the time of this thread that counts, whatever the clock of the actor's system; a call without any time still
    /// sends, if there is room. A reply that comes later counts for no other call.
    ///
    /// # Errors
    ///
    /// [`CallError`] says why there is no reply.
    pub fn call_within<M: Send + 'static>(
        &self,
        message: M,
        time: Duration,
    ) -> Result<A::Reply, CallError>
    where
        A: Handler<M>,
    {
        CannotWait::check_for(self)?;
        let ask = self.ask(message).within(Duration::MAX);
        let reply = wait_for(ask, time).unwrap_or(Err(AskError::TimedOut));
        reply.map_err(|why| CallError::NoReply {
            node: self.name().to_owned(),
            why,
        })
    }
}
