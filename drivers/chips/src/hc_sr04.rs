//! An HC-SR04: trigger it, and the echo line is high for as long as the sound was under way.
//!
//! Sources: (U) Elecfreaks, "Ultrasonic Ranging Module HC-SR04", the guide that sellers hand on; (M) Cytron, "HC-SR04
//! User's Manual", for what happens without an echo, of which (U) says nothing.

use sinew_messages::{Celsius, Meters, Timestamp};
use std::time::Duration;

/// How long the trigger line must be high: "at least 10 us" (U).
pub const TRIGGER_PULSE: Duration = Duration::from_micros(10);

/// From trigger to trigger, so that no echo of one is heard by the next: "over 60 ms measurement cycle" (U).
pub const SHORTEST_CYCLE: Duration = Duration::from_millis(60);

/// The echo line rises after the burst of eight periods of 40 kHz, 0.2 ms (U). No source states a limit; this is
/// 25 times the burst, for slow copies of the part.
pub const RISES_WITHIN: Duration = Duration::from_millis(5);

/// A pulse as long as this says that no echo came: "a 38 ms high level signal" (M).
pub const NO_ECHO: Duration = Duration::from_millis(38);

/// The end of what the part measures: 400 cm (U).
pub const LONGEST_RANGE: Meters = Meters(4.0);

/// The speed of sound in dry air in metres per second. Air is nearly an ideal gas: sqrt(gamma R T / M) with gamma = 1.4 and
/// M = 0.02897 kg/mol is 343.2 m/s at 293.15 K and grows with the root of the temperature. Humidity adds up to 0.6 %.
fn speed_of_sound(air: Celsius) -> f64 {
    let kelvin = (air.0 + 273.15).max(0.0);
    343.2 * (kelvin / 293.15).sqrt()
}

/// How far away the thing is from which sound came back after `flight`: there and back is twice the way.
#[must_use]
pub fn distance(flight: Duration, air: Celsius) -> Meters {
    Meters(flight.as_secs_f64() * speed_of_sound(air) / 2.0)
}

/// How long sound takes to a thing at `distance` and back.
#[must_use]
pub fn flight(distance: Meters, air: Celsius) -> Duration {
    let seconds = 2.0 * distance.0 / speed_of_sound(air);
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
}

/// What one measurement found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Echo {
    /// The nearest thing that answered.
    At(Meters),
    /// Nothing answered within the range. That is **unknown**, not clear: soft and slanted things do not answer.
    Unknown,
}

/// The echo line did not rise after a trigger: the part is not there, not powered, or broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "HC-SR04: the echo line did not rise within 5 ms of the trigger; check its supply (5 V), both lines and the ground"
)]
pub struct NoRisingEdge;

/// From the stamps of a trigger and of the echo line's edges to a distance. It sets no timer: ask
/// [`deadline`](Self::deadline), and [`poll`](Self::poll) it then.
#[derive(Clone, Copy, Debug)]
pub struct EchoMeter {
    air: Celsius,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Idle,
    Triggered(Timestamp),
    High(Timestamp),
}

impl EchoMeter {
    /// Nothing was triggered yet; the speed of sound is that of air at this temperature.
    #[must_use]
    pub fn new(air: Celsius) -> Self {
        Self {
            air,
            phase: Phase::Idle,
        }
    }

    /// The trigger fell at `at`. What was under way is forgotten.
    pub fn triggered(&mut self, at: Timestamp) {
        self.phase = Phase::Triggered(at);
    }

    /// The echo line went to `high` at `at`. An edge that fits no trigger is ignored.
    pub fn edge(&mut self, at: Timestamp, high: bool) -> Option<Echo> {
        match (self.phase, high) {
            (Phase::Triggered(since), true) if at >= since => {
                self.phase = Phase::High(at);
                None
            }
            (Phase::High(since), false) => {
                self.phase = Phase::Idle;
                let away = distance(at.since(since), self.air);
                Some(if away <= LONGEST_RANGE {
                    Echo::At(away)
                } else {
                    Echo::Unknown
                })
            }
            _ => None,
        }
    }

    /// When to [`poll`](Self::poll); `None` while nothing is under way.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Idle => None,
            Phase::Triggered(since) => Some(since + RISES_WITHIN),
            Phase::High(since) => Some(since + NO_ECHO),
        }
    }

    /// Whether the time ran out: no echo after [`NO_ECHO`].
    ///
    /// # Errors
    ///
    /// [`NoRisingEdge`] if the line stayed low for [`RISES_WITHIN`] after the trigger.
    pub fn poll(&mut self, now: Timestamp) -> Result<Option<Echo>, NoRisingEdge> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Ok(None);
        }
        let phase = std::mem::replace(&mut self.phase, Phase::Idle);
        match phase {
            Phase::Triggered(_) => Err(NoRisingEdge),
            Phase::High(_) | Phase::Idle => Ok(Some(Echo::Unknown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Celsius = Celsius(20.0);

    fn us(us: u64) -> Timestamp {
        Timestamp::from_nanos(us * 1000)
    }

    #[test]
    fn a_centimetre_is_58_microseconds_as_the_guide_says() {
        for cm in [2.0, 10.0, 100.0, 400.0] {
            let found = distance(Duration::from_micros((58.0 * cm) as u64), ROOM);
            assert!(
                (found.0 - cm / 100.0).abs() < 0.01 * cm / 100.0,
                "{cm} cm is {found}"
            );
        }
    }

    #[test]
    fn warm_air_is_faster() {
        let flight = Duration::from_millis(10);
        assert!((distance(flight, Celsius(0.0)).0 - 1.6564).abs() < 1e-3);
        assert!((distance(flight, ROOM).0 - 1.716).abs() < 1e-12);
        assert!((distance(flight, Celsius(40.0)).0 - 1.7736).abs() < 1e-3);
    }

    #[test]
    fn there_and_back_is_where_it_was() {
        let there = flight(Meters(1.25), Celsius(-10.0));
        assert!((distance(there, Celsius(-10.0)).0 - 1.25).abs() < 1e-6);
    }

    #[test]
    fn two_edges_are_a_distance() {
        let mut meter = EchoMeter::new(ROOM);
        meter.triggered(us(0));
        assert_eq!(meter.edge(us(450), true), None);
        let Some(Echo::At(away)) = meter.edge(us(450 + 5828), false) else {
            panic!("no distance");
        };
        assert!((away.0 - 1.0).abs() < 1e-3);
        assert_eq!(meter.deadline(), None);
    }

    #[test]
    fn no_echo_is_unknown_both_when_the_line_falls_late_and_when_it_does_not_fall() {
        let mut meter = EchoMeter::new(ROOM);
        meter.triggered(us(0));
        meter.edge(us(450), true);
        assert_eq!(meter.edge(us(30_000), false), Some(Echo::Unknown));
        meter.triggered(us(60_000));
        meter.edge(us(60_450), true);
        assert_eq!(meter.deadline(), Some(us(98_450)));
        assert_eq!(meter.poll(us(98_449)), Ok(None));
        assert_eq!(meter.poll(us(98_450)), Ok(Some(Echo::Unknown)));
        // Some copies hold the line for 200 ms: its end belongs to no trigger.
        assert_eq!(meter.edge(us(260_000), false), None);
    }

    #[test]
    fn a_line_that_never_rises_is_a_failure() {
        let mut meter = EchoMeter::new(ROOM);
        assert_eq!(meter.poll(us(1)), Ok(None));
        meter.triggered(us(100));
        assert_eq!(meter.poll(us(5_099)), Ok(None));
        assert_eq!(meter.poll(us(5_100)), Err(NoRisingEdge));
        assert_eq!(meter.poll(us(5_200)), Ok(None));
    }

    #[test]
    fn edges_without_a_trigger_say_nothing() {
        let mut meter = EchoMeter::new(ROOM);
        assert_eq!(meter.edge(us(10), true), None);
        assert_eq!(meter.edge(us(900), false), None);
        meter.triggered(us(1_000));
        assert_eq!(meter.edge(us(1_100), false), None);
        assert_eq!(meter.edge(us(990), true), None);
        assert_eq!(meter.deadline(), Some(us(6_000)));
    }
}
