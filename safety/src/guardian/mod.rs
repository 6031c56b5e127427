//! The guardian: the small process that makes motion outputs safe when the robot's process fails.
//!
//! It opens every real motion output first, writes its safe value and hands the robot duplicates of the open files. It
//! then looks, every few milliseconds, at the page that both share, and at once when the robot's process ends. When it acts it
//! raises the epoch, carries the safe actions out, kills the robot, waits for its end, and carries them out again: no write of
//! the robot follows.
//!
//! After its start it allocates nothing, waits for nobody, and asks nothing of a runtime.

mod charge;
mod desk;
mod diary;
mod handshake;
mod held;
mod latch;
mod link;
mod notify;
mod privilege;
mod setup;
mod watch;

pub use desk::{DeskError, ask};
pub use diary::{LAST_STOP, Why};
pub use handshake::{GuardError, refuse};
pub use latch::LATCH;
pub use link::GuardLink;
pub use setup::{Settings, SetupError};
pub use watch::{Guardian, Progress};

use std::time::Duration;

/// How often it looks, at least. The e-stop input has to be read every 10 ms.
pub const TICK: Duration = Duration::from_millis(5);

/// How long after the end of a lease the robot itself may take to make its output safe. Beyond it the robot is held for
/// hung: a healthy one is within 5 ms, and on a machine whose every core is loaded within this.
pub const GRACE: Duration = Duration::from_millis(40);

/// A guardian that has not looked for so long is as good as dead: the robot stops.
pub const LONGEST_BEAT: Duration = Duration::from_millis(250);

/// Its real-time priority: above every thread of a robot, below the kernel's own watchdogs at 99.
pub const PRIORITY: u8 = 95;
