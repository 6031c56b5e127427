//! What people hold in their hands, as Linux shows it: gamepads, keyboards, remote controls.
//!
//! Types and codes of events are the kernel's (Linux, Documentation/input/event-codes.rst, include/uapi/linux/input-event-codes.h).

use crate::backend::{InputDeviceLine, InputDevices};
use crate::claim::Claim;
use crate::statistics::Counters;
use crate::{BoardError, Timestamp};
use futures_core::Stream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InputEventKind {
    /// A key or button, `EV_KEY`: 1 is pressed, 0 let go, 2 repeated.
    Key,
    /// An axis that has a position, `EV_ABS`: a stick, a trigger.
    Absolute,
    /// An axis that moves by steps, `EV_REL`: a wheel.
    Relative,
    /// All that changed at one moment has been said, `EV_SYN`.
    Report,
    /// Any other, by the kernel's number.
    Other(u16),
}

impl InputEventKind {
    /// Of the kernel's number.
    #[must_use]
    pub const fn of(kind: u16) -> Self {
        match kind {
            0 => Self::Report,
            1 => Self::Key,
            2 => Self::Relative,
            3 => Self::Absolute,
            other => Self::Other(other),
        }
    }
}

/// Something that somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputEvent {
    /// When the kernel, or the twin, saw it, on the board's clock.
    pub at: Timestamp,
    /// What it is about.
    pub kind: InputEventKind,
    /// Which key or axis, by the kernel's number.
    pub code: u16,
    /// Its new value, or by how much it moved.
    pub value: i32,
}

/// An axis that has a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisInfo {
    /// Which, by the kernel's number.
    pub code: u16,
    /// Where it is at one end.
    pub least: i32,
    /// Where it is at the other.
    pub most: i32,
    /// About its middle this much to either side means nothing.
    pub flat: i32,
    /// Where it was when the device was opened.
    pub value: i32,
}

/// What a device has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputDeviceInfo {
    /// What it calls itself.
    pub name: String,
    /// Its keys and buttons, by the kernel's numbers.
    pub keys: Vec<u16>,
    /// Its axes that have a position.
    pub axes: Vec<AxisInfo>,
}

/// The right to an input device.
#[derive(Clone, Debug)]
pub struct InputDeviceClaim {
    pub(crate) claim: Claim,
    pub(crate) devices: Arc<dyn InputDevices>,
    /// The backend's own name for it.
    pub(crate) device: String,
    pub(crate) collecting: bool,
}

impl InputDeviceClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// Opens the device. On Linux this must happen inside a tokio runtime, as in an actor's `started`.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if there is no such device or it cannot be had; opening again may succeed later.
    pub fn open(&self) -> Result<InputDevice, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        Ok(InputDevice {
            line: Some(self.devices.open(&self.device)?),
            counters: self.claim.counters(),
        })
    }
}

/// An open input device: a stream of what is done with it. One that is unplugged gives an error, and nothing after it: whoever drives
/// by it must take that as "stop", and opens it again.
///
/// # Cancel safety
///
/// An event is taken only when it is given out; dropping this loses none.
#[derive(Debug)]
pub struct InputDevice {
    /// `None` after its first error.
    line: Option<Box<dyn InputDeviceLine>>,
    counters: Arc<Counters>,
}

impl InputDevice {
    /// What it has, and where its axes were when it was opened; `None` after it was lost.
    #[must_use]
    pub fn info(&self) -> Option<&InputDeviceInfo> {
        self.line.as_ref().map(|line| line.info())
    }
}

impl Stream for InputDevice {
    type Item = Result<InputEvent, BoardError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(line) = &mut self.line else {
            return Poll::Ready(None);
        };
        let event = ready!(line.poll_event(cx));
        match event {
            Ok(_) => self.counters.edges.add(1),
            Err(_) => self.line = None,
        }
        Poll::Ready(Some(event))
    }
}
