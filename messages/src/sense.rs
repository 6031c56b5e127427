//! What sensors say.

use crate::{Amperes, Celsius, Meters, Radians, RadiansPerSecond, Side, Timestamp, Volts, Watts};
use serde::{Deserialize, Serialize};

/// One distance reading.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// When the echo (or its time-out) was seen.
    pub measured_at: Timestamp,
    /// From the sensor's face to the nearest echo. `None`: no echo came, which means **unknown**, not clear.
    pub distance: Option<Meters>,
}

/// A bumper, pressed or free, after debouncing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// When the switch settled.
    pub measured_at: Timestamp,
    /// Whether something is touched now.
    pub touching: bool,
}

/// A button, pressed or released, after debouncing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// When the button settled.
    pub measured_at: Timestamp,
    /// Whether it is down now.
    pub pressed: bool,
}

/// What one wheel did, from its encoder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WheelMotion {
    /// When it was read.
    pub measured_at: Timestamp,
    /// Which wheel.
    pub wheel: Side,
    /// Turned since start; forward is positive.
    pub angle: Radians,
    /// Turning now; forward is positive.
    pub speed: RadiansPerSecond,
    /// Edges that the encoder is known to have lost since start; each makes `angle` wrong by up to one count.
    pub lost_edges: u64,
}

/// Three numbers along x (forward), y (left) and z (up); the doc of the field names their unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vector3 {
    /// Forward.
    pub x: f64,
    /// Left.
    pub y: f64,
    /// Up.
    pub z: f64,
}

/// An inertial measurement in the sensor's own frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Imu {
    /// When it was read.
    pub measured_at: Timestamp,
    /// In radians per second.
    pub angular_velocity: Vector3,
    /// In meters per second squared; at rest z is about 9.81.
    pub linear_acceleration: Vector3,
    /// Of the chip, if it says.
    pub temperature: Option<Celsius>,
}

/// A battery, as its monitor sees it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatteryState {
    /// When it was read.
    pub measured_at: Timestamp,
    /// At the battery's side of the shunt.
    pub voltage: Volts,
    /// Out of the battery; negative while it is charged.
    pub current: Amperes,
    /// Out of the battery.
    pub power: Watts,
}
