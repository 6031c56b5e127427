#![doc = include_str!("../README.md")]

mod body;
mod drive;
mod gnss;
mod ratio;
mod sense;
mod stamp;
mod units;

pub use body::{Odometry, Pose, Twist};
pub use drive::Side;
pub use gnss::{Fix, FixMode, UtcTime};
pub use ratio::{Duty, OutOfRange};
pub use sense::{BatteryState, Contact, Imu, Press, Range, Vector3, WheelMotion};
pub use stamp::Timestamp;
pub use units::{
    Amperes, Celsius, Degrees, Hertz, Kilograms, Meters, MetersPerSecond, MetersPerSecondSquared,
    Radians, RadiansPerSecond, Volts, Watts,
};
