//! The computer a robot runs on: pins, PWM, buses, ports.

pub mod backend;
mod error;
mod header;
mod level;
mod pin;
mod pwm_channel;
mod serial_settings;

pub use backend::Backends;
pub use error::{BoardError, BusError};
pub use level::{Bias, Edge, Level};
pub use pin::{Pin, PinError};
pub use pwm_channel::{PwmChannel, PwmChannelError};
pub use serial_settings::{Parity, SerialSettings, StopBits};
/// A moment on the board's clock.
pub use sinew_messages::Timestamp;
