//! Digital lines of the mock.

use crate::mock::Mock;
use crate::net::EDGE_QUEUE;
use crate::state::State;
use sinew_board::backend::{Gpio, InputLine, InputLines, OpenDrainLine, OutputLine, WatchedLines};
use sinew_board::{Bias, BoardError, Edge, InputSettings, Level, Pin};
use std::task::{Context, Poll};

/// A pin that the board holds open; closing it is dropping this.
#[derive(Debug)]
struct Line {
    mock: Mock,
    pin: Pin,
}

/// Pins that are read together.
#[derive(Debug)]
struct Lines {
    mock: Mock,
    lines: Vec<Line>,
}

impl InputLines for Lines {
    fn levels(&mut self, into: &mut [Level]) -> Result<(), BoardError> {
        self.mock.with(|state| {
            for (level, line) in into.iter_mut().zip(&self.lines) {
                *level = state.wires.net(line.pin).read();
            }
        });
        Ok(())
    }
}

/// The same, with their edges in the order of time.
#[derive(Debug)]
struct Watched {
    lines: Lines,
    /// Of each line the number of the edge that was taken last.
    taken: Vec<u32>,
    /// The number of the edge that was taken last of all.
    sequence: u32,
}

impl Watched {
    /// The oldest edge that waits; of two at one moment that of the line that was claimed first. Numbered among those of all lines,
    /// with a gap where its own line lost some.
    fn take(&mut self, state: &mut State) -> Option<(usize, Edge)> {
        // The kernel keeps so many for all lines of a request together; the oldest go.
        while self.waiting(state) > EDGE_QUEUE {
            self.take_oldest(state);
        }
        self.take_oldest(state)
    }

    fn waiting(&self, state: &mut State) -> usize {
        let lines = self.lines.lines.iter();
        lines.map(|line| state.wires.net(line.pin).waiting()).sum()
    }

    fn take_oldest(&mut self, state: &mut State) -> Option<(usize, Edge)> {
        let waiting = self.lines.lines.iter().enumerate();
        let waiting = waiting.filter_map(|(place, line)| {
            let edge = state.wires.net(line.pin).oldest_edge()?;
            Some((edge.at, place))
        });
        let (_, place) = waiting.min()?;
        let edge = state.wires.net(self.lines.lines[place].pin).take_edge()?;
        let last = std::mem::replace(&mut self.taken[place], edge.sequence);
        self.sequence = (self.sequence).wrapping_add(edge.sequence.wrapping_sub(last));
        let sequence = self.sequence;
        Some((place, Edge { sequence, ..edge }))
    }
}

impl InputLines for Watched {
    fn levels(&mut self, into: &mut [Level]) -> Result<(), BoardError> {
        self.lines.levels(into)
    }
}

impl WatchedLines for Watched {
    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<(usize, Edge), BoardError>> {
        let mock = self.lines.mock.clone();
        mock.with(|state| {
            if let Some(edge) = self.take(state) {
                return Poll::Ready(Ok(edge));
            }
            for line in &self.lines.lines {
                state.wires.net(line.pin).wake_at_edge(cx.waker());
            }
            Poll::Pending
        })
    }

    fn drain_edges(&mut self, edges: &mut Vec<(usize, Edge)>) -> Result<(), BoardError> {
        let mock = self.lines.mock.clone();
        mock.with(|state| edges.extend(std::iter::from_fn(|| self.take(state))));
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.mock.with(|state| {
            // A released output keeps its level, a released open-drain line pulls nobody.
            if state.wires.net(self.pin).is_open_drain() {
                state.drive(self.pin, Level::High);
            }
            state.wires.net(self.pin).close();
        });
    }
}

impl Mock {
    /// Fits a resistor between a pin and 3.3 V (`High`) or ground, stronger than the chip's own; `None` takes it away.
    pub fn fit_resistor(&self, pin: Pin, to: Option<Level>) {
        self.with(|state| state.alter(pin, |net, at, wakes| net.fit_resistor(to, at, wakes)));
    }

    fn open_input(&self, pin: Pin, settings: InputSettings) -> Result<Line, BoardError> {
        self.open(pin, |state| {
            state.alter(pin, |net, at, wakes| net.open_input(settings, at, wakes));
        })
    }

    /// Opens a pin that nobody has open.
    fn open(&self, pin: Pin, open: impl FnOnce(&mut State)) -> Result<Line, BoardError> {
        self.with(|state| {
            if state.wires.net(pin).in_use {
                return Err(BoardError::InUse { pin });
            }
            open(state);
            Ok(())
        })?;
        Ok(Line {
            mock: self.clone(),
            pin,
        })
    }

    fn open_inputs(&self, pins: &[Pin], settings: InputSettings) -> Result<Lines, BoardError> {
        let lines = pins.iter().map(|pin| self.open_input(*pin, settings));
        Ok(Lines {
            mock: self.clone(),
            lines: lines.collect::<Result<_, _>>()?,
        })
    }
}

impl Gpio for Mock {
    fn is_simulated(&self) -> bool {
        true
    }

    fn input(&self, pin: Pin, settings: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
        Ok(Box::new(self.open_input(pin, settings)?))
    }

    fn inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn InputLines>, BoardError> {
        Ok(Box::new(self.open_inputs(pins, settings)?))
    }

    fn watched_inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn WatchedLines>, BoardError> {
        Ok(Box::new(Watched {
            lines: self.open_inputs(pins, settings)?,
            taken: vec![0; pins.len()],
            sequence: 0,
        }))
    }

    fn output(&self, pin: Pin, initial: Level) -> Result<Box<dyn OutputLine>, BoardError> {
        let line = self.open(pin, |state| {
            state.wires.net(pin).open_output();
            state.drive(pin, initial);
        })?;
        Ok(Box::new(line))
    }

    fn open_drain(&self, pin: Pin, bias: Bias) -> Result<Box<dyn OpenDrainLine>, BoardError> {
        let line = self.open(pin, |state| {
            state.alter(pin, |net, at, wakes| net.open_drain(bias, at, wakes));
        })?;
        Ok(Box::new(line))
    }
}

impl OpenDrainLine for Line {
    fn set(&mut self, level: Level) -> Result<(), BoardError> {
        OutputLine::set(self, level)
    }

    fn level(&mut self) -> Result<Level, BoardError> {
        InputLine::level(self)
    }
}

impl InputLine for Line {
    fn level(&mut self) -> Result<Level, BoardError> {
        Ok(self.mock.with(|state| state.wires.net(self.pin).read()))
    }

    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<Edge, BoardError>> {
        self.mock.with(|state| {
            let net = state.wires.net(self.pin);
            match net.take_edge() {
                Some(edge) => Poll::Ready(Ok(edge)),
                None => {
                    net.wake_at_edge(cx.waker());
                    Poll::Pending
                }
            }
        })
    }

    fn drain_edges(&mut self, edges: &mut Vec<Edge>) -> Result<(), BoardError> {
        self.mock
            .with(|state| state.wires.net(self.pin).take_edges(edges));
        Ok(())
    }
}

impl OutputLine for Line {
    fn set(&mut self, level: Level) -> Result<(), BoardError> {
        self.mock.with(|state| state.drive(self.pin, level));
        Ok(())
    }
}
