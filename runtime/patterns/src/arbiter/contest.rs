//! Who may be obeyed: the sources of an arbiter, the locks, and what became of each command.

use super::lock::SayAgain;
use sinew_runtime::{Recipient, Time};
use std::cmp::Reverse;
use std::time::Duration;

/// All who want to be heard, in the order in which they were connected.
#[derive(Clone, Debug, Default)]
pub(super) struct Contest {
    sources: Vec<Source>,
    locks: Vec<LockHolder>,
}

/// A source and what became of its commands.
#[derive(Clone, Debug)]
struct Source {
    name: String,
    priority: u8,
    time_out: Duration,
    lives_until: Time,
    obeyed: u64,
    refused: u64,
}

/// A lock and its state.
#[derive(Clone, Debug)]
struct LockHolder {
    priority: u8,
    locked: bool,
    say_again: Recipient<SayAgain>,
}

/// Asks an [`Arbiter`](super::Arbiter) how its sources stand.
#[derive(Clone, Copy, Debug)]
pub struct Standings;

/// How one source of an [`Arbiter`](super::Arbiter) stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The name of its node.
    pub source: String,
    /// Its priority; the highest counts.
    pub priority: u8,
    /// Whether it spoke within its time-out.
    pub lives: bool,
    /// Whether a lock refuses it.
    pub locked_out: bool,
    /// Whether its commands are passed on.
    pub in_charge: bool,
    /// How many of its commands were passed on since the arbiter's last start.
    pub obeyed: u64,
    /// How many were refused: because a higher source lives, by a lock, or because they were issued before the
    /// arbiter's last start.
    pub refused: u64,
}

impl Contest {
    /// Adds a source; its place comes back.
    pub(super) fn add_source(&mut self, name: &str, priority: u8, time_out: Duration) -> u16 {
        let place = place_after(&self.sources);
        self.sources.push(Source {
            name: name.to_owned(),
            priority,
            time_out,
            lives_until: Time::ZERO,
            obeyed: 0,
            refused: 0,
        });
        place
    }

    /// The place that the next lock will have.
    pub(super) fn next_lock(&self) -> u16 {
        place_after(&self.locks)
    }

    /// Adds a lock, which is locked.
    pub(super) fn add_lock(&mut self, priority: u8, say_again: Recipient<SayAgain>) {
        self.locks.push(LockHolder {
            priority,
            locked: true,
            say_again,
        });
    }

    /// After a restart each source may have spoken just before, and each lock is asked.
    pub(super) fn begin_again(&mut self, now: Time) {
        for source in &mut self.sources {
            source.lives_until = now + source.time_out;
        }
        for lock in &self.locks {
            // A full mailbox holds this word already, or newer ones of its switch.
            let _ = lock.say_again.try_tell(SayAgain);
        }
    }

    /// A source has spoken: may it be obeyed? Counts either answer.
    pub(super) fn admits(&mut self, place: usize, now: Time) -> bool {
        self.sources[place].lives_until = now + self.sources[place].time_out;
        let admitted = !self.is_locked_out(place) && self.is_highest(place, now);
        if admitted {
            self.sources[place].obeyed += 1;
        } else {
            self.refuse(place);
        }
        admitted
    }

    /// Counts a command that was refused.
    pub(super) fn refuse(&mut self, place: usize) {
        self.sources[place].refused += 1;
    }

    /// A lock has spoken.
    pub(super) fn lock(&mut self, place: usize, locked: bool) {
        self.locks[place].locked = locked;
    }

    /// Whether a lock refuses a source.
    pub(super) fn is_locked_out(&self, place: usize) -> bool {
        let priority = self.sources[place].priority;
        let refuses = |lock: &LockHolder| lock.locked && priority < lock.priority;
        self.locks.iter().any(refuses)
    }

    /// Whether nothing that lives stands above a source. (A lock that refused what stands above would refuse it too.)
    fn is_highest(&self, place: usize, now: Time) -> bool {
        let rank = |place: usize| (self.sources[place].priority, Reverse(place));
        let mut above = (0..self.sources.len()).filter(|other| rank(*other) > rank(place));
        !above.any(|other| self.sources[other].lives_until > now)
    }

    /// When a source is silent if it says nothing more.
    pub(super) fn lives_until(&self, place: usize) -> Time {
        self.sources[place].lives_until
    }

    /// The name of a source's node.
    pub(super) fn name(&self, place: usize) -> &str {
        &self.sources[place].name
    }

    /// How all sources stand.
    pub(super) fn standings(&self, in_charge: Option<usize>, now: Time) -> Vec<Standing> {
        let standing = |(place, source): (usize, &Source)| Standing {
            source: source.name.clone(),
            priority: source.priority,
            lives: source.lives_until > now,
            locked_out: self.is_locked_out(place),
            in_charge: in_charge == Some(place),
            obeyed: source.obeyed,
            refused: source.refused,
        };
        self.sources.iter().enumerate().map(standing).collect()
    }
}

fn place_after<T>(list: &[T]) -> u16 {
    u16::try_from(list.len()).expect("a graph has few nodes")
}
