//! All cases, in the order of the tables.

use std::time::Duration;

use crate::case::{Asked, Case, Group, Idle, Quantity, Scenario, Size, Threads, Unit};
use crate::scenarios::Urgent;

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
    base: None,
    asked: &[Asked::RateAtLeast(1.8)],
};

const ASK: Case = Case {
    name: "ask-16-one",
    title: "ask, 16 B, one thread",
    scenario: Scenario::Ask,
    unit: Unit::Nanos,
    asked: &[Asked::TimeAtMost(0.85)],
    ..TELL
};

const RING: Case = Case {
    name: "ring",
    title: "ring of 1,000",
    scenario: Scenario::Ring,
    unit: Unit::Rate("hops/s"),
    asked: &[Asked::RateAtLeast(1.5)],
    ..TELL
};

const FAN_IN: Case = Case {
    name: "fan-in-one",
    title: "fan-in 8 to 1, one thread",
    scenario: Scenario::FanIn,
    asked: &[Asked::RateAtLeast(1.5)],
    ..TELL
};

const FAN_OUT: Case = Case {
    name: "fan-out-one",
    title: "fan-out 1 to 50, one thread",
    scenario: Scenario::FanOut,
    asked: &[Asked::RateAtLeast(1.5)],
    ..TELL
};

const LIFE: Case = Case {
    name: "spawn-stop",
    title: "spawn + stop",
    scenario: Scenario::Life,
    unit: Unit::Rate("actors/s"),
    asked: &[Asked::RateAtLeast(2.5)],
    ..TELL
};

const IDLE: Case = Case {
    name: "idle-resident",
    title: "idle actor, resident",
    group: Group::Cost,
    scenario: Scenario::Idle(Idle::Started),
    quantity: Quantity::Resident,
    unit: Unit::Bytes,
    asked: &[Asked::Below(1_000.0)],
    ..TELL
};

const URGENT: Case = Case {
    name: "urgent",
    title: "e-stop behind 1,000: after",
    group: Group::Cost,
    scenario: Scenario::Urgent(Urgent::Message),
    quantity: Quantity::Handled,
    unit: Unit::Count,
    asked: &[Asked::Zero],
    ..TELL
};

const ALLOCATIONS: Case = Case {
    name: "tell-16-allocations",
    title: "allocations a tell, 16 B",
    group: Group::Cost,
    quantity: Quantity::Allocations,
    unit: Unit::Count,
    asked: &[Asked::Zero],
    ..TELL
};

const PUBLISH: Case = Case {
    name: "simulated-full-turns",
    title: "publish in simulation, full turns",
    group: Group::Ours,
    scenario: Scenario::Publish {
        burst: 500,
        full_turns: true,
    },
    unit: Unit::Rate("values/s"),
    base: Some("tell-16-one"),
    asked: &[Asked::RateAtLeast(1.5)],
    ..TELL
};

const TO_AND_FRO: Scenario = Scenario::Publish {
    burst: 1,
    full_turns: false,
};

const CATERPILLAR: Case = Case {
    name: "caterpillar",
    title: "caterpillar of 17, end to end",
    group: Group::Ours,
    scenario: Scenario::Caterpillar(Duration::ZERO),
    unit: Unit::Nanos,
    asked: &[Asked::Below(5_000.0)],
    ..TELL
};

/// All of them.
pub const CASES: &[Case] = &[
    TELL,
    Case {
        name: "tell-16-two",
        title: "tell, 16 B, two threads",
        threads: Threads::Two,
        asked: &[Asked::RateAtLeast(1.2)],
        ..TELL
    },
    ASK,
    Case {
        name: "ask-16-two",
        title: "ask, 16 B, two threads",
        threads: Threads::Two,
        asked: &[Asked::TimeAtMost(1.05)],
        ..ASK
    },
    RING,
    FAN_IN,
    FAN_OUT,
    LIFE,
    Case {
        name: "tell-128-one",
        title: "tell, 128 B, one thread",
        group: Group::MoreSpeed,
        size: Size::Large,
        asked: &[],
        ..TELL
    },
    Case {
        name: "tell-128-two",
        title: "tell, 128 B, two threads",
        group: Group::MoreSpeed,
        size: Size::Large,
        threads: Threads::Two,
        asked: &[],
        ..TELL
    },
    Case {
        name: "ask-128-one",
        title: "ask, 128 B, one thread",
        group: Group::MoreSpeed,
        size: Size::Large,
        asked: &[],
        ..ASK
    },
    Case {
        name: "ask-128-two",
        title: "ask, 128 B, two threads",
        group: Group::MoreSpeed,
        size: Size::Large,
        threads: Threads::Two,
        asked: &[],
        ..ASK
    },
    Case {
        name: "fan-in-two",
        title: "fan-in 8 to 1, two threads",
        group: Group::MoreSpeed,
        threads: Threads::Two,
        asked: &[],
        ..FAN_IN
    },
    Case {
        name: "fan-out-two",
        title: "fan-out 1 to 50, two threads",
        group: Group::MoreSpeed,
        threads: Threads::Two,
        asked: &[],
        ..FAN_OUT
    },
    IDLE,
    Case {
        name: "idle-heap",
        title: "idle actor, on the heap",
        quantity: Quantity::Heap,
        asked: &[],
        ..IDLE
    },
    Case {
        name: "idle-handled-resident",
        title: "after its first message, resident",
        scenario: Scenario::Idle(Idle::Handled),
        asked: &[],
        ..IDLE
    },
    Case {
        name: "idle-handled-heap",
        title: "after its first message, on the heap",
        scenario: Scenario::Idle(Idle::Handled),
        quantity: Quantity::Heap,
        asked: &[],
        ..IDLE
    },
    ALLOCATIONS,
    Case {
        name: "tell-128-allocations",
        title: "allocations a tell, 128 B",
        size: Size::Large,
        ..ALLOCATIONS
    },
    Case {
        name: "ask-16-allocations",
        title: "allocations an ask, 16 B",
        scenario: Scenario::Ask,
        ..ALLOCATIONS
    },
    Case {
        name: "ask-128-allocations",
        title: "allocations an ask, 128 B",
        scenario: Scenario::Ask,
        size: Size::Large,
        ..ALLOCATIONS
    },
    URGENT,
    Case {
        name: "stop",
        title: "stop behind 1,000: after",
        scenario: Scenario::Urgent(Urgent::Stop),
        ..URGENT
    },
    PUBLISH,
    Case {
        name: "simulated-one-a-turn",
        title: "publish in simulation, one message a turn",
        scenario: Scenario::Publish {
            burst: 500,
            full_turns: false,
        },
        asked: &[Asked::RateAtLeast(0.6)],
        ..PUBLISH
    },
    Case {
        name: "simulated-to-and-fro",
        title: "publish in simulation, one value at a time",
        scenario: TO_AND_FRO,
        asked: &[],
        ..PUBLISH
    },
    Case {
        name: "simulated-turn",
        title: "a turn in simulation",
        scenario: TO_AND_FRO,
        quantity: Quantity::Turn,
        unit: Unit::Nanos,
        base: None,
        asked: &[Asked::Below(100.0)],
        ..PUBLISH
    },
    CATERPILLAR,
    Case {
        name: "caterpillar-1khz",
        title: "the same, once in a millisecond",
        scenario: Scenario::Caterpillar(Duration::from_millis(1)),
        asked: &[],
        ..CATERPILLAR
    },
];
