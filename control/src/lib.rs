#![doc = include_str!("../README.md")]

mod braking;
mod debounce;
mod kinematics;
mod limits;
mod low_pass;
mod odometry;
mod pid;
mod quantity;
mod ramp;
mod soft_stops;
mod speed;
mod trip;
mod wheel_watch;

pub use braking::{safe_speed, stopping_distance};
pub use debounce::{Debouncer, Settled};
pub use kinematics::{DifferentialKinematics, Unphysical, WheelSpeeds};
pub use limits::TwistLimits;
pub use low_pass::LowPass;
pub use odometry::{DeadReckoning, along_arc};
pub use pid::{Pid, PidGains};
pub use quantity::Quantity;
pub use ramp::Ramp;
pub use soft_stops::SoftStops;
pub use speed::SpeedEstimator;
pub use trip::Trip;
pub use wheel_watch::WheelWatch;
