//! A serial port that may be unplugged and comes back: its bytes, and the gaps between them.

use crate::backend::Clock;
use crate::serial::{SerialClaim, SerialPort};
use crate::{BoardError, Timestamp};
use futures_core::Stream;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Sleep;

/// From try to try: doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Bytes of one item at most.
const ROOM: usize = 1_024;

/// What came of a port that is opened again and again.
#[derive(Debug)]
#[non_exhaustive]
pub enum SerialEvent {
    /// Bytes in their order.
    Bytes(Vec<u8>),
    /// The port could not be opened, or was lost; it is tried from now on. Said once for each loss.
    Lost(BoardError),
    /// The port is open again. What was sent in between is lost.
    Back {
        /// From the loss until now, on the board's clock.
        gap: Duration,
    },
}

/// The bytes of a port and the gaps between them, without an end: an alternative to an actor that fails and is started again
/// when its port is unplugged. See [`SerialClaim::reopening`].
///
/// # Cancel safety
///
/// Dropped between items it loses nothing but what the port itself does not keep.
pub struct Reopening {
    claim: SerialClaim,
    clock: Arc<dyn Clock>,
    state: State,
}

enum State {
    New,
    Open(SerialPort),
    Waiting {
        since: Timestamp,
        pause: Duration,
        sleep: Pin<Box<Sleep>>,
    },
}

impl Reopening {
    pub(crate) fn new(claim: SerialClaim, clock: Arc<dyn Clock>) -> Self {
        Self {
            claim,
            clock,
            state: State::New,
        }
    }

    fn wait(&mut self, since: Timestamp, pause: Duration) {
        self.state = State::Waiting {
            since,
            pause,
            sleep: Box::pin(tokio::time::sleep(pause)),
        };
    }

    fn lost(&mut self, error: BoardError) -> SerialEvent {
        self.wait(self.clock.now(), FIRST_PAUSE);
        SerialEvent::Lost(error)
    }
}

impl Stream for Reopening {
    type Item = SerialEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SerialEvent>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::New => match this.claim.open() {
                    Ok(port) => this.state = State::Open(port),
                    Err(error) => return Poll::Ready(Some(this.lost(error))),
                },
                State::Open(port) => {
                    let mut room = [0; ROOM];
                    let mut buffer = ReadBuf::new(&mut room);
                    let event = match ready!(Pin::new(port).poll_read(cx, &mut buffer)) {
                        Ok(()) => SerialEvent::Bytes(buffer.filled().to_vec()),
                        Err(error) => this.lost(BoardError::Lost {
                            what: this.claim.name(),
                            why: error.to_string(),
                        }),
                    };
                    return Poll::Ready(Some(event));
                }
                State::Waiting {
                    since,
                    pause,
                    sleep,
                } => {
                    ready!(sleep.as_mut().poll(cx));
                    let (since, pause) = (*since, (*pause * 2).min(LONGEST_PAUSE));
                    // Why it is not there yet was said when it was lost.
                    let Ok(port) = this.claim.open() else {
                        this.wait(since, pause);
                        continue;
                    };
                    this.state = State::Open(port);
                    let gap = this.clock.now().since(since);
                    return Poll::Ready(Some(SerialEvent::Back { gap }));
                }
            }
        }
    }
}

impl fmt::Debug for Reopening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reopening")
            .field("claim", &self.claim)
            .field("is_open", &matches!(self.state, State::Open(_)))
            .finish_non_exhaustive()
    }
}
