//! An HC-SR04 ultrasonic range finder.
//!
//! **Wiring.** VCC to 5 V, GND to GND. Trig to a GPIO: 3.3 V is above its threshold. Echo answers with 5 V, which a
//! Raspberry Pi's pin does not survive: put a divider between, 1 kOhm from Echo to the pin and 2 kOhm from the pin
//! to GND (3.3 V at the pin). Modules that run on 3.3 V (HC-SR04P, RCWL-1601) need no divider.
//!
//! **Messages.** Emits [`Range`] once per ping, 20 pings a second by default. A ping without an echo is
//! `distance: None`: **unknown**, not clear. Soft, slanted and thin things give no echo at 10 cm as at 4 m.
//!
//! **Fails** if Echo does not rise after a trigger (the sensor is dead or unplugged), if Echo stays high for
//! longer than any sensor holds it (a broken wire or a missing GND), or if a line is lost.
//! Then the trigger line returns to low; nothing else is driven. The silence of its edge is for the robot to act on.
//! A sensor that loses its supply in the middle of an echo gives one reading that is too near, never one too far.
//!
//! Source: [`sinew_chips::hc_sr04`], which cites the user guides. They ask for 60 ms between pings, so that no echo of the
//! last ping is taken for this one's; 50 ms passes because an echo line that is still high puts the next ping off.

use crate::ReadCounters;
use crate::ranges::range;
use embedded_hal::delay::DelayNs;
use serde::{Deserialize, Serialize};
use sinew_board::{
    Bias, Board, BoardError, ClaimError, Delay, Edge, Indicator, InputPin, Level, Pin,
};
use sinew_chips::hc_sr04::{Echo, EchoMeter, NoRisingEdge, TRIGGER_PULSE};
use sinew_messages::{Celsius, Meters, Range, Timestamp};
use sinew_runtime::{Actor, Context, Emits, Factory, Failure, Handler, Reason};
use std::time::Duration;

/// The longest Echo known without an answer is 200 ms (copies without the original's 38 ms limit).
const STUCK_AFTER: Duration = Duration::from_millis(250);

/// Where an HC-SR04 is wired and how it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HcSr04Config {
    /// The pin that drives Trig.
    pub trigger: Pin,
    /// The pin that Echo reaches, through a divider.
    pub echo: Pin,
    /// From ping to ping: 40 to 1000 ms.
    #[serde(deserialize_with = "period_ms")]
    pub period_ms: u64,
    /// Echoes from farther away are unknown: 0.1 to 4 m.
    #[serde(deserialize_with = "max_range_m")]
    pub max_range_m: Meters,
    /// Of the air, which sets the speed of sound (0.17 % per degree): -20 to 60 degC.
    #[serde(deserialize_with = "air_celsius")]
    pub air_celsius: Celsius,
}

// Shorter than 40 ms and the 38 ms of a ping without echo would run into the next.
range!(period_ms: u64, 40..=1000);
range!(max_range_m: Meters, Meters(0.1)..=Meters(4.0));
range!(air_celsius: Celsius, Celsius(-20.0)..=Celsius(60.0));

impl HcSr04Config {
    /// The defaults, wired to these pins.
    #[must_use]
    pub fn at(trigger: Pin, echo: Pin) -> Self {
        Self {
            trigger,
            echo,
            period_ms: 50,
            max_range_m: Meters(4.0),
            air_celsius: Celsius(20.0),
        }
    }
}

impl Default for HcSr04Config {
    fn default() -> Self {
        Self::at(Pin::GPIO23, Pin::GPIO24)
    }
}

/// What an [`HcSr04`] counted since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HcSr04Counters {
    /// Triggers sent.
    pub pings: u64,
    /// Readings with a distance.
    pub echoes: u64,
    /// Readings without.
    pub unknown: u64,
    /// Pings left out because Echo was high already.
    pub busy: u64,
}

/// Why an HC-SR04 cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HcSr04Error {
    /// Nothing answered a trigger.
    #[error("pinging with Trig on {trigger} and Echo on {echo}")]
    NoAnswer {
        /// The pin that drives Trig.
        trigger: Pin,
        /// The pin that listens to Echo.
        echo: Pin,
        /// What did not come.
        #[source]
        source: NoRisingEdge,
    },
    /// Echo does not end.
    #[error(
        "{echo} stays high: is the GND of the HC-SR04 connected? Some copies hang like this until their power is cut"
    )]
    StaysHigh {
        /// The pin that listens to Echo.
        echo: Pin,
    },
}

/// Time for a ping.
#[derive(Clone, Copy, Debug)]
struct Trigger;

/// Time to ask what became of it.
#[derive(Clone, Copy, Debug)]
struct Check;

/// The actor of an HC-SR04.
#[derive(Debug)]
pub struct HcSr04 {
    trigger: Indicator,
    echo: InputPin,
    delay: Delay,
    board: Board,
    config: HcSr04Config,
    meter: EchoMeter,
    /// When a ping was left out, the first time in a row.
    busy_since: Option<Timestamp>,
    waiting: Vec<Edge>,
    counters: HcSr04Counters,
}

impl HcSr04 {
    /// Claims the sensor's pins; the factory opens them at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if a pin has an owner or does not exist.
    pub fn on(board: &Board, config: &HcSr04Config) -> Result<Factory<Self>, ClaimError> {
        let trigger = board.indicator("HC-SR04 trigger", config.trigger, Level::Low)?;
        // Pulled down, an unplugged Echo is low and stays so.
        let echo = board.input("HC-SR04 echo", config.echo, Bias::PullDown)?;
        let names = (trigger.clone(), echo.clone());
        let (board, config) = (board.clone(), config.clone());
        let factory = Factory::new(move || {
            Ok(Self {
                trigger: trigger.open()?,
                echo: echo.open()?,
                delay: board.delay(),
                board: board.clone(),
                config: config.clone(),
                meter: EchoMeter::new(config.air_celsius),
                busy_since: None,
                waiting: Vec::new(),
                counters: HcSr04Counters::default(),
            })
        });
        Ok(factory.named(move |node| {
            names.0.owned_by(node);
            names.1.owned_by(node);
        }))
    }

    /// Sends a ping.
    fn ping(&mut self) -> Result<(), BoardError> {
        self.busy_since = None;
        self.counters.pings += 1;
        self.trigger.set(Level::High)?;
        self.delay.delay_us(TRIGGER_PULSE.as_micros() as u32);
        // Stamped before the falling edge, which starts the burst: an older edge belongs to an earlier ping.
        self.meter.triggered(self.board.now());
        self.trigger.set(Level::Low)
    }

    /// Says what a measurement found.
    fn tell(&mut self, at: Timestamp, echo: Option<Echo>, ctx: &mut Context<Self>) {
        let distance = match echo {
            None => return,
            Some(Echo::At(away)) if away <= self.config.max_range_m => Some(away),
            Some(Echo::At(_) | Echo::Unknown) => None,
        };
        let counter = match distance {
            Some(_) => &mut self.counters.echoes,
            None => &mut self.counters.unknown,
        };
        *counter += 1;
        ctx.publish(Range {
            measured_at: at,
            distance,
        });
    }

    fn edge(&mut self, edge: Edge, ctx: &mut Context<Self>) {
        let echo = self.meter.edge(edge.at, edge.level.is_high());
        self.tell(edge.at, echo, ctx);
    }

    /// Asks again when the measurement that is under way runs out of time.
    fn check_later(&self, ctx: &mut Context<Self>) {
        if let Some(deadline) = self.meter.deadline() {
            ctx.after(deadline.since(self.board.now()), Check);
        }
    }
}

impl Actor for HcSr04 {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.try_board_input("echo", self.echo.edges());
        ctx.every(Duration::from_millis(self.config.period_ms), Trigger);
        Ok(())
    }

    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(self.trigger.set(Level::Low)?)
    }
}

impl Emits<Range> for HcSr04 {}

impl Handler<Trigger> for HcSr04 {
    type Reply = ();
    async fn handle(&mut self, _: Trigger, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if self.meter.deadline().is_some() {
            return Ok(()); // This tick came late: the last ping is still listened to.
        }
        if self.echo.level()? == Level::Low {
            self.ping()?;
            self.check_later(ctx);
            return Ok(());
        }
        // The echo of an earlier ping is still on its way, or a wire is broken.
        let now = self.board.now();
        self.counters.busy += 1;
        if now.since(*self.busy_since.get_or_insert(now)) >= STUCK_AFTER {
            let echo = self.config.echo;
            return Err(HcSr04Error::StaysHigh { echo }.into());
        }
        self.tell(now, Some(Echo::Unknown), ctx);
        Ok(())
    }
}

impl Handler<Edge> for HcSr04 {
    type Reply = ();
    async fn handle(&mut self, edge: Edge, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.edge(edge, ctx);
        Ok(())
    }
}

impl Handler<Check> for HcSr04 {
    type Reply = ();
    async fn handle(&mut self, _: Check, ctx: &mut Context<Self>) -> Result<(), Failure> {
        // On a busy machine edges may wait that are older than this moment.
        let mut waiting = std::mem::take(&mut self.waiting);
        self.echo.drain_edges(&mut waiting)?;
        for edge in waiting.drain(..) {
            self.edge(edge, ctx);
        }
        self.waiting = waiting;
        let now = self.board.now();
        let HcSr04Config { trigger, echo, .. } = self.config;
        let unknown = self
            .meter
            .poll(now)
            .map_err(|source| HcSr04Error::NoAnswer {
                trigger,
                echo,
                source,
            })?;
        self.tell(now, unknown, ctx);
        self.check_later(ctx);
        Ok(())
    }
}

impl Handler<ReadCounters> for HcSr04 {
    type Reply = HcSr04Counters;
    async fn handle(
        &mut self,
        _: ReadCounters,
        _: &mut Context<Self>,
    ) -> Result<HcSr04Counters, Failure> {
        Ok(self.counters)
    }
}
