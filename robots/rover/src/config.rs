//! What differs between two rovers: `robot.toml`.

use crate::{PilotConfig, ReflexConfig};
use serde::{Deserialize, Serialize};
use sinew::prelude::*;

/// One section per node; what a section does not say is as the rover is built by default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The range finder at the front.
    pub sonar: HcSr04Config,
    /// The switch behind the bumper.
    pub bumper: BumperConfig,
    /// The inertial sensor.
    pub imu: Mpu6050Config,
    /// The battery's monitor.
    pub battery: Ina219Config,
    /// The satellite receiver.
    pub gnss: GnssConfig,
    /// The left wheel's encoder.
    pub left_encoder: WheelEncoderConfig,
    /// The right wheel's encoder.
    pub right_encoder: WheelEncoderConfig,
    /// How the wheels' turning becomes a pose.
    pub odometer: OdometerConfig,
    /// How it explores.
    pub pilot: PilotConfig,
    /// How it keeps off walls.
    pub reflex: ReflexConfig,
    /// The wheels.
    pub drive: DifferentialDriveConfig,
}

impl Default for Config {
    fn default() -> Self {
        let mut drive = DifferentialDriveConfig::default();
        // What the gear motors of the body below do: a dead band of 12 %.
        drive.dead_band = 0.12;
        drive.max_speed_m_s = MetersPerSecond(0.6);
        drive.max_yaw_rad_s = RadiansPerSecond(4.0);
        Self {
            sonar: HcSr04Config::at(Pin::GPIO23, Pin::GPIO24),
            bumper: BumperConfig::at(Pin::GPIO17),
            imu: Mpu6050Config::default(),
            battery: Ina219Config::default(),
            gnss: GnssConfig::at("gnss", 38_400),
            left_encoder: WheelEncoderConfig::at(Side::Left, Pin::GPIO5, Pin::GPIO6),
            right_encoder: WheelEncoderConfig::at(Side::Right, Pin::GPIO19, Pin::GPIO25),
            odometer: OdometerConfig::default(),
            pilot: PilotConfig::default(),
            reflex: ReflexConfig::default(),
            drive,
        }
    }
}
