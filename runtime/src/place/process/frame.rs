//! What goes between a node's process and its graph: a length, a header, and the bytes of a message.

use crate::{Message, Time, message_name};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest frame: four camera images of two megapixels in two bytes each. What announces more is damaged.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The bytes before a frame that say how many follow; the lowest comes first.
const LENGTH_BYTES: usize = 4;

/// What the graph says to its node. One arrival at a time: the next one comes after [`FromNode::Handled`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ToNode {
    /// A message arrived along the edge of this number. Its bytes follow, unless it is a silence.
    Arrived { edge: u32, stamp: Stamp },
    /// End in order.
    Stop,
}

/// What kind of message arrived, and what there is to know about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stamp {
    /// A reading or an event.
    Value,
    /// A command, and the nanosecond at which it ceases to be valid: both processes read one clock.
    Command(u64),
    /// Nothing came since this nanosecond.
    Silence(u64),
}

/// What a node says to its graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum FromNode {
    /// It was built, from the graph with these edges.
    Hello { edges: u64 },
    /// It published a message, whose bytes follow, along the edge of this number and its siblings. Of so many before
    /// it there was no room to send them.
    Published {
        edge: u32,
        valid_until: Option<u64>,
        lost: u32,
    },
    /// It has handled what arrived.
    Handled,
    /// It failed, and says why; its process is about to end.
    Failed { why: String },
    /// It ended by its own wish or because it was stopped; its process is about to end.
    Finished,
}

impl FromNode {
    /// A value that was published.
    pub(super) fn published(edge: u32, valid_until: Option<Time>, lost: u32) -> Self {
        Self::Published {
            edge,
            valid_until: valid_until.map(Time::nanos),
            lost,
        }
    }
}

/// What is wrong with a frame.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("a `{message}` of {bytes} bytes does not fit: a frame has at most {MOST_BYTES}")]
    TooLong { message: &'static str, bytes: usize },
    #[error("a frame of {0} bytes was announced: at most {MOST_BYTES} are sent")]
    Announced(usize),
    #[error("the header of a frame is damaged")]
    Header(#[source] postcard::Error),
    #[error("a `{message}` is damaged or cannot be encoded")]
    Message {
        message: &'static str,
        #[source]
        source: postcard::Error,
    },
    #[error("what arrived along an edge is of another kind than the edge")]
    Kind,
    #[error("edge {0} does not end at this node")]
    NoEdge(u32),
    #[error("a message arrived before the one before it was handled")]
    Early,
    #[error("a `{message}` has {bytes} bytes too many")]
    Surplus { message: &'static str, bytes: usize },
}

/// Adds a frame without a message to the end of `buffer`.
pub(super) fn write_header(
    header: &impl Serialize,
    buffer: &mut Vec<u8>,
) -> Result<(), FrameError> {
    write_frame(buffer, "header", |buffer| {
        postcard::to_io(header, buffer)
            .map(drop)
            .map_err(FrameError::Header)
    })
}

/// Adds a frame with a message to the end of `buffer`; what cannot be added leaves it as it was.
pub(super) fn write<M: Message>(
    header: &impl Serialize,
    message: &M,
    buffer: &mut Vec<u8>,
) -> Result<(), FrameError> {
    write_frame(buffer, message_name::<M>(), |buffer| {
        postcard::to_io(header, &mut *buffer).map_err(FrameError::Header)?;
        let written = postcard::to_io(message, buffer);
        written.map(drop).map_err(|source| FrameError::Message {
            message: message_name::<M>(),
            source,
        })
    })
}

fn write_frame(
    buffer: &mut Vec<u8>,
    message: &'static str,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), FrameError>,
) -> Result<(), FrameError> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; LENGTH_BYTES]);
    let body = start + LENGTH_BYTES;
    let written = write(buffer).and_then(|()| {
        let bytes = buffer.len() - body;
        match u32::try_from(bytes) {
            Ok(length) if bytes <= MOST_BYTES => Ok(length),
            _ => Err(FrameError::TooLong { message, bytes }),
        }
    });
    match written {
        Ok(length) => {
            buffer[start..body].copy_from_slice(&length.to_le_bytes());
            Ok(())
        }
        Err(error) => {
            buffer.truncate(start);
            Err(error)
        }
    }
}

/// Where the first frame in `bytes` ends, or how many bytes are missing at least.
pub(super) fn end_of_first(bytes: &[u8]) -> Result<Result<usize, usize>, FrameError> {
    let Some((length, _)) = bytes.split_first_chunk::<LENGTH_BYTES>() else {
        return Ok(Err(LENGTH_BYTES - bytes.len()));
    };
    let length = u32::from_le_bytes(*length) as usize;
    if length > MOST_BYTES {
        return Err(FrameError::Announced(length));
    }
    let end = LENGTH_BYTES + length;
    Ok(end
        .checked_sub(bytes.len())
        .filter(|missing| *missing > 0)
        .map_or(Ok(end), Err))
}

/// The header of a whole frame, and the bytes of its message.
pub(super) fn read<H: DeserializeOwned>(frame: &[u8]) -> Result<(H, &[u8]), FrameError> {
    let body = frame.get(LENGTH_BYTES..).unwrap_or_default();
    postcard::take_from_bytes(body).map_err(FrameError::Header)
}

/// A message out of its bytes: all of them.
pub(super) fn message<M: Message>(bytes: &[u8]) -> Result<M, FrameError> {
    let message = message_name::<M>();
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(FrameError::Surplus {
            message,
            bytes: rest.len(),
        }),
        Err(source) => Err(FrameError::Message { message, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Reading {
        name: String,
        values: Vec<u16>,
    }

    fn reading() -> Reading {
        Reading {
            name: "sonar".into(),
            values: vec![1, 200, 60_000],
        }
    }

    fn arrived() -> ToNode {
        ToNode::Arrived {
            edge: 300,
            stamp: Stamp::Command(u64::MAX),
        }
    }

    #[test]
    fn frames_are_read_as_they_were_written_one_after_the_other() {
        let mut bytes = Vec::new();
        write(&arrived(), &reading(), &mut bytes).unwrap();
        let first = bytes.len();
        write_header(&ToNode::Stop, &mut bytes).unwrap();
        for cut in 0..first {
            let missing = end_of_first(&bytes[..cut]).unwrap().unwrap_err();
            assert!(missing > 0 && cut + missing <= first, "{cut}: {missing}");
        }
        assert_eq!(end_of_first(&bytes).unwrap(), Ok(first));
        let (header, rest) = read::<ToNode>(&bytes[..first]).unwrap();
        assert_eq!(header, arrived());
        assert_eq!(message::<Reading>(rest).unwrap(), reading());
        let (header, rest) = read::<ToNode>(&bytes[first..]).unwrap();
        assert_eq!((header, rest), (ToNode::Stop, &[][..]));
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_anything_is_read() {
        let longest = u32::try_from(MOST_BYTES).unwrap();
        assert_eq!(
            end_of_first(&longest.to_le_bytes()).unwrap(),
            Err(MOST_BYTES)
        );
        let error = end_of_first(&(longest + 1).to_le_bytes()).unwrap_err();
        assert!(matches!(error, FrameError::Announced(bytes) if bytes == MOST_BYTES + 1));
    }

    #[test]
    fn a_message_that_is_too_long_is_named_and_leaves_nothing_behind() {
        let mut bytes = vec![1, 2, 3];
        let long = Reading {
            name: "x".repeat(MOST_BYTES),
            values: Vec::new(),
        };
        let error = write(&ToNode::Stop, &long, &mut bytes).unwrap_err();
        assert!(
            error.to_string().starts_with("a `Reading` of 16"),
            "{error}"
        );
        assert_eq!(bytes, [1, 2, 3]);
    }

    #[test]
    fn damage_anywhere_is_an_error_or_another_message_but_never_a_panic() {
        let mut bytes = Vec::new();
        write(&arrived(), &reading(), &mut bytes).unwrap();
        let mut random = Random::new(5);
        for _ in 0..20_000 {
            let mut damaged = bytes.clone();
            let place = random.below(damaged.len());
            damaged[place] = random.next() as u8;
            if let Ok(Ok(end)) = end_of_first(&damaged)
                && let Ok((_, rest)) = read::<FromNode>(&damaged[..end])
            {
                let _ = message::<Reading>(rest);
            }
        }
        assert!(matches!(
            read::<FromNode>(&[1, 0, 0, 0, 99]),
            Err(FrameError::Header(_))
        ));
        assert!(matches!(
            message::<Reading>(&[1]),
            Err(FrameError::Message { .. })
        ));
        assert!(matches!(
            message::<u8>(&[1, 2]),
            Err(FrameError::Surplus { bytes: 1, .. })
        ));
    }
}
