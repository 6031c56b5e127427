//! Several GPIO lines that are read by one call, and whose edges the kernel keeps in one order.

use super::gpio::{edge, failed};
use super::gpio_events::Events;
use crate::backend::{InputLines, WatchedLines};
use crate::{BoardError, Edge, Level, Pin};
use gpiocdev::Request;
use gpiocdev::line::{EdgeEvent, Offset, Value, Values};
use std::task::{Context, Poll, ready};

/// Where lines are, and room for what is read of them.
#[derive(Debug)]
struct Places {
    offsets: Vec<Offset>,
    values: Values,
}

impl Places {
    fn new(offsets: Vec<Offset>) -> Self {
        let values = Values::from_offsets(&offsets);
        Self { offsets, values }
    }

    /// Reads all levels; errors name this pin.
    fn read(&mut self, request: &Request, pin: Pin, into: &mut [Level]) -> Result<(), BoardError> {
        let read = request.values(&mut self.values);
        read.map_err(|error| failed("read", pin, None, error))?;
        for (level, offset) in into.iter_mut().zip(&self.offsets) {
            *level = Level::from(self.values.get(*offset) == Some(Value::Active));
        }
        Ok(())
    }

    /// The edge of an event of one of these lines, numbered among those of all.
    fn edge(&self, event: &EdgeEvent) -> Option<(usize, Edge)> {
        let place = self.offsets.iter().position(|it| *it == event.offset)?;
        let sequence = event.seqno;
        Some((
            place,
            Edge {
                sequence,
                ..edge(event)
            },
        ))
    }
}

/// Open inputs that are read by one call.
#[derive(Debug)]
pub(super) struct Group {
    pin: Pin,
    places: Places,
    request: Request,
}

impl Group {
    /// The lines of a request, in the order of these offsets; errors name the first pin.
    pub(super) fn new(pin: Pin, offsets: Vec<Offset>, request: Request) -> Self {
        Self {
            pin,
            places: Places::new(offsets),
            request,
        }
    }
}

impl InputLines for Group {
    fn levels(&mut self, into: &mut [Level]) -> Result<(), BoardError> {
        self.places.read(&self.request, self.pin, into)
    }
}

/// The same with their edges.
#[derive(Debug)]
pub(super) struct WatchedGroup {
    places: Places,
    events: Events,
}

impl WatchedGroup {
    /// The lines of a request, in the order of these offsets; errors name the first pin.
    pub(super) fn new(
        pin: Pin,
        offsets: Vec<Offset>,
        request: Request,
    ) -> Result<Self, BoardError> {
        Ok(Self {
            places: Places::new(offsets),
            events: Events::of(pin, request)?,
        })
    }
}

impl InputLines for WatchedGroup {
    fn levels(&mut self, into: &mut [Level]) -> Result<(), BoardError> {
        let (request, pin) = (self.events.request(), self.events.pin());
        self.places.read(request, pin, into)
    }
}

impl WatchedLines for WatchedGroup {
    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<(usize, Edge), BoardError>> {
        loop {
            let event = ready!(self.events.poll(cx))?;
            if let Some(edge) = self.places.edge(&event) {
                return Poll::Ready(Ok(edge));
            }
        }
    }

    fn drain_edges(&mut self, edges: &mut Vec<(usize, Edge)>) -> Result<(), BoardError> {
        let places = &self.places;
        self.events.drain(|event| edges.extend(places.edge(&event)))
    }
}
