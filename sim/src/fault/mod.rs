//! What a test does to a robot.

mod draw;
mod script;

pub use draw::Menu;
pub use script::{Script, ScriptError};

use serde::{Deserialize, Serialize};
use sinew_messages::{MetersPerSecond, Timestamp};
use std::fmt;
use std::time::Duration;

/// Nothing that is measured or done is larger than this, in its unit.
const LARGEST: f64 = 1e6;

/// What goes wrong.
///
/// Parts are called as the body calls them, nodes as the graph does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// A fitted part loses its power and all its wires.
    Unplug {
        /// Which.
        part: String,
    },
    /// A fitted part hangs: it keeps answering what it answered last.
    Freeze {
        /// Which.
        part: String,
    },
    /// A part loses its power for a moment: it is in its power-on state then. Without a part all of them, as when the battery
    /// breaks down under its load.
    BrownOut {
        /// Which, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<String>,
    },
    /// A chip on I2C acknowledges its address no more.
    Nak {
        /// Which.
        part: String,
    },
    /// A chip on I2C lets go of the data line after the first byte of each message.
    ShortRead {
        /// Which.
        part: String,
    },
    /// Something holds the data line of an I2C bus low.
    StuckBus {
        /// Which.
        bus: u8,
    },
    /// The serial line of a part loses bytes and damages others.
    BadLine {
        /// Which part's.
        part: String,
        /// Of a thousand bytes so many are lost.
        #[serde(default)]
        lost: u16,
        /// Of a thousand bytes one bit each of so many is wrong.
        #[serde(default)]
        damaged: u16,
    },
    /// What a part measures drifts away: by so much each second, in its own unit.
    Drift {
        /// Which.
        part: String,
        /// In meters, radians per second, volts or meters per second, each second.
        per_second: f64,
    },
    /// What a part measures jumps now and then: of a thousand measurements so many are off by so much.
    Spike {
        /// Which.
        part: String,
        /// In its own unit.
        by: f64,
        /// Of a thousand.
        often: u16,
    },
    /// A part measures this, whatever is true.
    OutOfRange {
        /// Which.
        part: String,
        /// In its own unit.
        reads: f64,
    },
    /// A part is wired the wrong way round: a motor turns backward, an encoder counts backward, a sensor says the opposite.
    Reversed {
        /// Which.
        part: String,
    },
    /// An encoder slips on its shaft: this part of a turn, 0 to 1, is not seen.
    Slip {
        /// Which.
        part: String,
        /// Not seen.
        share: f64,
    },
    /// Something blocks a motor's wheel.
    Stalled {
        /// Which.
        part: String,
    },
    /// A motor is not connected any more.
    Dead {
        /// Which.
        part: String,
    },
    /// A switch has a loose contact, which opens and closes for a tenth of a second.
    Bouncing {
        /// Which.
        part: String,
    },
    /// An actor panics before its next message.
    Panic {
        /// Whose.
        node: String,
    },
    /// An actor handles nothing, as in a handler that waits for what does not come.
    Hang {
        /// Whose.
        node: String,
    },
    /// An actor takes so long before each message.
    Slow {
        /// Whose.
        node: String,
        /// In milliseconds.
        each_ms: u64,
    },
    /// What is published between two nodes is lost.
    LostEdge {
        /// From this one.
        from: String,
        /// To that one.
        to: String,
        /// Of a thousand so many; all if nothing is said.
        #[serde(default = "all", skip_serializing_if = "is_all")]
        often: u16,
    },
    /// What is published between two nodes comes late, in its order.
    LateEdge {
        /// From this one.
        from: String,
        /// To that one.
        to: String,
        /// So late, in milliseconds.
        by_ms: u64,
    },
    /// What a part measures is noisy: it is off by up to so much either way.
    Noise {
        /// Which.
        part: String,
        /// In its own unit.
        up_to: f64,
    },
    /// Somebody pushes a body that stands on its axle: it turns so much faster, in radians per second, forward if positive.
    Push {
        /// By so much.
        by: f64,
    },
    /// The guardian is gone: a robot that notices disarms.
    GuardianDead,
}

/// Of a thousand.
const fn all() -> u16 {
    1_000
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
const fn is_all(often: &u16) -> bool {
    *often == all()
}

/// Something that goes wrong: when, for how long, what.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// From this moment on.
    pub at: Timestamp,
    /// Once the body is as fast as this, forward or backward; at the moment itself if nothing is said.
    pub when_faster: Option<MetersPerSecond>,
    /// It is mended then; never if nothing is said. What happens in a moment (a panic, a brown-out) is not mended.
    pub lasts: Option<Duration>,
    /// What goes wrong.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault so long after the start, which stays.
    #[must_use]
    pub fn at(after: Duration, kind: FaultKind) -> Self {
        Self {
            at: Timestamp::ZERO + after,
            when_faster: None,
            lasts: None,
            kind,
        }
    }

    /// The same, mended after so long.
    #[must_use]
    pub const fn lasting(mut self, time: Duration) -> Self {
        self.lasts = Some(time);
        self
    }

    /// The same, once the body is as fast as this.
    #[must_use]
    pub const fn when_faster(mut self, speed: MetersPerSecond) -> Self {
        self.when_faster = Some(speed);
        self
    }
}

/// What a fault is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    Part(&'a str),
    Node(&'a str),
    Nothing,
}

impl FaultKind {
    /// What of it cannot be.
    pub(crate) fn check(&self) -> Result<(), String> {
        let number = |name: &str, number: f64, least: f64, most: f64| {
            if (least..=most).contains(&number) {
                Ok(())
            } else {
                Err(format!("{name} = {number}: {least} to {most}"))
            }
        };
        let any = |name: &str, value: f64| number(name, value, -LARGEST, LARGEST);
        match self {
            Self::BadLine { lost, damaged, .. } => number(
                "lost + damaged",
                f64::from(*lost) + f64::from(*damaged),
                0.0,
                1e3,
            ),
            Self::Drift { per_second, .. } => any("per_second", *per_second),
            Self::Spike { by, often, .. } => {
                any("by", *by)?;
                number("often", f64::from(*often), 0.0, 1e3)
            }
            Self::OutOfRange { reads, .. } => any("reads", *reads),
            Self::Noise { up_to, .. } => number("up_to", *up_to, 0.0, LARGEST),
            Self::Slip { share, .. } => number("share", *share, 0.0, 1.0),
            Self::LostEdge { often, .. } => number("often", f64::from(*often), 0.0, 1e3),
            Self::LateEdge { by_ms, .. } => number("by_ms", *by_ms as f64, 0.0, 8.64e7),
            Self::Push { by } => any("by", *by),
            _ => Ok(()),
        }
    }

    /// Whom it names; of an edge where it begins.
    pub(crate) fn targets(&self) -> [Target<'_>; 2] {
        match self {
            Self::Unplug { part }
            | Self::Freeze { part }
            | Self::BrownOut { part: Some(part) }
            | Self::Nak { part }
            | Self::ShortRead { part }
            | Self::BadLine { part, .. }
            | Self::Drift { part, .. }
            | Self::Spike { part, .. }
            | Self::OutOfRange { part, .. }
            | Self::Noise { part, .. }
            | Self::Reversed { part }
            | Self::Slip { part, .. }
            | Self::Stalled { part }
            | Self::Dead { part }
            | Self::Bouncing { part } => [Target::Part(part), Target::Nothing],
            Self::Panic { node } | Self::Hang { node } | Self::Slow { node, .. } => {
                [Target::Node(node), Target::Nothing]
            }
            Self::LostEdge { from, to, .. } | Self::LateEdge { from, to, .. } => {
                [Target::Node(from), Target::Node(to)]
            }
            Self::StuckBus { .. }
            | Self::BrownOut { part: None }
            | Self::Push { .. }
            | Self::GuardianDead => [Target::Nothing; 2],
        }
    }
}

/// Takes all wires from a fitted part.
#[must_use]
pub fn unplug(part: &str) -> FaultKind {
    let part = part.to_owned();
    FaultKind::Unplug { part }
}

/// Makes a fitted part repeat its last answer.
#[must_use]
pub fn freeze(part: &str) -> FaultKind {
    let part = part.to_owned();
    FaultKind::Freeze { part }
}

/// Makes the actor of a node panic.
#[must_use]
pub fn panic(node: &str) -> FaultKind {
    let node = node.to_owned();
    FaultKind::Panic { node }
}

/// `sonar unplugged`
impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unplug { part } => write!(f, "{part} unplugged"),
            Self::Freeze { part } => write!(f, "{part} frozen"),
            Self::BrownOut { part: Some(part) } => write!(f, "{part} loses power"),
            Self::BrownOut { part: None } => write!(f, "brown-out"),
            Self::Nak { part } => write!(f, "{part} does not acknowledge"),
            Self::ShortRead { part } => write!(f, "{part} falls silent"),
            Self::StuckBus { bus } => write!(f, "I2C{bus} is stuck"),
            Self::BadLine {
                part,
                lost,
                damaged,
            } => write!(f, "{part} loses {lost} and damages {damaged} of 1000"),
            Self::Drift { part, per_second } => write!(f, "{part} drifts by {per_second} a second"),
            Self::Spike { part, by, often } => {
                write!(f, "{part} jumps by {by}, {often} of 1000 times")
            }
            Self::OutOfRange { part, reads } => write!(f, "{part} reads {reads}"),
            Self::Reversed { part } => write!(f, "{part} reversed"),
            Self::Slip { part, share } => write!(f, "{part} slips by {share}"),
            Self::Stalled { part } => write!(f, "{part} stalled"),
            Self::Dead { part } => write!(f, "{part} dead"),
            Self::Bouncing { part } => write!(f, "{part} bounces"),
            Self::Panic { node } => write!(f, "{node} panics"),
            Self::Hang { node } => write!(f, "{node} hangs"),
            Self::Slow { node, each_ms } => write!(f, "{node} takes {each_ms} ms each time"),
            Self::LostEdge { from, to, often } => {
                write!(f, "{from} is not heard by {to}, {often} of 1000 times")
            }
            Self::LateEdge { from, to, by_ms } => {
                write!(f, "{from} is heard by {to} {by_ms} ms late")
            }
            Self::Noise { part, up_to } => write!(f, "{part} is off by up to {up_to}"),
            Self::Push { by } => write!(f, "pushed by {by} rad/s"),
            Self::GuardianDead => write!(f, "guardian dead"),
        }
    }
}
