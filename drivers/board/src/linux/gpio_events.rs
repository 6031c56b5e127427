//! The edges of a request, as the kernel keeps them.

use super::gpio::{errno_of, failed, named};
use super::refusal::{Device, refused};
use crate::{BoardError, Pin};
use gpiocdev::Request;
use gpiocdev::line::EdgeEvent;
use rustix::io::Errno;
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::task::{Context, Poll};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Room for one event, in words (`struct gpio_v2_line_event` of Linux, include/uapi/linux/gpio.h: 48 bytes).
const EVENT_WORDS: usize = 6;
/// How many events are read at once, at most.
const EVENTS_AT_ONCE: usize = 16;

/// An open request, and the events of its lines.
#[derive(Debug)]
pub(super) struct Events {
    /// The first of its lines, which errors name.
    pin: Pin,
    request: Request,
    /// Events that were read and not handed out yet.
    waiting: VecDeque<EdgeEvent>,
    /// Room for the events of one read.
    room: Box<[u64; EVENT_WORDS * EVENTS_AT_ONCE]>,
    /// A second descriptor of its file, which tokio watches from the first wait on: a program without tokio may read
    /// levels.
    watched: Option<AsyncFd<OwnedFd>>,
}

impl Events {
    /// The events of this request from now on.
    pub(super) fn of(pin: Pin, request: Request) -> Result<Self, BoardError> {
        let flags = rustix::fs::fcntl_getfl(&request);
        let set = flags.and_then(|flags| {
            rustix::fs::fcntl_setfl(&request, flags | rustix::fs::OFlags::NONBLOCK)
        });
        set.map_err(|error| refused("open as an input", named(pin), error.into(), Device::Gpio))?;
        Ok(Self {
            pin,
            request,
            waiting: VecDeque::with_capacity(EVENTS_AT_ONCE),
            room: Box::new([0; EVENT_WORDS * EVENTS_AT_ONCE]),
            watched: None,
        })
    }

    /// The pin that errors name.
    pub(super) fn pin(&self) -> Pin {
        self.pin
    }

    /// What levels are read of.
    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    /// The next event, in the order of the kernel.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<EdgeEvent, BoardError>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Poll::Ready(Ok(event));
            }
            self.watch()?;
            let watched = self.watched.take().expect("it is watched");
            let ready = watched.poll_read_ready(cx);
            let polled = match ready {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Err(error)) => Poll::Ready(Err(waits(self.pin, error))),
                Poll::Ready(Ok(mut ready)) => {
                    let more = self.read();
                    // All was read: what comes after that wakes anew, without another read to find nothing.
                    if !matches!(more, Ok(true)) {
                        ready.clear_ready();
                    }
                    Poll::Ready(more.map(drop))
                }
            };
            self.watched = Some(watched);
            std::task::ready!(polled)?;
        }
    }

    /// Hands out all events that there are, without waiting.
    pub(super) fn drain(&mut self, mut each: impl FnMut(EdgeEvent)) -> Result<(), BoardError> {
        loop {
            self.waiting.drain(..).for_each(&mut each);
            if !self.read()? {
                self.waiting.drain(..).for_each(each);
                return Ok(());
            }
        }
    }

    /// Reads events, in one system call. `true`: there may be more.
    fn read(&mut self) -> Result<bool, BoardError> {
        let failed = |error| failed("read edges of", self.pin, None, error);
        // Not `read_edge_event`: that of gpiocdev 0.8.0 makes room for eight events and hands out the first.
        let size = self.request.edge_event_u64_size();
        let most = self.room.len() / size * size;
        let read = match self
            .request
            .read_edge_events_into_slice(&mut self.room[..most])
        {
            Ok(read) => read,
            Err(error) if errno_of(&error) == Some(Errno::AGAIN.raw_os_error()) => {
                return Ok(false);
            }
            Err(error) => return Err(failed(error)),
        };
        for event in self.room[..read].chunks_exact(size) {
            let event = self.request.edge_event_from_slice(event);
            self.waiting.push_back(event.map_err(failed)?);
        }
        Ok(read == most)
    }

    /// Has tokio watch it, if it does not yet.
    fn watch(&mut self) -> Result<(), BoardError> {
        if self.watched.is_some() {
            return Ok(());
        }
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BoardError::Unavailable {
                what: named(self.pin),
                why: "its edges must be awaited inside a tokio runtime with I/O enabled".to_owned(),
            });
        }
        let file = self.request.as_fd().try_clone_to_owned();
        self.watched = Some(
            file.and_then(watched)
                .map_err(|error| waits(self.pin, error))?,
        );
        Ok(())
    }
}

fn waits(pin: Pin, error: io::Error) -> BoardError {
    refused("wait for edges of", named(pin), error, Device::Gpio)
}

/// Has tokio report when an open file may be read.
#[allow(unsafe_code, reason = "tokio trusts no safe code with this")]
fn watched(file: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is open, and stays open and the same until it is dropped, and nobody takes it out of here.
    Ok(unsafe { AsyncFd::register_with_interest(file, Interest::READABLE) }?)
}
