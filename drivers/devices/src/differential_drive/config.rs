//! What a differential drive is: its wiring, its measures, its limits.

use crate::ranges::range;
use crate::{MotorBoardConfig, RoboclawConfig};
use serde::{Deserialize, Serialize};
use sinew_board::{
    Board, BridgeClaim, BridgePins, ClaimError, MotionSafety, MotorController, Pin, PwmChannel,
};
use sinew_messages::{Meters, MetersPerSecond, MetersPerSecondSquared, RadiansPerSecond};

/// Where the bridges are wired, what the wheels are, and how they may move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DifferentialDriveConfig {
    /// The left wheel's bridge.
    pub left: BridgeConfig,
    /// The right wheel's bridge.
    pub right: BridgeConfig,
    /// A motor controller on a serial port in place of the two bridges: its motor 1 is the left wheel's, 2 the right one's. Then
    /// `pwm`, `forward` and `backward` of the wheels say nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roboclaw: Option<RoboclawConfig>,
    /// A motor board on I2C in place of the two bridges. Then `pwm`, `forward` and `backward` of the wheels say nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motor_board: Option<MotorBoardConfig>,
    /// The radius of both wheels: 0.005 to 1 m.
    #[serde(deserialize_with = "wheel_radius_m")]
    pub wheel_radius_m: Meters,
    /// Between the wheels' points of contact: 0.02 to 3 m.
    #[serde(deserialize_with = "track_m")]
    pub track_m: Meters,
    /// How fast a wheel turns at full duty, without load: 0.5 to 500 rad/s.
    #[serde(deserialize_with = "full_speed_rad_s")]
    pub full_speed_rad_s: RadiansPerSecond,
    /// The duty at which a wheel begins to turn: 0 to 0.5.
    #[serde(deserialize_with = "dead_band")]
    pub dead_band: f64,
    /// The fastest way forward or backward: 0.01 to 5 m/s.
    #[serde(deserialize_with = "max_speed_m_s")]
    pub max_speed_m_s: MetersPerSecond,
    /// The fastest turn: 0.05 to 20 rad/s.
    #[serde(deserialize_with = "max_yaw_rad_s")]
    pub max_yaw_rad_s: RadiansPerSecond,
    /// How fast speed grows: 0.05 to 50 m/s^2.
    #[serde(deserialize_with = "max_acceleration_m_s2")]
    pub max_acceleration_m_s2: MetersPerSecondSquared,
    /// How fast a turn grows, in rad/s per second: 0.1 to 500.
    #[serde(deserialize_with = "max_yaw_acceleration_rad_s2")]
    pub max_yaw_acceleration_rad_s2: f64,
    /// How long a command may stand (a longer lease is cut), and what the wheels do when they must be safe.
    pub safety: MotionSafety,
}

range!(wheel_radius_m: Meters, Meters(0.005)..=Meters(1.0));
range!(track_m: Meters, Meters(0.02)..=Meters(3.0));
range!(full_speed_rad_s: RadiansPerSecond, RadiansPerSecond(0.5)..=RadiansPerSecond(500.0));
range!(dead_band: f64, 0.0..=0.5);
range!(max_speed_m_s: MetersPerSecond, MetersPerSecond(0.01)..=MetersPerSecond(5.0));
range!(max_yaw_rad_s: RadiansPerSecond, RadiansPerSecond(0.05)..=RadiansPerSecond(20.0));
range!(max_acceleration_m_s2: MetersPerSecondSquared, MetersPerSecondSquared(0.05)..=MetersPerSecondSquared(50.0));
range!(max_yaw_acceleration_rad_s2: f64, 0.1..=500.0);

impl Default for DifferentialDriveConfig {
    fn default() -> Self {
        Self {
            left: BridgeConfig::at(PwmChannel::PWM0, Pin::GPIO20, Pin::GPIO21),
            right: BridgeConfig::at(PwmChannel::PWM1, Pin::GPIO16, Pin::GPIO26),
            roboclaw: None,
            motor_board: None,
            wheel_radius_m: Meters(0.0325),
            track_m: Meters(0.15),
            full_speed_rad_s: RadiansPerSecond(20.0),
            dead_band: 0.0,
            max_speed_m_s: MetersPerSecond(0.5),
            max_yaw_rad_s: RadiansPerSecond(3.0),
            max_acceleration_m_s2: MetersPerSecondSquared(1.0),
            max_yaw_acceleration_rad_s2: 10.0,
            safety: MotionSafety::default(),
        }
    }
}

/// Where one H-bridge is wired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BridgeConfig {
    /// The channel that chops the motor's supply.
    pub pwm: PwmChannel,
    /// High to drive forward.
    pub forward: Pin,
    /// High to drive backward.
    pub backward: Pin,
    /// Whether the motor is mounted mirrored, so that its forward is the body's backward.
    #[serde(default)]
    pub reversed: bool,
    /// The part of each duty that this motor gets, 0.5 to 1: the stronger of two gets less, so that the body drives straight.
    #[serde(default = "untrimmed", deserialize_with = "trim")]
    pub trim: f64,
}

range!(trim: f64, 0.5..=1.0);

fn untrimmed() -> f64 {
    1.0
}

impl BridgeConfig {
    /// A bridge on this channel and these pins.
    #[must_use]
    pub fn at(pwm: PwmChannel, forward: Pin, backward: Pin) -> Self {
        Self {
            pwm,
            forward,
            backward,
            reversed: false,
            trim: untrimmed(),
        }
    }

    const fn pins(&self) -> BridgePins {
        BridgePins {
            pwm: self.pwm,
            forward: self.forward,
            backward: self.backward,
        }
    }
}

impl DifferentialDriveConfig {
    /// Claims the motors of both wheels, left and right, and the controller that drives them if it is not bridges that do.
    pub(super) fn claim(
        &self,
        board: &Board,
    ) -> Result<([BridgeClaim; 2], Option<MotorController>), ClaimError> {
        let (controller, [left, right]) = match (&self.roboclaw, &self.motor_board) {
            (None, None) => {
                let left = board.bridge("left H-bridge", self.left.pins(), self.safety)?;
                let right = board.bridge("right H-bridge", self.right.pins(), self.safety)?;
                return Ok(([left, right], None));
            }
            (Some(roboclaw), None) => (roboclaw.claim(board, "RoboClaw")?, [1, 2]),
            (None, Some(at)) => (at.claim(board, "motor board")?, [at.left, at.right]),
            (Some(_), Some(_)) => {
                return Err(ClaimError::NotOnController {
                    part: "left motor".to_owned(),
                    why: "both a RoboClaw and a motor board are configured: leave [drive.roboclaw] or [drive.motor_board] away"
                        .to_owned(),
                });
            }
        };
        let left = controller.motor("left motor", left, self.safety)?;
        let right = controller.motor("right motor", right, self.safety)?;
        Ok(([left, right], Some(controller)))
    }
}
