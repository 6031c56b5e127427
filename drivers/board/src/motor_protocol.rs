//! The language of a motor controller on a serial port, as bytes.

use crate::Duty;
use std::fmt::Debug;
use std::ops::Deref;
use std::time::Duration;

/// How many motors one controller may have.
pub const MOST_MOTORS: usize = 4;

/// Which bytes do what. Bytes alone: nothing here waits, allocates or reads a clock, because the guardian speaks it too.
///
/// Its `Debug` must say everything by which two controllers differ, such as the address: program and guardian compare it.
pub trait MotorProtocol: Debug + Send + Sync {
    /// How many motors there are, at most [`MOST_MOTORS`].
    fn motors(&self) -> usize;

    /// Drives a motor by the number that is printed on the controller, from 1; zero stops it. All these frames are equally long.
    fn drive(&self, motor: usize, duty: Duty) -> Frame;

    /// Ends whatever frame was cut off, and is no command itself.
    fn resynchronize(&self) -> Frame;

    /// How often a stop is sent after [`MotorProtocol::resynchronize`]: the first may still be taken for the rest of a frame.
    fn stops(&self) -> usize {
        3
    }

    /// Whether each command is answered, so that silence tells that nobody listens.
    fn answers(&self) -> bool;

    /// What sets the controller's own time-out to the shortest that is not shorter than `longest`, and reads it back; `None` if
    /// it has none.
    fn time_out(&self, longest: Duration) -> Option<Exchange>;
}

/// A question and its only good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What is sent.
    pub asks: Frame,
    /// What comes back from a controller that has done it.
    pub answers: Frame,
}

/// A few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Frame {
    /// More bytes than this has none.
    pub const LONGEST: usize = 24;

    /// These bytes after one another; what is beyond [`Frame::LONGEST`] is no frame.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Option<Self> {
        let mut frame = Self {
            bytes: [0; Self::LONGEST],
            length: 0,
        };
        for part in parts {
            let room = frame.bytes.get_mut(frame.length..)?;
            room.get_mut(..part.len())?.copy_from_slice(part);
            frame.length += part.len();
        }
        Some(frame)
    }
}

/// The bytes.
impl Deref for Frame {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_its_parts_and_never_more_than_has_room() {
        let frame = Frame::of(&[b"ab", b"", b"c"]).expect("it is short");
        assert_eq!(&*frame, b"abc");
        assert!(Frame::of(&[&[1; Frame::LONGEST]]).is_some());
        assert_eq!(Frame::of(&[&[1; Frame::LONGEST], b"x"]), None);
    }
}
