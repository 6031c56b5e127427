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
mod speed;

pub use braking::{safe_speed, stopping_distance};
pub use debounce::{Debouncer, Settled};
pub use kinematics::{DifferentialKinematics, Unphysical, WheelSpeeds};
pub use limits::TwistLimits;
pub use low_pass::LowPass;
pub use odometry::{DeadReckoning, along_arc};
pub use pid::{Pid, PidGains};
pub use quantity::Quantity;
pub use ramp::Ramp;
pub use speed::SpeedEstimator;
