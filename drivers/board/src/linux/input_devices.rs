//! What people hold in their hands, through evdev.

#[cfg(not(feature = "evdev"))]
use crate::BoardError;
#[cfg(not(feature = "evdev"))]
use crate::backend::{InputDeviceLine, InputDevices};

#[cfg(feature = "evdev")]
mod evdev;
#[cfg(feature = "evdev")]
mod follower;

/// The input devices of this computer, by their path (`/dev/input/by-id/...`) or by what they call themselves.
#[derive(Debug)]
pub(super) struct Devices;

#[cfg(not(feature = "evdev"))]
impl InputDevices for Devices {
    fn open(&self, device: &str) -> Result<Box<dyn InputDeviceLine>, BoardError> {
        Err(BoardError::Unavailable {
            what: format!("input device {device}"),
            why: "this program was built without them; build it with the feature `evdev` of sinew"
                .to_owned(),
        })
    }
}
