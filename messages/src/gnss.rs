//! What a satellite receiver says.

use crate::{Degrees, Meters, MetersPerSecond, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much of a position a receiver has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FixMode {
    /// No position.
    #[default]
    None,
    /// Latitude and longitude.
    TwoD,
    /// Latitude, longitude and altitude.
    ThreeD,
}

/// A moment in UTC as the receiver names it: a date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UtcTime {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// Milliseconds since midnight; a leap second is the last of its day.
    pub millisecond_of_day: u32,
}

/// ISO 8601, to the millisecond: `2015-04-13T20:26:40.000Z`.
impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.millisecond_of_day / 1000;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            self.year,
            self.month,
            self.day,
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            self.millisecond_of_day % 1000
        )
    }
}

/// One epoch of a satellite receiver. What it did not say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// When the epoch's last byte arrived.
    pub received_at: Timestamp,
    /// How much of a position there is.
    pub mode: FixMode,
    /// The epoch's own time.
    pub time: Option<UtcTime>,
    /// WGS 84, north positive.
    pub latitude: Option<Degrees>,
    /// WGS 84, east positive.
    pub longitude: Option<Degrees>,
    /// Above mean sea level.
    pub altitude: Option<Meters>,
    /// Over ground.
    pub speed: Option<MetersPerSecond>,
    /// Over ground, clockwise from true north.
    pub track: Option<Degrees>,
    /// Used for the position.
    pub satellites: Option<u8>,
}
