//! Which limits a robot has.

use crate::ranges::range;
use serde::{Deserialize, Serialize};
use sinew_messages::{Amperes, Celsius, Meters, Radians, Volts};

/// The limits; one that is left out is not watched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LimitsConfig {
    /// A battery that is nearly empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery: Option<BatteryLimit>,
    /// More current than the robot needs to drive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<CurrentLimit>,
    /// Falling over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tilt: Option<TiltLimit>,
    /// Heat, at the inertial sensor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heat: Option<HeatLimit>,
    /// Wheels that stand although they are told to turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall: Option<StallLimit>,
}

/// Below `empty_v` nothing moves, until it is above `well_v` again: a battery recovers when its load goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BatteryLimit {
    /// 1 to 60 V; two lithium cells by default.
    #[serde(deserialize_with = "volts")]
    pub empty_v: Volts,
    /// 1 to 60 V.
    #[serde(deserialize_with = "volts")]
    pub well_v: Volts,
    /// For how long, 1 to 10,000 ms.
    #[serde(deserialize_with = "for_ms")]
    pub for_ms: u64,
}

/// More than `most_a` for so long disarms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CurrentLimit {
    /// 0.05 to 200 A.
    #[serde(deserialize_with = "amperes")]
    pub most_a: Amperes,
    /// For how long, 1 to 10,000 ms: longer than a motor takes to start.
    #[serde(deserialize_with = "for_ms")]
    pub for_ms: u64,
}

/// Further from the vertical than this for so long disarms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TiltLimit {
    /// 0.05 to 1.5 rad.
    #[serde(deserialize_with = "radians")]
    pub most_rad: Radians,
    /// For how long, 1 to 10,000 ms: a bump shakes the sensor.
    #[serde(deserialize_with = "for_ms")]
    pub for_ms: u64,
}

/// Above `most_c` nothing moves, until it is below `well_c` again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HeatLimit {
    /// -20 to 120 degrees Celsius.
    #[serde(deserialize_with = "celsius")]
    pub most_c: Celsius,
    /// -20 to 120 degrees Celsius.
    #[serde(deserialize_with = "celsius")]
    pub well_c: Celsius,
    /// For how long, 1 to 10,000 ms.
    #[serde(deserialize_with = "for_ms")]
    pub for_ms: u64,
}

/// See [`sinew_control::WheelWatch`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StallLimit {
    /// From wheel to wheel: 0.02 to 3 m.
    #[serde(deserialize_with = "track")]
    pub track_m: Meters,
}

range!(volts: Volts, Volts(1.0)..=Volts(60.0));
range!(amperes: Amperes, Amperes(0.05)..=Amperes(200.0));
range!(radians: Radians, Radians(0.05)..=Radians(1.5));
range!(celsius: Celsius, Celsius(-20.0)..=Celsius(120.0));
range!(track: Meters, Meters(0.02)..=Meters(3.0));
range!(for_ms: u64, 1..=10_000);

impl Default for BatteryLimit {
    fn default() -> Self {
        Self {
            empty_v: Volts(6.4),
            well_v: Volts(7.0),
            for_ms: 500,
        }
    }
}

impl Default for CurrentLimit {
    fn default() -> Self {
        Self {
            most_a: Amperes(3.0),
            for_ms: 300,
        }
    }
}

impl Default for TiltLimit {
    fn default() -> Self {
        Self {
            most_rad: Radians(0.6),
            for_ms: 100,
        }
    }
}

impl Default for HeatLimit {
    fn default() -> Self {
        Self {
            most_c: Celsius(70.0),
            well_c: Celsius(60.0),
            for_ms: 1_000,
        }
    }
}

impl Default for StallLimit {
    fn default() -> Self {
        Self {
            track_m: Meters(0.15),
        }
    }
}
