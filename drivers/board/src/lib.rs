#![doc = include_str!("../README.md")]

pub mod backend;
mod board;
mod bridge;
#[cfg(target_os = "linux")]
mod bridge_wires;
mod bus_thread;
mod chip_line;
mod claim;
mod controller_chip;
mod controller_link;
mod controller_port;
mod delay;
mod drive;
mod edge_count;
mod error;
mod exchange;
mod gate;
mod guarded;
mod h_bridge;
mod header;
mod i2c;
mod indicator;
mod input;
mod input_device;
mod input_group;
mod input_settings;
mod level;
#[cfg(target_os = "linux")]
pub mod linux;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
pub mod linux;
mod lookout;
mod motion;
mod motion_buses;
mod motion_claims;
mod motion_info;
mod motion_safety;
#[cfg(target_os = "linux")]
mod motion_wires;
mod motor_chip;
mod motor_controller;
mod motor_line;
mod motor_protocol;
mod motor_wiring;
mod named;
mod objection;
mod open_drain;
mod page;
#[cfg(target_os = "linux")]
pub mod pi;
mod pin;
mod pwm_channel;
mod ramp_down;
mod real_parts;
mod reopening;
mod resource;
mod safety;
mod serial;
mod serial_settings;
mod spi;
mod spi_settings;
mod statistics;
mod sync;
#[cfg(not(target_os = "linux"))]
mod unavailable;
mod waiters;
#[cfg(target_os = "linux")]
mod wire;

pub use backend::Backends;
pub use board::Board;
pub use bridge::{Applied, Bridge, BridgeClaim, BridgePins, BridgePlan, Refused};
#[cfg(target_os = "linux")]
pub use bridge_wires::BridgeWires;
pub use claim::{ClaimError, ClaimInfo, Clash};
pub use delay::Delay;
pub use error::{BoardError, BusError};
pub use guarded::Guarded;
pub use header::HeaderPin;
pub use i2c::{I2cClaim, I2cHandle};
pub use indicator::{Indicator, IndicatorClaim};
pub use input::{Edges, InputClaim, InputPin};
pub use input_device::{
    AxisInfo, InputDevice, InputDeviceClaim, InputDeviceInfo, InputEvent, InputEventKind,
};
pub use input_group::{GroupEdge, GroupEdges, InputGroup, InputGroupClaim, WatchedGroup};
pub use input_settings::InputSettings;
pub use level::{Bias, Edge, Level};
pub use motion_info::MotionInfo;
pub use motion_safety::{Cause, LONGEST_LEASE, LeaseError, MotionSafety, SafeAction};
#[cfg(target_os = "linux")]
pub use motion_wires::{ControllerWires, GivenWires, MotionWires};
pub use motor_chip::{Burst, MotorChip, ReadBack};
pub use motor_controller::MotorController;
pub use motor_protocol::{Exchange, Frame, MOST_MOTORS, MotorProtocol};
pub use motor_wiring::MotorWiring;
pub use named::{Named, named};
pub use objection::Objection;
pub use open_drain::{OpenDrain, OpenDrainClaim};
pub use page::{GuardianState, MOST_OUTPUTS, SafetyPage};
pub use pin::{Pin, PinError};
pub use pwm_channel::{PwmChannel, PwmChannelError};
pub use ramp_down::RampDown;
pub use reopening::{Reopening, SerialEvent};
pub use resource::Resource;
pub use safety::Safety;
pub use serial::{SerialClaim, SerialPort};
pub use serial_settings::{Parity, Rs485, SerialSettings, StopBits};
/// How hard an output is driven, and a moment on the board's clock.
pub use sinew_messages::{Duty, Timestamp};
pub use spi::{SpiClaim, SpiHandle};
pub use spi_settings::{SpiMode, SpiSettings};
pub use statistics::Statistics;
