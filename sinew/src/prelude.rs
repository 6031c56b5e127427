//! What a robot's author needs, in one line: `use sinew::prelude::*;`.

/// Seconds and shorter, for periods, leases and silences.
pub use std::time::Duration;

pub use sinew_runtime::{
    Actor, Address, Closed, Context, Emits, EndActor, Factory, Failure, Graph, Handler, InputId,
    Leased, Message, Needs, Node, Realtime, Reason, Recipient, Restart, Silence, Thread, Tick,
    Time, TimerId, WiringError,
};

pub use sinew_board::{
    Applied, Bias, Board, BoardError, Bridge, BridgeClaim, BridgePins, BusError, Cause, ClaimError,
    Edge, I2cClaim, I2cHandle, Indicator, IndicatorClaim, InputClaim, InputPin, Level,
    MotionSafety, Objection, Pin, PwmChannel, SafeAction, SerialClaim, SerialPort, SerialSettings,
};

pub use sinew_control::*;
pub use sinew_devices::*;
pub use sinew_messages::*;

pub use sinew_sim::{
    BatteryModel, Body, BridgeMotorPins, Circle, EncoderPins, HcSr04Pins, MotorModel, Pendulum,
    Simulation, Wheel, WheelMotor, World,
};

pub use crate::fitting::Fitting;
pub use crate::teleop::Teleop;

/// So many milliseconds.
#[must_use]
pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// So many seconds.
#[must_use]
pub const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
