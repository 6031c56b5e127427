//! What happens to actors, as they and whoever steers them note it.

use super::plan::{How, Verb};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// An actor: the number of its start. One that is built anew keeps it, one that is started again has another.
pub(super) type Number = usize;

/// What belongs to one incarnation and has to go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    State,
    Input,
}

/// What an actor begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// `started`, after so many restarts.
    Start(u64),
    /// The message of this number.
    Handle(u64),
    /// The command of this number.
    Obey(u64),
    /// `child_stopped`: whose, why, and whether it is built anew.
    Child(String, String, bool),
    /// The end of one that it watches: whose, and why.
    Hear(String, String),
    /// `stopped`, and why.
    Stop(String),
}

/// How a hook or handler came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Well,
    Finishes,
    Fails,
    Panics,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// One of this role was started, by this parent if it is no node.
    Spawned {
        number: Number,
        role: usize,
        parent: Option<Number>,
    },
    /// Its parent wanted to start it once more, and was refused.
    Refused {
        role: usize,
        parent: Number,
    },
    /// Its factory made it.
    Made(Number),
    /// Its factory failed.
    NotMade(Number, How),
    Begun(Number, Begin),
    Ended(Number, Came),
    Gone(Number, Piece),
    /// Its factory was dropped: it has ended for good.
    Freed(Number),
    /// It was sent a message, which it takes unless it has ended.
    Told {
        number: Number,
        message: u64,
        verb: Verb,
        /// Whom the verb names.
        whom: Option<Number>,
        taken: bool,
    },
    /// It was asked to stop.
    Asked(Number),
    /// All nodes were sent this command.
    Commanded(u64),
    /// The system is shut down, or has ended by itself.
    Over,
}

/// All events, each with its moment after the start.
#[derive(Clone, Debug, Default)]
pub(super) struct Log(Arc<Mutex<Events>>);

#[derive(Debug, Default)]
struct Events {
    list: Vec<(Duration, Event)>,
    start: Option<Instant>,
    last: Duration,
}

impl Log {
    /// Adds an event, at the moment of virtual time or, outside of it, at the last one.
    pub(super) fn add(&self, event: Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tokio::runtime::Handle::try_current().is_ok() {
            let now = Instant::now();
            let start = *events.start.get_or_insert(now);
            events.last = now.duration_since(start);
        }
        let last = events.last;
        events.list.push((last, event));
    }

    pub(super) fn take(&self) -> Vec<(Duration, Event)> {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut events.list)
    }
}
