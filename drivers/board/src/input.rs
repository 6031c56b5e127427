//! A digital input: its level, and its edges as they happen.

use crate::backend::{Gpio, InputLine};
use crate::claim::Claim;
use crate::edge_count::EdgeCount;
use crate::sync::lock;
use crate::waiters::Waiters;
use crate::{BoardError, Edge, InputSettings, Level, Pin};
use embedded_hal::digital::{self, ErrorType};
use embedded_hal_async::digital::Wait;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The right to read a pin.
#[derive(Clone, Debug)]
pub struct InputClaim {
    pub(crate) claim: Claim,
    pub(crate) gpio: Arc<dyn Gpio>,
    pub(crate) pin: Pin,
    pub(crate) settings: InputSettings,
    pub(crate) collecting: bool,
}

impl InputClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// Reports an edge only once the line stood still for `time`, stamped then: a contact that bounces gives one. The kernel does
    /// it, or the chip where it can.
    #[must_use]
    pub const fn debounced(mut self, time: Duration) -> Self {
        self.settings.debounce = time;
        self
    }

    /// Opens the pin; edges are reported from now on.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the backend cannot.
    pub fn open(&self) -> Result<InputPin, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        Ok(InputPin(Arc::new(Mutex::new(Line {
            line: self.gpio.input(self.pin, self.settings)?,
            count: EdgeCount::new(self.claim.counters()),
            waiters: Waiters::default(),
        }))))
    }
}

/// An open input. The line is closed when this and its [`Edges`] are gone.
#[derive(Debug)]
pub struct InputPin(Arc<Mutex<Line>>);

/// The line, what it delivered, and who waits for more.
#[derive(Debug)]
struct Line {
    line: Box<dyn InputLine>,
    count: EdgeCount,
    waiters: Waiters,
}

impl Line {
    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<Edge, BoardError>> {
        let Poll::Ready(edge) = self.line.poll_edge(cx) else {
            self.waiters.wait(cx);
            return Poll::Pending;
        };
        self.waiters.wake_others();
        if let Ok(edge) = &edge {
            self.count.add(edge.sequence);
        }
        Poll::Ready(edge)
    }
}

impl InputPin {
    /// The level now.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    pub fn level(&self) -> Result<Level, BoardError> {
        lock(&self.0).line.level()
    }

    /// The edges from now on, in the order in which they happened. Ends after its first error.
    ///
    /// Several streams of one pin share its edges: each edge goes to one of them.
    #[must_use]
    pub fn edges(&self) -> Edges {
        Edges(Some(Arc::clone(&self.0)))
    }

    /// Appends all edges that wait, without waiting for more.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the line was lost.
    pub fn drain_edges(&self, edges: &mut Vec<Edge>) -> Result<(), BoardError> {
        let mut line = lock(&self.0);
        let start = edges.len();
        let drained = line.line.drain_edges(edges);
        for edge in &edges[start..] {
            line.count.add(edge.sequence);
        }
        drained
    }

    /// Edges that this pin's claim is known to have lost.
    #[must_use]
    pub fn lost_edges(&self) -> u64 {
        lock(&self.0).count.lost()
    }
}

impl ErrorType for InputPin {
    type Error = BoardError;
}

impl digital::InputPin for InputPin {
    fn is_high(&mut self) -> Result<bool, BoardError> {
        self.level().map(Level::is_high)
    }

    fn is_low(&mut self) -> Result<bool, BoardError> {
        self.level().map(|level| !level.is_high())
    }
}

/// The edges of an input as they happen.
///
/// # Cancel safety
///
/// An edge is taken only when it is given out; dropping this loses none.
#[derive(Debug)]
pub struct Edges(Option<Arc<Mutex<Line>>>);

impl Drop for Edges {
    fn drop(&mut self) {
        if let Some(line) = &self.0 {
            lock(line).waiters.wake_others();
        }
    }
}

impl Stream for Edges {
    type Item = Result<Edge, BoardError>;

    fn poll_next(mut self: pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(line) = &self.0 else {
            return Poll::Ready(None);
        };
        let item = ready!(lock(line).poll_edge(cx));
        if item.is_err() {
            self.0 = None;
        }
        Poll::Ready(Some(item))
    }
}

/// Waiting by edges: a level that came and went while nobody waited is not waited for.
///
/// # Cancel safety
///
/// Dropping the future loses no edge but those that it took before the one it waits for.
impl Wait for InputPin {
    async fn wait_for_high(&mut self) -> Result<(), BoardError> {
        self.wait_for_level(Level::High).await
    }

    async fn wait_for_low(&mut self) -> Result<(), BoardError> {
        self.wait_for_level(Level::Low).await
    }

    async fn wait_for_rising_edge(&mut self) -> Result<(), BoardError> {
        while self.next_edge().await?.level != Level::High {}
        Ok(())
    }

    async fn wait_for_falling_edge(&mut self) -> Result<(), BoardError> {
        while self.next_edge().await?.level != Level::Low {}
        Ok(())
    }

    async fn wait_for_any_edge(&mut self) -> Result<(), BoardError> {
        self.next_edge().await.map(drop)
    }
}

impl InputPin {
    async fn wait_for_level(&self, wanted: Level) -> Result<(), BoardError> {
        while self.level()? != wanted {
            self.next_edge().await?;
        }
        Ok(())
    }

    async fn next_edge(&self) -> Result<Edge, BoardError> {
        poll_fn(|cx| lock(&self.0).poll_edge(cx)).await
    }
}
