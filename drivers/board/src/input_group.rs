//! Several digital inputs that are read at one moment, as the sensors of a line follower are, or whose edges have one order, as the
//! two channels of an encoder.

use crate::backend::{Gpio, InputLines, WatchedLines};
use crate::claim::Claim;
use crate::edge_count::EdgeCount;
use crate::sync::lock;
use crate::waiters::Waiters;
use crate::{BoardError, Edge, InputSettings, Level, Pin};
use futures_core::Stream;
use std::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

/// The right to read several pins together.
#[derive(Clone, Debug)]
pub struct InputGroupClaim {
    pub(crate) claim: Claim,
    /// Whose lines they are; `None` if they are not all of one backend.
    pub(crate) gpio: Option<Arc<dyn Gpio>>,
    pub(crate) pins: Vec<Pin>,
    pub(crate) settings: InputSettings,
    pub(crate) collecting: bool,
}

impl InputGroupClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// Reports an edge of a line only once that line stood still for `time`, stamped then.
    #[must_use]
    pub const fn debounced(mut self, time: Duration) -> Self {
        self.settings.debounce = time;
        self
    }

    /// Opens the pins, in one request.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the backend cannot, or if some of the pins are real and others simulated.
    pub fn open(&self) -> Result<InputGroup, BoardError> {
        let lines = self.gpio()?.inputs(&self.pins, self.settings)?;
        Ok(InputGroup {
            lines,
            levels: vec![Level::Low; self.pins.len()],
        })
    }

    /// Opens the pins, in one request, with their edges from now on.
    ///
    /// # Errors
    ///
    /// [`BoardError`] as [`InputGroupClaim::open`], or because the backend knows no order of the edges of several lines.
    pub fn open_with_edges(&self) -> Result<WatchedGroup, BoardError> {
        let lines = self.gpio()?.watched_inputs(&self.pins, self.settings)?;
        Ok(WatchedGroup {
            shared: Arc::new(Mutex::new(Watched {
                lines,
                pins: self.pins.clone(),
                count: EdgeCount::new(self.claim.counters()),
                waiters: Waiters::default(),
            })),
            levels: vec![Level::Low; self.pins.len()],
            drained: Vec::new(),
        })
    }

    fn gpio(&self) -> Result<&Arc<dyn Gpio>, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        self.gpio.as_ref().ok_or_else(|| BoardError::Unavailable {
            what: format!("{:?}", self.pins),
            why: "some of these pins are real and others simulated, so that they are not read at one moment; make all of \
                  them real, or none"
                .to_owned(),
        })
    }
}

/// Open inputs that are read together.
#[derive(Debug)]
pub struct InputGroup {
    lines: Box<dyn InputLines>,
    levels: Vec<Level>,
}

impl InputGroup {
    /// The levels now, in the order in which the pins were claimed: on Linux by one system call.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the lines were lost.
    pub fn levels(&mut self) -> Result<&[Level], BoardError> {
        self.lines.levels(&mut self.levels)?;
        Ok(&self.levels)
    }
}

/// An edge of one of several lines. Its sequence number counts the edges of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupEdge {
    /// The line.
    pub pin: Pin,
    /// What happened there.
    pub edge: Edge,
}

/// Open inputs that are read together and whose edges come in one order: on Linux that in which the kernel saw them, on the mock
/// that of time, and of the claim where two happen at one moment. The lines are closed when this and its [`GroupEdges`] are gone.
#[derive(Debug)]
pub struct WatchedGroup {
    shared: Arc<Mutex<Watched>>,
    levels: Vec<Level>,
    /// Room for what is drained.
    drained: Vec<(usize, Edge)>,
}

/// The lines, what they delivered, and who waits for more.
#[derive(Debug)]
struct Watched {
    lines: Box<dyn WatchedLines>,
    pins: Vec<Pin>,
    count: EdgeCount,
    waiters: Waiters,
}

impl Watched {
    fn delivered(&mut self, (place, edge): (usize, Edge)) -> GroupEdge {
        self.count.add(edge.sequence);
        let pin = self.pins[place];
        GroupEdge { pin, edge }
    }
}

impl WatchedGroup {
    /// The levels now, in the order in which the pins were claimed: on Linux by one system call.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the lines were lost.
    pub fn levels(&mut self) -> Result<&[Level], BoardError> {
        lock(&self.shared).lines.levels(&mut self.levels)?;
        Ok(&self.levels)
    }

    /// The edges of all lines, in the order in which they happened. Ends after its first error. Several streams of one group share
    /// its edges: each edge goes to one of them.
    #[must_use]
    pub fn edges(&self) -> GroupEdges {
        GroupEdges(Some(Arc::clone(&self.shared)))
    }

    /// Appends all edges that wait, without waiting for more.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the lines were lost.
    pub fn drain_edges(&mut self, edges: &mut Vec<GroupEdge>) -> Result<(), BoardError> {
        let mut watched = lock(&self.shared);
        let drained = watched.lines.drain_edges(&mut self.drained);
        edges.extend(self.drained.drain(..).map(|edge| watched.delivered(edge)));
        drained
    }

    /// Edges that this group's claim is known to have lost.
    #[must_use]
    pub fn lost_edges(&self) -> u64 {
        lock(&self.shared).count.lost()
    }
}

/// The edges of several inputs as they happen.
///
/// # Cancel safety
///
/// An edge is taken only when it is given out; dropping this loses none.
#[derive(Debug)]
pub struct GroupEdges(Option<Arc<Mutex<Watched>>>);

impl Drop for GroupEdges {
    fn drop(&mut self) {
        if let Some(shared) = &self.0 {
            lock(shared).waiters.wake_others();
        }
    }
}

impl Stream for GroupEdges {
    type Item = Result<GroupEdge, BoardError>;

    fn poll_next(mut self: pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(shared) = &self.0 else {
            return Poll::Ready(None);
        };
        let mut watched = lock(shared);
        let Poll::Ready(edge) = watched.lines.poll_edge(cx) else {
            watched.waiters.wait(cx);
            return Poll::Pending;
        };
        watched.waiters.wake_others();
        let item = edge.map(|edge| watched.delivered(edge));
        drop(watched);
        if item.is_err() {
            self.0 = None;
        }
        Poll::Ready(Some(item))
    }
}
