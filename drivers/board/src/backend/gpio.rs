//! Digital lines.

#[cfg(target_os = "linux")]
use super::{Wire, not_handed_on};
use crate::{Bias, BoardError, Edge, InputSettings, Level, Pin};
use std::fmt::Debug;
use std::task::{Context, Poll};

/// Digital lines.
pub trait Gpio: Debug + Send + Sync {
    /// Opens a line as an input that reports both edges.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line does not exist or cannot be had.
    fn input(&self, pin: Pin, settings: InputSettings) -> Result<Box<dyn InputLine>, BoardError>;

    /// Opens several lines as inputs that are read together, without edges.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if one of the lines does not exist or cannot be had.
    fn inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn InputLines>, BoardError>;

    /// Opens several lines as inputs that are read together, and report their edges in the order in which they happened.
    ///
    /// # Errors
    ///
    /// [`BoardError`] as [`Gpio::inputs`], or because the backend knows no order of edges of several lines.
    fn watched_inputs(
        &self,
        pins: &[Pin],
        settings: InputSettings,
    ) -> Result<Box<dyn WatchedLines>, BoardError> {
        let _ = settings;
        Err(BoardError::Unavailable {
            what: format!("edges of {pins:?} together"),
            why: "its backend knows no order of the edges of several lines; open each by itself"
                .to_owned(),
        })
    }

    /// Opens a line as an output that starts at `initial`, without a glitch.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line does not exist or cannot be had.
    fn output(&self, pin: Pin, initial: Level) -> Result<Box<dyn OutputLine>, BoardError>;

    /// Opens a line that is pulled low or let go of, released at first.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line does not exist or cannot be had, or because the backend has no such lines.
    fn open_drain(&self, pin: Pin, bias: Bias) -> Result<Box<dyn OpenDrainLine>, BoardError> {
        let _ = bias;
        Err(BoardError::Unavailable {
            what: format!("{pin} as an open-drain line"),
            why: "its backend has none".to_owned(),
        })
    }

    /// Whether nothing real is behind it.
    fn is_simulated(&self) -> bool {
        false
    }

    /// Opens a line as [`Gpio::output`] does, as a file that another process can hold as well: what a motion output needs.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line does not exist or cannot be had, or is none that can be handed on.
    #[cfg(target_os = "linux")]
    fn wire(&self, pin: Pin, initial: Level) -> Result<Wire, BoardError> {
        let _ = initial;
        Err(not_handed_on(&pin))
    }
}

/// An open input line.
pub trait InputLine: Debug + Send {
    /// The level now.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    fn level(&mut self) -> Result<Level, BoardError>;

    /// The next edge, in the order in which edges happened. Registers the waker if there is none.
    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<Edge, BoardError>>;

    /// Takes all edges that wait, without waiting, and appends them to `edges`.
    /// Their sequence numbers begin with 1 at each opening of the line; a gap in them is a loss.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    fn drain_edges(&mut self, edges: &mut Vec<Edge>) -> Result<(), BoardError>;
}

/// Open input lines that are read together.
pub trait InputLines: Debug + Send {
    /// The levels at one moment, in the order of the pins; `into` is as long as there are pins.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the lines were lost.
    fn levels(&mut self, into: &mut [Level]) -> Result<(), BoardError>;
}

/// Open input lines that are read together and report edges.
pub trait WatchedLines: InputLines {
    /// The next edge, with the place of its line among the pins, in the order in which edges happened. Registers the waker if
    /// there is none. Sequence numbers count the edges of all lines, from 1 at each opening; a gap in them is a loss.
    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<(usize, Edge), BoardError>>;

    /// Takes all edges that wait, without waiting, and appends them to `edges`.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the lines were lost.
    fn drain_edges(&mut self, edges: &mut Vec<(usize, Edge)>) -> Result<(), BoardError>;
}

/// An open output line.
pub trait OutputLine: Debug + Send {
    /// Drives the line to `level`.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    fn set(&mut self, level: Level) -> Result<(), BoardError>;
}

/// An open line that is pulled low or let go of. Dropping it lets go.
pub trait OpenDrainLine: Debug + Send {
    /// Pulls the line low, or lets go of it.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    fn set(&mut self, level: Level) -> Result<(), BoardError>;

    /// The level of the wire, whoever makes it.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    fn level(&mut self) -> Result<Level, BoardError>;
}
