//! All cases, in the order of the tables.

use crate::case::{Asked, Case, Group, Quantity, Scenario, Size, Threads, Unit};

/// One tells one, 16 bytes, on one thread: what most others are made from.
const TELL: Case = Case {
    name: "tell-16-one",
    title: "tell, 16 B, one thread",
    group: Group::Speed,
    scenario: Scenario::Tell,
    size: Size::Small,
    threads: Threads::One,
    quantity: Quantity::Nanos,
    unit: Unit::Rate("messages/s"),
    base: "tell-16-one",
    asked: &[Asked::RateAtLeast(1.8)],
};

const ASK: Case = Case {
    name: "ask-16-one",
    title: "ask, 16 B, one thread",
    scenario: Scenario::Ask,
    unit: Unit::Nanos,
    base: "ask-16-one",
    asked: &[Asked::TimeAtMost(0.85)],
    ..TELL
};

/// All of them.
pub const CASES: &[Case] = &[
    TELL,
    Case {
        name: "tell-16-two",
        title: "tell, 16 B, two threads",
        threads: Threads::Two,
        base: "tell-16-two",
        asked: &[Asked::RateAtLeast(1.2)],
        ..TELL
    },
    Case {
        name: "tell-128-one",
        title: "tell, 128 B, one thread",
        group: Group::MoreSpeed,
        size: Size::Large,
        base: "tell-128-one",
        asked: &[],
        ..TELL
    },
    Case {
        name: "tell-128-two",
        title: "tell, 128 B, two threads",
        group: Group::MoreSpeed,
        size: Size::Large,
        threads: Threads::Two,
        base: "tell-128-two",
        asked: &[],
        ..TELL
    },
    ASK,
    Case {
        name: "ask-16-two",
        title: "ask, 16 B, two threads",
        threads: Threads::Two,
        base: "ask-16-two",
        asked: &[Asked::TimeAtMost(1.05)],
        ..ASK
    },
];
