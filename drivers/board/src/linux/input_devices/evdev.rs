//! The devices of `/dev/input`.

use super::Devices;
use super::follower::{Follower, Held};
use crate::backend::{InputDeviceLine, InputDevices};
use crate::linux::refusal::{Device as Kind, refused};
use crate::{AxisInfo, BoardError, InputDeviceInfo, InputEvent, InputEventKind, Timestamp};
use evdev::raw_stream::{EventStream, RawDevice};
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
        let opened = RawDevice::open(find(device, &what)?).and_then(|opened| {
            stamp_monotonic(&opened)?;
            let (info, held) = (info(&opened)?, held(&opened)?);
            Ok((info, held, opened.into_event_stream()?))
        });
        let (info, held, events) =
            opened.map_err(|error| refused("open", what.clone(), error, Kind::Input))?;
        Ok(Box::new(Line {
            what,
            info,
            events,
            follower: Follower::from(held),
        }))
    }
}

/// Where the device is: a path as it is, a name as the only one that is called so.
fn find(device: &str, what: &str) -> Result<PathBuf, BoardError> {
    if device.starts_with('/') {
        return Ok(PathBuf::from(device));
    }
    let name = |(path, found): (PathBuf, evdev::Device)| {
        (path, found.name().unwrap_or_default().to_owned())
    };
    let mut there: Vec<(PathBuf, String)> = evdev::enumerate().map(name).collect();
    there.sort();
    let mut called_so = there.iter().filter(|(_, name)| name == device);
    let why = match (called_so.next(), called_so.next()) {
        (Some((only, _)), None) => return Ok(only.clone()),
        (Some((one, _)), Some((other, _))) => format!(
            "{} and {} both call themselves so",
            one.display(),
            other.display()
        ),
        _ => {
            let names = there.iter();
            let names = names.map(|(path, name)| format!("{name:?} ({})", path.display()));
            let names: Vec<String> = names.collect();
            let there_are = if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            };
            format!(
                "no device calls itself so, and nothing is mapped to it; of those that this user may read (the group input may read \
                 all) there are: {there_are}"
            )
        }
    };
    Err(BoardError::Unavailable {
        what: what.to_owned(),
        why: format!(
            "{why}; say which in robot.toml: [board.input_devices] {device} = \"/dev/input/by-id/...\""
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

fn info(device: &RawDevice) -> io::Result<InputDeviceInfo> {
    let keys = device.supported_keys();
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
        axes: device.get_absinfo()?.map(axis).collect(),
    })
}

/// Where its axes are and which keys are down, by the kernel.
fn held(device: &RawDevice) -> io::Result<Held> {
    let axes = device.get_absinfo()?;
    let keys = match device.supported_keys() {
        Some(_) => device
            .get_key_state()?
            .iter()
            .map(|key| key.code())
            .collect(),
        None => Vec::new(),
    };
    Ok(Held {
        axes: axes.map(|(axis, info)| (axis.0, info.value())).collect(),
        keys: keys.into_iter().collect(),
    })
}

/// An open device.
struct Line {
    what: String,
    info: InputDeviceInfo,
    events: EventStream,
    follower: Follower,
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
        loop {
            if let Some(event) = self.follower.next() {
                return Poll::Ready(Ok(event));
            }
            let event = std::task::ready!(self.events.poll_event(cx));
            let device = self.events.device();
            let taken = event.and_then(|event| self.follower.take(read(&event), || held(device)));
            if let Err(error) = taken {
                return Poll::Ready(Err(BoardError::Lost {
                    what: self.what.clone(),
                    why: format!("it was unplugged, or has no power any more ({error})"),
                }));
            }
        }
    }
}

/// The kernel's stamp is taken as it is: the crate would make a time of the day of it, whatever clock it is of.
fn read(event: &evdev::InputEvent) -> InputEvent {
    let time = event.as_ref().time;
    let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or_default());
    let rest = Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or_default());
    InputEvent {
        at: Timestamp::ZERO + seconds + rest,
        kind: InputEventKind::of(event.event_type().0),
        code: event.code(),
        value: event.value(),
    }
}
