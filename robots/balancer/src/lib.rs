#![doc = include_str!("../README.md")]

mod balance;
mod tilt;

pub use balance::{Balance, BalanceConfig};
pub use tilt::Tilt;

use serde::{Deserialize, Serialize};
use sinew::prelude::*;

/// From reading to reading of the inertial sensor, and so from command to command.
const PERIOD: Duration = ms(5);
/// No command stands for longer than this: four periods.
const LEASE: Duration = ms(20);
/// Above the kernel's interrupt threads at 50, below those that end leases.
const PRIORITY: u8 = 80;

/// What differs between two balancers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The inertial sensor, in the axle.
    pub imu: Mpu6050Config,
    /// The left wheel's encoder.
    pub left_encoder: WheelEncoderConfig,
    /// The right wheel's encoder.
    pub right_encoder: WheelEncoderConfig,
    /// How the wheels' turning becomes a place.
    pub odometer: OdometerConfig,
    /// How it keeps upright.
    pub balance: BalanceConfig,
    /// The wheels.
    pub drive: DifferentialDriveConfig,
}

impl Default for Config {
    fn default() -> Self {
        let mut imu = Mpu6050Config::default();
        imu.period_ms = PERIOD.as_millis() as u64;
        let mut drive = DifferentialDriveConfig::default();
        drive.full_speed_rad_s = RadiansPerSecond(40.0);
        drive.dead_band = 0.02;
        drive.max_speed_m_s = MetersPerSecond(1.2);
        // The controller decides how fast it speeds up; a ramp beside it would make it fall.
        drive.max_acceleration_m_s2 = MetersPerSecondSquared(50.0);
        drive.safety = MotionSafety::new(LEASE).unwrap_or_default();
        Self {
            imu,
            left_encoder: WheelEncoderConfig::at(Side::Left, Pin::GPIO5, Pin::GPIO6),
            right_encoder: WheelEncoderConfig::at(Side::Right, Pin::GPIO19, Pin::GPIO25),
            odometer: OdometerConfig::default(),
            balance: BalanceConfig::default(),
            drive,
        }
    }
}

/// The balancer's nervous system.
///
/// # Errors
///
/// [`WiringError`] if two parts want one pin, bus address or channel, or a measure makes no sense.
pub fn balancer(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("balancer");
    let imu = graph.add("imu", Mpu6050::on(board, &config.imu)?);
    let left = graph.add(
        "left-encoder",
        WheelEncoder::on(board, &config.left_encoder)?,
    );
    let right = graph.add(
        "right-encoder",
        WheelEncoder::on(board, &config.right_encoder)?,
    );
    let odometer = graph.add("odometer", Odometer::new(&config.odometer)?);
    let balance = graph.add("balance", Balance::on(board, &config.balance));
    let drive = graph.add("drive", DifferentialDrive::on(board, &config.drive)?);

    graph
        .connect(left.out::<WheelMotion>(), &odometer)
        .keep_newest(4);
    graph
        .connect(right.out::<WheelMotion>(), &odometer)
        .keep_newest(4);
    graph.connect(odometer.out::<Odometry>(), &balance).latest();
    graph
        .connect(imu.out::<Imu>(), &balance)
        .latest()
        .silence_after(LEASE);
    graph.command(balance.out::<Twist>(), &drive).lease(LEASE);

    let punctual = Thread::named("balance").realtime(Realtime {
        priority: PRIORITY,
        cpu: None,
    });
    graph.place(&imu, &punctual);
    graph.place(&balance, &punctual);
    graph.place(&drive, &punctual);
    Ok(graph)
}

/// What is fitted where, for the simulation.
#[must_use]
pub fn body(config: &Config) -> Body {
    let motor = MotorModel {
        top_speed: config.drive.full_speed_rad_s,
        time_constant: ms(20),
        braking_time_constant: ms(15),
        dead_band: config.drive.dead_band,
        ..MotorModel::default()
    };
    Body::new(Circle {
        radius: Meters(0.1),
    })
    .balancing(Pendulum {
        length: Meters(0.1),
        held_at: Radians(0.03),
    })
    .drive(&config.drive, motor)
    .encoders(&config.left_encoder, &config.right_encoder)
    .imu("imu", config.imu.bus, config.imu.address)
}
