//! The cases: what is measured, in which unit, and what is asked of it.

use std::time::Duration;

use crate::scenarios::Urgent;

/// One column of the table.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its name in commands and files.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// The table in which it stands.
    pub group: Group,
    /// What is done.
    pub scenario: Scenario,
    /// How large a message is.
    pub size: Size,
    /// Where the two sides run.
    pub threads: Threads,
    /// What a sample counts.
    pub quantity: Quantity,
    /// How a value is shown.
    pub unit: Unit,
    /// The case of the base that its ratio refers to, where it is another one: of what only ours does.
    pub base: Option<&'static str>,
    /// What is asked of ours.
    pub asked: &'static [Asked],
}

/// One of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What is asked for of speed.
    Speed,
    /// The same in other conditions.
    MoreSpeed,
    /// Memory, allocations, and what is urgent.
    Cost,
    /// What only ours does.
    Ours,
}

/// How a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// So many of these a second; the samples are nanoseconds.
    Rate(&'static str),
    /// Nanoseconds.
    Nanos,
    /// Bytes.
    Bytes,
    /// A plain number.
    Count,
}

/// What is asked of ours. Of a ratio the other side is the base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// At least so many times the base's rate.
    RateAtLeast(f64),
    /// At most so many times the base's time.
    TimeAtMost(f64),
    /// The value itself is below this.
    Below(f64),
    /// Every single sample is zero.
    Zero,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// One tells one.
    Tell,
    /// One asks one.
    Ask,
    /// A message goes round a thousand.
    Ring,
    /// Eight tell one.
    FanIn,
    /// One tells fifty.
    FanOut,
    /// Actors are spawned and stopped.
    Life,
    /// Actors are idle.
    Idle(Idle),
    /// Something urgent comes behind a thousand messages.
    Urgent(Urgent),
    /// Values are published along an edge, in virtual time.
    Publish {
        /// How many in a row, before the receiver asks for more.
        burst: u64,
        /// Whether turns are as long as on a real clock; else each handles one message.
        full_turns: bool,
    },
    /// Values go through a chain, each link of which has a sink, so far apart in time.
    Caterpillar(Duration),
}

/// What an idle actor has done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It has started, and nothing else: what is made at the first message is not there.
    Started,
    /// It has handled one message.
    Handled,
}

/// What a sample counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Nanoseconds a message.
    Nanos,
    /// Nanoseconds a turn of an actor.
    Turn,
    /// Heap allocations a message.
    Allocations,
    /// Messages handled before what is urgent.
    Handled,
    /// Resident bytes of an actor.
    Resident,
    /// Bytes of an actor on the heap.
    Heap,
}

/// How large a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 16 bytes.
    Small,
    /// 128 bytes.
    Large,
}

/// Where the two sides of a measurement run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// Both on one thread.
    One,
    /// Each on a thread of its own.
    Two,
}
