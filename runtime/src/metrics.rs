//! A snapshot of all that is counted, as plain data for whoever draws, stores or sends it.
//!
//! Counters only grow, from the system's beginning on; a rate is the difference of two snapshots over the difference
//! of their `at_ns`. Each figure was right a moment before or after the others: nothing stops for a snapshot.

use crate::Time;
use crate::edge::EdgeMeta;
use crate::graph::{EdgeInfo, EdgeKind};
use crate::kin::Kin;
use crate::sync::AtomicU64;
use serde::Serialize;
use std::sync::atomic::Ordering;

/// All counters of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Metrics {
    /// When they were read, in nanoseconds on the system's clock.
    pub at_ns: u64,
    /// All nodes of the graph and all others that live, each in the order in which they were started.
    pub nodes: Vec<NodeMetrics>,
    /// All edges, in the order of the graph.
    pub edges: Vec<EdgeMetrics>,
}

/// The counters of an actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NodeMetrics {
    /// Its full name.
    pub name: String,
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
    /// Its told and asked messages.
    pub mailbox: MailboxMetrics,
}

/// The counters of a mailbox: told and asked messages, without urgent ones and without what edges bring.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MailboxMetrics {
    /// Messages that wait now.
    pub depth: u64,
    /// The most that ever waited.
    pub highest_depth: u64,
    /// How many may wait.
    pub capacity: u64,
    /// Messages that a `try_tell` got back because there was no room.
    pub refused: u64,
    /// Tells and asks that had to wait for room.
    pub waited: u64,
}

/// The counters of an edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EdgeMetrics {
    /// The node at which it begins.
    pub from: String,
    /// The node at which it ends.
    pub to: String,
    /// The name of the message type.
    pub message: &'static str,
    /// Whether it carries commands, which expire.
    pub is_command: bool,
    /// Values published.
    pub published: u64,
    /// Values that its receiver began to handle.
    pub delivered: u64,
    /// Values that were lost: displaced by newer ones, without room, without a receiver, or left behind when it ended.
    pub dropped: u64,
    /// Commands that outlived their lease before they were handled.
    pub expired: u64,
    /// Silences reported.
    pub silences: u64,
    /// After how long without a value its receiver is told of the silence, in nanoseconds; `None` where it is not told.
    pub silence_after_ns: Option<u64>,
    /// When the last value came, in nanoseconds on the system's clock; `None` before the first, and where nobody is told of silence.
    pub last_came_ns: Option<u64>,
    /// Values that wait now.
    pub depth: u64,
    /// How many may wait.
    pub capacity: u64,
    /// How old the last value was when its receiver began to handle it, in nanoseconds; `None` before the first.
    pub last_age_ns: Option<u64>,
    /// The greatest such age, in nanoseconds.
    pub longest_age_ns: Option<u64>,
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl NodeMetrics {
    pub(crate) fn of(kin: &dyn Kin) -> Self {
        let record = kin.record();
        Self {
            name: kin.name().to_string(),
            handled: read(&record.owner.handled),
            failures: record.trouble(|it| &it.failures),
            restarts: record.restarts(),
            dropped_commands: record.trouble(|it| &it.dropped_commands),
            undelivered: record.trouble(|it| &it.undelivered),
            held_too_long: record.trouble(|it| &it.held_too_long),
            mailbox: record.mailbox.read(&record.owner),
        }
    }
}

impl EdgeMetrics {
    pub(crate) fn of(info: &EdgeInfo, meta: &EdgeMeta) -> Self {
        // What went in is read last, so that the depth is never below what waits all the time.
        let [delivered, dropped, expired] =
            [&meta.delivered, &meta.dropped, &meta.expired].map(read);
        let published = read(&meta.published);
        Self {
            from: info.from.clone(),
            to: info.to.clone(),
            message: info.message,
            is_command: matches!(info.kind, EdgeKind::Command { .. }),
            published,
            delivered,
            dropped,
            expired,
            silences: read(&meta.silences),
            silence_after_ns: info
                .silence
                .map(|after| Time::ZERO + after)
                .map(Time::nanos),
            last_came_ns: meta.last_arrival().map(Time::nanos),
            depth: published.saturating_sub(delivered + dropped + expired),
            capacity: capacity(info.kind),
            last_age_ns: meta.ages.last(),
            longest_age_ns: meta.ages.longest(),
        }
    }
}

/// How many values an edge of this kind may hold.
fn capacity(kind: EdgeKind) -> u64 {
    match kind {
        EdgeKind::Latest | EdgeKind::Command { .. } => 1,
        EdgeKind::KeepNewest(room) | EdgeKind::KeepOldest(room) => room as u64,
    }
}
