//! GPIO lines through the kernel's character device.

use super::gpio_events::Events;
use super::gpio_group::{Group, WatchedGroup};
use super::gpio_output::{OpenDrain, Output};
use super::refusal::{Device, refused, remedy};
use crate::backend::{
    Encoding, Gpio, InputLine, InputLines, OpenDrainLine, OutputLine, WatchedLines, Wire,
};
use crate::{Bias, BoardError, Edge, InputSettings, Level, Pin, Timestamp};
use gpiocdev::Request;
use gpiocdev::chip::Chip;
use gpiocdev::line::{self, EdgeDetection, EdgeEvent, EdgeKind, Offset, Value};
use rustix::io::Errno;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};

/// How the kernel labels the chip of the header: Raspberry Pi 1 to 3 and Zero, 4, 5 (drivers/pinctrl of Linux). Its
/// offsets are the Broadcom numbers.
const LABELS: [&str; 3] = ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"];
/// What the kernel shows as the owner of our lines.
const CONSUMER: &str = "sinew";

/// How many events the kernel keeps for a request: as many as it is willing to (`GPIO_V2_LINES_MAX * 16`, drivers/gpio/
/// gpiolib-cdev.c), a third of a second of a quick wheel. It keeps 16 if nothing is said.
const KERNEL_EVENTS: u32 = 1_024;

/// The lines of one chip.
#[derive(Debug)]
pub(super) struct Lines {
    chip: Option<PathBuf>,
}

impl Lines {
    /// The lines of this chip, or of the one that is found.
    pub(super) fn new(chip: Option<PathBuf>) -> Self {
        Self { chip }
    }

    /// Where a pin's line is.
    fn find(&self, pin: Pin) -> Result<(PathBuf, Offset), BoardError> {
        if let Some(chip) = &self.chip {
            return Ok((chip.clone(), on_chip(chip, pin)));
        }
        if let Some(found) = gpiocdev::find_named_line(&pin.to_string()) {
            return Ok((found.chip, found.info.offset));
        }
        let chips =
            gpiocdev::chip::chips().map_err(|error| failed("look for", pin, None, error))?;
        let is_header = |chip: &PathBuf| {
            let info = Chip::from_path(chip).and_then(|chip| chip.info());
            info.is_ok_and(|info| LABELS.contains(&info.label.as_str()))
        };
        match chips.into_iter().find(is_header) {
            Some(chip) => Ok((chip, Offset::from(pin.number()))),
            None => Err(BoardError::Unavailable {
                what: named(pin),
                why: format!(
                    "no GPIO chip of this computer has a line named {pin}, or the label of a Raspberry Pi's header \
                     ({}); gpiodetect and gpioinfo list what there is",
                    LABELS.join(", ")
                ),
            }),
        }
    }

    fn request(
        &self,
        pin: Pin,
        doing: &'static str,
        set: impl FnOnce(&mut gpiocdev::request::Builder),
    ) -> Result<(Request, Offset), BoardError> {
        let (chip, offset) = self.find(pin)?;
        let mut builder = Request::builder();
        builder
            .on_chip(&chip)
            .with_consumer(CONSUMER)
            .with_line(offset);
        set(&mut builder);
        match builder.request() {
            Ok(request) => Ok((request, offset)),
            Err(error) => Err(failed(doing, pin, Some((&chip, offset)), error)),
        }
    }

    /// Lines of one chip as inputs, and their offsets.
    fn request_together(
        &self,
        pins: &[Pin],
        set: impl FnOnce(&mut gpiocdev::request::Builder),
    ) -> Result<(Request, Vec<Offset>), BoardError> {
        let Some(&first) = pins.first() else {
            return Err(BoardError::Unavailable {
                what: "a group of inputs".to_owned(),
                why: "it has no pin; name at least one".to_owned(),
            });
        };
        let (chip, _) = self.find(first)?;
        let mut offsets = Vec::with_capacity(pins.len());
        for pin in pins {
            let (other, offset) = self.find(*pin)?;
            if other != chip {
                return Err(BoardError::Unavailable {
                    what: named(*pin),
                    why: format!(
                        "it is on {}, {first} on {}: lines of one chip are read together",
                        other.display(),
                        chip.display()
                    ),
                });
            }
            offsets.push(offset);
        }
        let mut builder = Request::builder();
        builder.on_chip(&chip).with_consumer(CONSUMER);
        together(&mut builder, &offsets);
        set(&mut builder);
        match builder.request() {
            Ok(request) => Ok((request, offsets)),
            Err(error) => {
                // Which of them somebody else has the kernel does not say.
                let is_busy = errno_of(&error) == Some(Errno::BUSY.raw_os_error());
                let is_held = |offset| is_busy && owner(&chip, offset).is_some();
                let of_pins = pins.iter().zip(&offsets);
                let mut held = of_pins.filter(|(_, offset)| is_held(**offset));
                let (pin, offset) = held.next().unwrap_or((&first, &offsets[0]));
                let doing = "open with others as inputs";
                Err(failed(doing, *pin, Some((&chip, *offset)), error))
            }
        }
    }
}

impl Gpio for Lines {
    fn input(&self, pin: Pin, settings: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
        let (request, offset) = self.request(pin, "open as an input", |builder| {
            builder.as_input();
            reporting(builder);
            held(builder, settings);
        })?;
        let events = Events::of(pin, request)?;
        Ok(Box::new(Input { offset, events }))
    }

    fn inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn InputLines>, BoardError> {
        let (request, offsets) = self.request_together(pins, |builder| held(builder, settings))?;
        Ok(Box::new(Group::new(pins[0], offsets, request)))
    }

    fn watched_inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn WatchedLines>, BoardError> {
        let (request, offsets) = self.request_together(pins, |builder| {
            reporting(builder);
            held(builder, settings);
        })?;
        Ok(Box::new(WatchedGroup::new(pins[0], offsets, request)?))
    }

    fn output(&self, pin: Pin, initial: Level) -> Result<Box<dyn OutputLine>, BoardError> {
        let (request, offset) = self.request(pin, "open as an output", |builder| {
            builder.as_output(value(initial));
        })?;
        Ok(Box::new(Output::new(pin, offset, request)))
    }

    fn open_drain(&self, pin: Pin, bias: Bias) -> Result<Box<dyn OpenDrainLine>, BoardError> {
        let (request, offset) = self.request(pin, "open as an open-drain line", |builder| {
            builder
                .as_output(value(Level::High))
                .with_drive(line::Drive::OpenDrain);
            biased(builder, bias);
        })?;
        Ok(Box::new(OpenDrain(Output::new(pin, offset, request))))
    }

    fn wire(&self, pin: Pin, initial: Level) -> Result<Wire, BoardError> {
        let (request, _) = self.request(pin, "open as a motion output", |builder| {
            builder.as_output(value(initial));
        })?;
        // The line stays requested as long as any copy of its file is open.
        let file = request.as_fd().try_clone_to_owned();
        let file = file.map_err(|error| refused("hand on", named(pin), error, Device::Gpio))?;
        Ok(Wire::new(file, Encoding::Line))
    }
}

/// Selects all of these lines as inputs: what is said to the builder from now on is said of each.
fn together(builder: &mut gpiocdev::request::Builder, offsets: &[Offset]) {
    builder.with_lines(offsets).as_input();
}

/// Has the kernel keep edges.
fn reporting(builder: &mut gpiocdev::request::Builder) {
    builder
        .with_edge_detection(EdgeDetection::BothEdges)
        .with_kernel_event_buffer_size(KERNEL_EVENTS);
}

/// How an input is held and for how long it has to stand still.
fn held(builder: &mut gpiocdev::request::Builder, settings: InputSettings) {
    if !settings.debounce.is_zero() {
        builder.with_debounce_period(settings.debounce);
    }
    biased(builder, settings.bias);
}

/// What holds a line while nobody drives it.
fn biased(builder: &mut gpiocdev::request::Builder, bias: Bias) {
    match bias {
        // As it is: disabling a resistor is more than every chip can.
        Bias::None => {}
        Bias::PullUp => {
            builder.with_bias(line::Bias::PullUp);
        }
        Bias::PullDown => {
            builder.with_bias(line::Bias::PullDown);
        }
    }
}

/// An open input.
#[derive(Debug)]
struct Input {
    offset: Offset,
    events: Events,
}

impl InputLine for Input {
    fn level(&mut self) -> Result<Level, BoardError> {
        let level = self.events.request().value(self.offset);
        level
            .map(|value| Level::from(value == Value::Active))
            .map_err(|error| failed("read", self.events.pin(), None, error))
    }

    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<Edge, BoardError>> {
        let event = std::task::ready!(self.events.poll(cx))?;
        Poll::Ready(Ok(edge(&event)))
    }

    fn drain_edges(&mut self, edges: &mut Vec<Edge>) -> Result<(), BoardError> {
        self.events.drain(|event| edges.push(edge(&event)))
    }
}

/// The offset of a pin on a chip that was named: of the line with the pin's name, else the Broadcom number.
fn on_chip(chip: &Path, pin: Pin) -> Offset {
    let found = Chip::from_path(chip)
        .ok()
        .and_then(|chip| chip.find_line_info(&pin.to_string()));
    found.map_or(Offset::from(pin.number()), |info| info.offset)
}

pub(super) const fn value(level: Level) -> Value {
    match level {
        Level::Low => Value::Inactive,
        Level::High => Value::Active,
    }
}

/// The kernel's stamps are those of `CLOCK_MONOTONIC` unless another clock is asked for.
pub(super) fn edge(event: &EdgeEvent) -> Edge {
    Edge {
        at: Timestamp::from_nanos(event.timestamp_ns),
        level: Level::from(event.kind == EdgeKind::Rising),
        sequence: event.line_seqno,
    }
}

pub(super) fn named(pin: Pin) -> String {
    format!("{pin} (header pin {})", pin.header_pin())
}

fn lost(pin: Pin, why: &str) -> BoardError {
    BoardError::Lost {
        what: named(pin),
        why: why.to_owned(),
    }
}

/// The error for what the chip refused; of a line that something else has, with its owner.
pub(super) fn failed(
    doing: &'static str,
    pin: Pin,
    at: Option<(&Path, Offset)>,
    error: gpiocdev::Error,
) -> BoardError {
    let errno = errno_of(&error);
    let source = match errno {
        Some(errno) => io::Error::from_raw_os_error(errno),
        None => io::Error::other(error),
    };
    if errno == Some(Errno::NODEV.raw_os_error()) && at.is_none() {
        return lost(pin, "its chip is gone");
    }
    let Some((chip, offset)) = at else {
        return refused(doing, named(pin), source, Device::Gpio);
    };
    let what = format!("{}, line {offset} of {}", named(pin), chip.display());
    let is_busy = errno == Some(Errno::BUSY.raw_os_error());
    match is_busy.then(|| owner(chip, offset)).flatten() {
        Some(owner) => BoardError::System {
            doing,
            what,
            remedy: format!(
                "{owner:?} has the line: end that program, or move the part to a free pin"
            ),
            source,
        },
        None => BoardError::System {
            doing,
            what,
            remedy: remedy(Device::Gpio, errno.map(Errno::from_raw_os_error)).to_owned(),
            source,
        },
    }
}

/// Who has a line, as the kernel names it.
fn owner(chip: &Path, offset: Offset) -> Option<String> {
    let info = Chip::from_path(chip).ok()?.line_info(offset).ok()?;
    (info.used && !info.consumer.is_empty()).then_some(info.consumer)
}

/// The error number of a refusal, however deep it is.
pub(super) fn errno_of(error: &gpiocdev::Error) -> Option<i32> {
    match error {
        gpiocdev::Error::Os(errno) => Some(errno.0),
        gpiocdev::Error::Uapi(_, gpiocdev_uapi::Error::Os(errno)) => Some(errno.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_line_of_a_group_is_held_and_watched_as_asked_one_alone_as_well() {
        for offsets in [&[5_u32][..], &[5, 6, 7]] {
            let mut builder = Request::builder();
            together(&mut builder, offsets);
            reporting(&mut builder);
            let mut settings = InputSettings::new(Bias::PullUp);
            settings.debounce = Duration::from_millis(5);
            held(&mut builder, settings);
            let config = builder.config();
            for offset in offsets {
                let line = config.line_config(*offset).expect("it is configured");
                assert_eq!(line.direction, Some(line::Direction::Input), "{offset}");
                assert_eq!(line.bias, Some(line::Bias::PullUp), "{offset}");
                assert_eq!(line.edge_detection, Some(EdgeDetection::BothEdges));
                assert_eq!(line.debounce_period, Some(Duration::from_millis(5)));
            }
        }
    }
}
