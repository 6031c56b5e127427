//! Digital lines of the mock.

use crate::mock::Mock;
use sinew_board::backend::{Gpio, InputLine, InputLines, OutputLine};
use sinew_board::{BoardError, Edge, InputSettings, Level, Pin};
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

impl Drop for Line {
    fn drop(&mut self) {
        self.mock.with(|state| state.wires.net(self.pin).close());
    }
}

impl Mock {
    fn open_input(&self, pin: Pin, settings: InputSettings) -> Result<Line, BoardError> {
        self.with(|state| {
            let at = state.wires.now;
            let (net, wakes) = state.wires.net_and_wakes(pin);
            if net.in_use {
                return Err(BoardError::InUse { pin });
            }
            if net.open_input(settings, at, wakes) {
                let level = net.level();
                state.wires.note_level(pin, at);
                state.tell_watchers(pin, level);
            }
            Ok(())
        })?;
        Ok(Line {
            mock: self.clone(),
            pin,
        })
    }
}

impl Gpio for Mock {
    fn input(&self, pin: Pin, settings: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
        Ok(Box::new(self.open_input(pin, settings)?))
    }

    fn inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn InputLines>, BoardError> {
        let lines = pins.iter().map(|pin| self.open_input(*pin, settings));
        let lines = lines.collect::<Result<_, _>>()?;
        Ok(Box::new(Lines {
            mock: self.clone(),
            lines,
        }))
    }

    fn output(&self, pin: Pin, initial: Level) -> Result<Box<dyn OutputLine>, BoardError> {
        self.with(|state| {
            let net = state.wires.net(pin);
            if net.in_use {
                return Err(BoardError::InUse { pin });
            }
            net.in_use = true;
            state.drive(pin, initial);
            Ok(())
        })?;
        Ok(Box::new(Line {
            mock: self.clone(),
            pin,
        }))
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
