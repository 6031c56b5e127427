#![doc = include_str!("../README.md")]

mod body;
mod fault;
mod picture;
mod plant;
mod property;
mod rig;
mod run;
mod simulation;
mod snapshot;
mod stage;
mod surroundings;
mod text_map;
mod world;

pub use body::{Body, Circle, Fit, Wheel, WheelMotor};
pub use fault::{Fault, FaultKind, Menu, Script, ScriptError, freeze, panic, unplug};
pub use plant::{BatteryModel, Pendulum, Sample};
pub use property::{
    Breach, Moment, MotorMoment, Property, SonarMoment, keeps_its_distance,
    no_motion_after_its_lease, no_motion_while_disarmed, no_motion_while_disarmed_after,
    no_wheel_turns_after_silence, property,
};
pub use run::Run;
pub use simulation::{Broken, Simulation, SimulationError};
/// What a body's parts are wired to, and how motors behave.
pub use sinew_mock::{
    BridgeMotorPins, BridgeOutputs, Complaint, EncoderPins, HcSr04Pins, MotorModel,
};
/// How far a stage came.
pub use sinew_runtime::Progress;
pub use snapshot::{Seen, Snapshot};
pub use stage::{Stage, StageError};
pub use surroundings::Surroundings;
pub use text_map::text_map;
pub use world::{Bounds, Obstacle, Origin, Outline, Point, World, WorldFinding};
