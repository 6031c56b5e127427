//! The devices of `/dev/input`.

use super::Devices;
use crate::backend::{InputDeviceLine, InputDevices};
use crate::linux::refusal::{Device as Kind, refused};
use crate::{AxisInfo, BoardError, InputDeviceInfo, InputEvent, InputEventKind, Timestamp};
use evdev::{Device, EventStream};
use rustix::ioctl::{Opcode, Setter};
use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::task::{Context, Poll};
use std::time::Duration;

/// Which clock stamps a device's events: `EVIOCSCLOCKID` (Linux, include/uapi/linux/input.h), and `CLOCK_MONOTONIC`.
const EVIOCSCLOCKID: u32 = 0x4004_45A0;
const CLOCK_MONOTONIC: i32 = 1;

impl InputDevices for Devices {
    fn open(&self, device: &str) -> Result<Box<dyn InputDeviceLine>, BoardError> {
        let what = format!("input device {device}");
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BoardError::Unavailable {
                what,
                why: "it must be opened inside a tokio runtime with I/O enabled".to_owned(),
            });
        }
        let opened = Device::open(find(device, &what)?).and_then(|opened| {
            stamp_monotonic(&opened)?;
            Ok((info(&opened)?, opened.into_event_stream()?))
        });
        let (info, events) =
            opened.map_err(|error| refused("open", what.clone(), error, Kind::Input))?;
        Ok(Box::new(Line { what, info, events }))
    }
}

/// Where the device is: a path as it is, a name as the first that is called so.
fn find(device: &str, what: &str) -> Result<PathBuf, BoardError> {
    if device.starts_with('/') {
        return Ok(PathBuf::from(device));
    }
    let mut names = Vec::new();
    for (path, found) in evdev::enumerate() {
        let name = found.name().unwrap_or_default();
        if name == device {
            return Ok(path);
        }
        names.push(format!("{name:?} ({})", path.display()));
    }
    names.sort();
    let there_are = if names.is_empty() {
        "there is none that this user may read (is it plugged in, is the user in the group input?)"
            .to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    Err(BoardError::Unavailable {
        what: what.to_owned(),
        why: format!(
            "no device calls itself so, and nothing is mapped to it; {there_are}; say which in robot.toml: [board.input_devices] \
             {device} = \"/dev/input/by-id/...\""
        ),
    })
}

/// Has the kernel stamp its events by the board's clock.
#[allow(unsafe_code, reason = "the crate has this call for itself")]
fn stamp_monotonic(device: impl AsFd) -> io::Result<()> {
    // SAFETY: the call reads an `int` and keeps nothing of it; another kind of file refuses it.
    let set = unsafe {
        let request = Setter::<{ EVIOCSCLOCKID as Opcode }, i32>::new(CLOCK_MONOTONIC);
        rustix::ioctl::ioctl(device, request)
    };
    Ok(set?)
}

fn info(device: &Device) -> io::Result<InputDeviceInfo> {
    let keys = device.supported_keys();
    let axes = device.get_absinfo()?;
    let axis = |(axis, info): (evdev::AbsoluteAxisCode, evdev::AbsInfo)| AxisInfo {
        code: axis.0,
        least: info.minimum(),
        most: info.maximum(),
        flat: info.flat(),
        value: info.value(),
    };
    Ok(InputDeviceInfo {
        name: device.name().unwrap_or_default().to_owned(),
        keys: keys.map_or_else(Vec::new, |keys| keys.iter().map(|key| key.code()).collect()),
        axes: axes.map(axis).collect(),
    })
}

/// An open device. What the kernel had to drop because nobody read it is made up for by the crate, which asks for the state then: a
/// stick is never left where it was.
struct Line {
    what: String,
    info: InputDeviceInfo,
    events: EventStream,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

impl InputDeviceLine for Line {
    fn info(&self) -> &InputDeviceInfo {
        &self.info
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<InputEvent, BoardError>> {
        let event = std::task::ready!(self.events.poll_event(cx));
        Poll::Ready(match event {
            Ok(event) => Ok(InputEvent {
                at: stamp(&event),
                kind: InputEventKind::of(event.event_type().0),
                code: event.code(),
                value: event.value(),
            }),
            Err(error) => Err(BoardError::Lost {
                what: self.what.clone(),
                why: format!("it was unplugged, or has no power any more ({error})"),
            }),
        })
    }
}

/// The kernel's stamp as it is: the crate would make a time of the day of it, whatever clock it is of.
fn stamp(event: &evdev::InputEvent) -> Timestamp {
    let time = event.as_ref().time;
    let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or_default());
    Timestamp::ZERO
        + seconds
        + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or_default())
}
