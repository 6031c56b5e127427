//! A quadrature encoder on a wheel.
//!
//! **Wiring.** VCC to **3.3 V** if the encoder allows it (Hall encoders of gear motors do, from 3 V), GND to GND,
//! A and B to a GPIO each. An encoder that runs on 5 V and drives its outputs to 5 V needs a level shifter; one
//! with open collectors needs none, because the pins pull up to 3.3 V here.
//!
//! **Messages.** Emits [`WheelMotion`] 100 times a second by default. Edges are not handled one by one: all that
//! waited are taken in one go before each reading.
//!
//! **Fails** if a line is lost. An encoder that is unplugged looks like a wheel that stands still: no line of an
//! encoder says that it is there. Compare it with what was commanded. Lost edges (a gap in the sequence numbers
//! of a line, or a step that no quadrature makes) are counted in [`WheelMotion::lost_edges`]. It drives nothing.
//! The angle is kept across restarts of the device; what the wheel turned meanwhile is missing in it.
//!
//! Source: the quadrature code itself; counts per turn are edges of both lines times the gear ratio, as makers of
//! gear motors state them (Pololu 25D: 48 counts per turn of the motor's shaft).

use crate::ranges::range;
use serde::{Deserialize, Serialize};
use sinew_board::{Bias, Board, BoardError, ClaimError, Edge, InputPin, Pin};
use sinew_chips::QuadratureDecoder;
use sinew_control::SpeedEstimator;
use sinew_messages::{Radians, Side, Timestamp, WheelMotion};
use sinew_runtime::{Actor, Context, Emits, Factory, Failure, Handler};
use std::f64::consts::TAU;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A wheel that made no edge for this long stands: at 1000 counts per turn that is less than 0.07 rad/s.
const STILL_AFTER: Duration = Duration::from_millis(100);

/// Where an encoder is wired and what it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WheelEncoderConfig {
    /// Which wheel it is on.
    pub wheel: Side,
    /// Line A, which leads while the wheel turns forward.
    pub a: Pin,
    /// Line B.
    pub b: Pin,
    /// Edges of both lines together per turn of the wheel: 4 to 1000000.
    #[serde(deserialize_with = "counts_per_turn")]
    pub counts_per_turn: u32,
    /// Whether line B leads while the wheel turns forward (a motor mounted mirrored).
    pub reversed: bool,
    /// From reading to reading: 2 to 1000 ms.
    #[serde(deserialize_with = "period_ms")]
    pub period_ms: u64,
}

range!(counts_per_turn: u32, 4..=1_000_000);
range!(period_ms: u64, 2..=1000);

impl WheelEncoderConfig {
    /// The defaults for an encoder on this wheel and these pins.
    #[must_use]
    pub fn at(wheel: Side, a: Pin, b: Pin) -> Self {
        Self {
            wheel,
            a,
            b,
            counts_per_turn: 1000,
            reversed: false,
            period_ms: 10,
        }
    }
}

impl Default for WheelEncoderConfig {
    fn default() -> Self {
        Self::at(Side::Left, Pin::GPIO5, Pin::GPIO6)
    }
}

/// The actor of an encoder.
#[derive(Debug)]
pub struct WheelEncoder {
    a: InputPin,
    b: InputPin,
    board: Board,
    config: WheelEncoderConfig,
    decoder: QuadratureDecoder,
    estimator: SpeedEstimator,
    edges: Edges,
    newest_edge: Option<Timestamp>,
    /// What earlier incarnations counted.
    before: Totals,
    totals: Arc<Mutex<Totals>>,
}

/// What outlives a restart.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    count: i64,
    lost: u64,
}

/// Edges taken from the board, of which some may be too new to be decoded.
#[derive(Debug, Default)]
struct Edges {
    a: Vec<Edge>,
    b: Vec<Edge>,
}

/// Time to read.
#[derive(Clone, Copy, Debug)]
struct Read;

impl WheelEncoder {
    /// Claims both lines; the factory opens them at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if a pin has an owner or does not exist.
    pub fn on(board: &Board, config: &WheelEncoderConfig) -> Result<Factory<Self>, ClaimError> {
        let a = board.input("encoder A", config.a, Bias::PullUp)?;
        let b = board.input("encoder B", config.b, Bias::PullUp)?;
        let names = (a.clone(), b.clone());
        let (board, config) = (board.clone(), config.clone());
        let totals = Arc::new(Mutex::new(Totals::default()));
        let factory = Factory::new(move || {
            Ok(Self::new(
                a.open()?,
                b.open()?,
                &board,
                &config,
                Arc::clone(&totals),
            )?)
        });
        Ok(factory.named(move |node| {
            names.0.owned_by(node);
            names.1.owned_by(node);
        }))
    }

    fn new(
        a: InputPin,
        b: InputPin,
        board: &Board,
        config: &WheelEncoderConfig,
        totals: Arc<Mutex<Totals>>,
    ) -> Result<Self, BoardError> {
        let decoder = QuadratureDecoder::new(a.level()?.is_high(), b.level()?.is_high());
        let per_count = Radians(TAU / f64::from(config.counts_per_turn));
        let before = *totals.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Self {
            a,
            b,
            board: board.clone(),
            config: config.clone(),
            decoder,
            estimator: SpeedEstimator::new(per_count, STILL_AFTER),
            edges: Edges::default(),
            newest_edge: None,
            before,
            totals,
        })
    }

    /// Takes and decodes all edges up to now; what the wheel has done by then.
    fn read(&mut self) -> Result<WheelMotion, BoardError> {
        let now = self.board.now();
        self.a.drain_edges(&mut self.edges.a)?;
        self.b.drain_edges(&mut self.edges.b)?;
        self.edges
            .decode_until(now, &mut self.decoder, &mut self.newest_edge);
        let sign = if self.config.reversed { -1 } else { 1 };
        let count = self.before.count + sign * self.decoder.count();
        // Each gap in the sequence numbers shows as illegal steps too; the larger number is what is known.
        let gaps = self.a.lost_edges() + self.b.lost_edges();
        let lost = gaps.max(self.before.lost + self.decoder.illegal());
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = Totals { count, lost };
        Ok(WheelMotion {
            measured_at: now,
            wheel: self.config.wheel,
            angle: Radians(TAU * count as f64 / f64::from(self.config.counts_per_turn)),
            speed: self.estimator.update(now, count, self.newest_edge),
            lost_edges: lost,
        })
    }
}

impl Edges {
    /// Decodes the edges of both lines in the order in which they happened, up to `end`. What came between the
    /// reading of one line and of the other waits for the next time.
    fn decode_until(
        &mut self,
        end: Timestamp,
        decoder: &mut QuadratureDecoder,
        newest: &mut Option<Timestamp>,
    ) {
        let (mut a, mut b) = (0, 0);
        loop {
            let due = |edge: Option<&Edge>| edge.copied().filter(|edge| edge.at <= end);
            let edge = match (due(self.a.get(a)), due(self.b.get(b))) {
                (None, None) => break,
                (Some(of_a), of_b) if of_b.is_none_or(|of_b| of_a.at <= of_b.at) => {
                    a += 1;
                    decoder.edge_a(of_a.level.is_high());
                    of_a
                }
                (_, Some(of_b)) => {
                    b += 1;
                    decoder.edge_b(of_b.level.is_high());
                    of_b
                }
                (Some(_), None) => break,
            };
            *newest = Some(edge.at);
        }
        self.a.drain(..a);
        self.b.drain(..b);
    }
}

impl Actor for WheelEncoder {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(Duration::from_millis(self.config.period_ms), Read);
        Ok(())
    }
}

impl Emits<WheelMotion> for WheelEncoder {}

impl Handler<Read> for WheelEncoder {
    type Reply = ();
    async fn handle(&mut self, _: Read, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let motion = self.read()?;
        ctx.publish(motion);
        Ok(())
    }
}
