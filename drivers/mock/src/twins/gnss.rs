//! A satellite receiver that says its position in NMEA 0183.
//!
//! Sources: as for its sentences ([`super::nmea`]). Receivers of this kind (u-blox NEO-M8N, MediaTek MT3339) send one
//! burst of sentences an epoch, at 1 to 10 Hz and 9,600 to 115,200 baud.

use crate::agenda::Plan;
use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::twins::nmea;
use crate::wires::Wires;
use sinew_messages::{Degrees, Hertz, Meters, MetersPerSecond, Timestamp, UtcTime};
use std::time::Duration;

/// What a receiver has found out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GnssState {
    /// WGS 84, north positive.
    pub latitude: Degrees,
    /// WGS 84, east positive.
    pub longitude: Degrees,
    /// Above mean sea level.
    pub altitude: Meters,
    /// Over ground.
    pub speed: MetersPerSecond,
    /// Over ground, clockwise from true north.
    pub track: Degrees,
    /// The moment in UTC that the board's time zero stands for; the twin adds the board's time to it.
    pub utc_start: UtcTime,
    /// Used for the position: below 3 there is none, 3 give no altitude, 4 and more do. At most 12 are named.
    pub satellites: u8,
}

impl GnssState {
    /// Whether there is a position.
    pub(crate) fn has_fix(&self) -> bool {
        self.satellites >= 3
    }
}

/// At 0 N 0 E, standing, with eight satellites; time began with 2026.
impl Default for GnssState {
    fn default() -> Self {
        Self {
            latitude: Degrees::ZERO,
            longitude: Degrees::ZERO,
            altitude: Meters::ZERO,
            speed: MetersPerSecond::ZERO,
            track: Degrees::ZERO,
            utc_start: UtcTime {
                year: 2026,
                month: 1,
                day: 1,
                millisecond_of_day: 0,
            },
            satellites: 8,
        }
    }
}

handle! {
    /// A fitted satellite receiver. Unplugged it is silent (the port stays); frozen it repeats its last epoch.
    GnssTwin
}

impl GnssTwin {
    /// Bytes that the board lost because nobody read them in time.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.0.mock.with(|state| {
            let (_, part, wires) = state.twin(self.0.id);
            match part {
                Part::Gnss(gnss) => wires.ports[gnss.port].overruns(),
                _ => unreachable!("this handle is made for a receiver only"),
            }
        })
    }
}

impl Mock {
    /// Fits a receiver to a logical port. It sends RMC, GGA and GSA (about 190 bytes) `rate` times a second, at whole
    /// multiples of the period; bytes arrive no faster than `baud` lets them. What the board writes it ignores.
    ///
    /// `world` is asked at each epoch. It is called under the mock's lock: it must not use the mock.
    pub fn gnss(
        &self,
        name: &str,
        port: &str,
        baud: u32,
        rate: Hertz,
        world: impl FnMut(Timestamp) -> GnssState + Send + 'static,
    ) -> GnssTwin {
        let index = self.with(|state| {
            if rate.period().is_none() {
                state.wires.complaints.add(state.wires.now, name, || {
                    format!("a rate of {rate} makes no epochs; choose one above zero")
                });
            }
            state.wires.port(port, baud)
        });
        let gnss = Gnss {
            port: index,
            period: rate.period(),
            world: Box::new(world),
            text: String::with_capacity(512),
        };
        let resources = vec![format!("port {port}")];
        GnssTwin(self.fit(name, "GNSS receiver", resources, Part::Gnss(gnss)))
    }
}

/// The receiver.
pub(crate) struct Gnss {
    port: usize,
    /// `None` for a rate that makes no epochs.
    period: Option<Duration>,
    world: Box<dyn FnMut(Timestamp) -> GnssState + Send>,
    /// The last epoch's sentences.
    text: String,
}

impl Gnss {
    fn plan_epoch(&self, socket: &Socket, wires: &mut Wires) {
        let Some(period) = self
            .period
            .and_then(|period| u64::try_from(period.as_nanos()).ok())
        else {
            return;
        };
        let next = (wires.now.nanos() / period + 1).saturating_mul(period);
        socket.plan(wires, Timestamp::from_nanos(next), Plan::Epoch);
    }
}

impl Behaviour for Gnss {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.text.clear();
        self.plan_epoch(socket, wires);
    }

    fn power_off(&mut self, _socket: &mut Socket, wires: &mut Wires) {
        wires.ports[self.port].cut();
    }

    fn happen(&mut self, socket: &mut Socket, wires: &mut Wires, what: Plan) {
        if what != Plan::Epoch {
            return;
        }
        if !socket.frozen {
            let state = (self.world)(wires.now);
            let utc = nmea::utc_after(state.utc_start, wires.now.since(Timestamp::ZERO));
            self.text.clear();
            nmea::epoch(&mut self.text, &state, utc);
        }
        wires.send(self.port, self.text.as_bytes());
        self.plan_epoch(socket, wires);
    }
}
