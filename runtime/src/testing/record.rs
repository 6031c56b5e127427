//! What a probe was sent, in its order.

use crate::{ActorId, Time};
use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::ops::Deref;
use std::sync::Arc;

/// How many of the newest messages a failed expectation shows.
const SHOWN: usize = 8;
/// What a probe is called before it has started.
const NEVER_STARTED: &str = "a probe that never started";

/// A message as a probe got it. It can be used as the message itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received<M> {
    /// The message.
    pub message: M,
    /// When the probe got it.
    pub at: Time,
    /// Which actor told it; `None` for what came by an edge, by a watch, or from the test itself.
    pub sender: Option<ActorId>,
    /// The name of that actor; `None` also if it is gone without a trace.
    pub from: Option<Arc<str>>,
}

impl<M> Deref for Received<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.message
    }
}

impl<M: Debug> fmt::Display for Received<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.message, self.at)?;
        match &self.from {
            Some(from) => write!(f, " from `{from}`"),
            None => Ok(()),
        }
    }
}

/// All that a probe was sent.
#[derive(Debug)]
pub(super) struct Record<M> {
    /// The name of the probe, once it has started.
    pub(super) name: Option<Arc<str>>,
    /// What no expectation took yet.
    waiting: VecDeque<Received<M>>,
    /// The newest of all in words, for who expected something else.
    newest: VecDeque<String>,
    count: usize,
    /// Whether an expectation waits for the next one.
    pub(super) is_awaited: bool,
}

impl<M> Default for Record<M> {
    fn default() -> Self {
        Self {
            name: None,
            waiting: VecDeque::new(),
            newest: VecDeque::new(),
            count: 0,
            is_awaited: false,
        }
    }
}

impl<M: Debug> Record<M> {
    /// Takes a message down.
    pub(super) fn add(&mut self, received: Received<M>) {
        if self.newest.len() == SHOWN {
            self.newest.pop_front();
        }
        self.newest.push_back(received.to_string());
        self.count += 1;
        self.waiting.push_back(received);
    }

    /// Takes the next message that no expectation took.
    pub(super) fn next(&mut self) -> Option<Received<M>> {
        self.waiting.pop_front()
    }

    /// The name of the probe, and all that it ever got, in words: a line each; the newest only if they are many.
    pub(super) fn in_words(&self) -> (String, String) {
        let name = self.name.as_deref().unwrap_or(NEVER_STARTED).to_owned();
        if self.count == 0 {
            return (name, "nothing".to_owned());
        }
        let earlier = match self.count - self.newest.len() {
            0 => String::new(),
            earlier => format!("\n    {earlier} earlier ones"),
        };
        let lines = self.newest.iter().map(|line| format!("\n    {line}"));
        (name, earlier + &lines.collect::<String>())
    }
}
