//! What a system says about itself.

use crate::Time;
use crate::kin::Bonds;
use crate::mailbox::{MailboxCounters, OwnersLine};
use crate::sync::AtomicU64;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// What a node is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum NodeState {
    /// Waits to be built, for the first time or again.
    Waiting,
    /// Runs its `started`.
    Starting,
    /// Handles messages.
    Running,
    /// Runs its `stopped`.
    Stopping,
    /// Ended for good.
    Ended,
}

impl NodeState {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Starting,
        Self::Running,
        Self::Stopping,
        Self::Ended,
    ];

    /// The state in a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Ended => "ended",
        }
    }
}

/// What is counted about a node; read from any thread.
///
/// In this order in memory: what is written seldom parts what senders write from what the node's own thread does.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct NodeRecord {
    pub(crate) mailbox: MailboxCounters,
    pub(crate) bonds: Bonds,
    /// Made at the first trouble: most actors have none.
    troubles: OnceLock<Box<Troubles>>,
    /// Until when its end may take, in nanoseconds; it says so itself while it ends.
    ends_by: AtomicU64,
    restarts: AtomicU32,
    state: AtomicU8,
    unresponsive: AtomicBool,
    pub(crate) owner: OwnersLine,
}

/// What is counted about a node when something goes wrong.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    pub(crate) failures: AtomicU64,
    pub(crate) dropped_commands: AtomicU64,
    pub(crate) undelivered: AtomicU64,
    /// How often it held its thread too long.
    pub(crate) held_too_long: AtomicU64,
    last_failure: Mutex<Option<String>>,
}

impl NodeRecord {
    pub(crate) fn set_state(&self, state: NodeState) {
        self.state.store(state as u8, Ordering::Release);
    }

    fn state(&self) -> NodeState {
        NodeState::ALL[usize::from(self.state.load(Ordering::Acquire)).min(4)]
    }

    /// Whether it has ended for good, and nothing of it is left.
    pub(crate) fn has_ended(&self) -> bool {
        self.state() == NodeState::Ended
    }

    /// Says that it did not end in time.
    pub(crate) fn set_unresponsive(&self) {
        self.unresponsive.store(true, Ordering::Relaxed);
    }

    /// Whether it did not end in time.
    pub(crate) fn is_unresponsive(&self) -> bool {
        self.unresponsive.load(Ordering::Relaxed)
    }

    /// How often it was restarted; also, which of its incarnations is the present one.
    pub(crate) fn restarts(&self) -> u64 {
        u64::from(self.restarts.load(Ordering::Relaxed))
    }

    /// Counts a restart; which incarnation ended with it. The shortest pause lets four billion take seven weeks.
    pub(crate) fn count_restart(&self) -> u64 {
        u64::from(self.restarts.fetch_add(1, Ordering::Relaxed))
    }

    /// Says until when its end may take.
    pub(crate) fn set_ends_by(&self, moment: Time) {
        self.ends_by.store(moment.nanos(), Ordering::Relaxed);
    }

    /// Until when its end may take; the beginning of time while it does not end.
    pub(crate) fn ends_by(&self) -> Time {
        Time::from_nanos(self.ends_by.load(Ordering::Relaxed))
    }

    /// Counts so much of one trouble.
    pub(crate) fn add_trouble(&self, which: fn(&Troubles) -> &AtomicU64, count: usize) {
        if count > 0 {
            let troubles = self.troubles.get_or_init(Box::default);
            which(troubles).fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    /// How much there was of one trouble.
    pub(crate) fn trouble(&self, which: fn(&Troubles) -> &AtomicU64) -> u64 {
        let troubles = self.troubles.get();
        troubles.map_or(0, |troubles| which(troubles).load(Ordering::Relaxed))
    }

    pub(crate) fn set_last_failure(&self, why: String) {
        let troubles = self.troubles.get_or_init(Box::default);
        let mut last = troubles
            .last_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last = Some(why);
    }

    fn last_failure(&self) -> Option<String> {
        let last = self.troubles.get()?.last_failure.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A reading of all of it.
    pub(crate) fn status(&self, name: &str) -> NodeStatus {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        NodeStatus {
            name: name.to_owned(),
            state: self.state(),
            unresponsive: self.is_unresponsive(),
            handled: read(&self.owner.handled),
            failures: self.trouble(|it| &it.failures),
            restarts: self.restarts(),
            dropped_commands: self.trouble(|it| &it.dropped_commands),
            undelivered: self.trouble(|it| &it.undelivered),
            held_too_long: self.trouble(|it| &it.held_too_long),
            last_failure: self.last_failure(),
        }
    }
}

/// What is known about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeStatus {
    /// Its name.
    pub name: String,
    /// What it is doing.
    pub state: NodeState,
    /// Whether it did not end in time when it was told to: its last word was dropped, or it hangs on its thread.
    pub unresponsive: bool,
    /// Messages handled, of all kinds: inputs, timers and silences as well.
    pub handled: u64,
    /// Failures and panics.
    pub failures: u64,
    /// Restarts that followed.
    pub restarts: u64,
    /// Commands that were dropped at restarts.
    pub dropped_commands: u64,
    /// Messages that waited when it ended for good.
    pub undelivered: u64,
    /// How often it held its thread for 100 ms or longer without an `await`; on a real clock only.
    pub held_too_long: u64,
    /// The last failure, in words.
    pub last_failure: Option<String>,
}

/// What is known about an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgeStatus {
    /// The node at which it begins.
    pub from: String,
    /// The node at which it ends.
    pub to: String,
    /// The name of the message type.
    pub message: &'static str,
    /// Values published.
    pub published: u64,
    /// Values that its receiver began to handle.
    pub delivered: u64,
    /// Values displaced by newer ones, without room, without a receiver, or left behind when it ended; commands
    /// that waited at a restart. Published is delivered, dropped, expired and what still waits.
    pub dropped: u64,
    /// Commands that outlived their lease before they were handled.
    pub expired: u64,
    /// Silences reported.
    pub silences: u64,
}

/// A reading of a running system, from any thread.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The system's time.
    pub now: Time,
    /// All nodes, in the order of the graph, then all others that live, in the order in which they were started.
    pub nodes: Vec<NodeStatus>,
}

/// What a system did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Messages handled by all nodes, and by those that were started since and have ended.
    pub messages: u64,
    /// Failures and panics of all nodes.
    pub failures: u64,
    /// Restarts of all nodes.
    pub restarts: u64,
    /// How many did not end in time when they were told to.
    pub unresponsive: u64,
    /// The hash over every turn, every message that an actor began with, and every value on every edge, in virtual
    /// time; zero on a real clock.
    pub trace_hash: u64,
    /// All nodes, in the order of the graph, then all others that live, in the order in which they were started.
    pub nodes: Vec<NodeStatus>,
    /// All edges, in the order of the graph.
    pub edges: Vec<EdgeStatus>,
    /// Why the system ended by itself, if it did.
    pub ended: Option<String>,
}
