//! The parts of a simulated body as the configuration of their devices has them: what is written once cannot differ.

use sinew_devices::{BridgeConfig, DifferentialDriveConfig, WheelEncoderConfig};
use sinew_messages::Side;
use sinew_sim::{Body, BridgeMotorPins, EncoderPins, MotorModel, Wheel, WheelMotor};

/// Fits a body with what its devices' configurations name.
pub trait Fitting: Sized {
    /// Both wheels of a differential drive, turned by motors of this kind, and their motor controller if it has one:
    /// `left-wheel`, `right-wheel`, `motors`.
    #[must_use]
    #[track_caller]
    fn drive(self, drive: &DifferentialDriveConfig, motor: MotorModel) -> Self;

    /// The encoders of its wheels: `left-encoder`, `right-encoder`.
    #[must_use]
    #[track_caller]
    fn encoders(self, left: &WheelEncoderConfig, right: &WheelEncoderConfig) -> Self;
}

impl Fitting for Body {
    #[track_caller]
    fn drive(self, drive: &DifferentialDriveConfig, motor: MotorModel) -> Self {
        let wheel = Wheel {
            radius: drive.wheel_radius_m,
            offset: drive.track_m / 2.0,
            motor,
        };
        let (body, left, right) = match &drive.roboclaw {
            None => (self, bridge(&drive.left), bridge(&drive.right)),
            Some(at) => {
                let motor = |motor| WheelMotor::Controller {
                    port: at.port.clone(),
                    motor,
                };
                let body = self.roboclaw("motors", &at.port, at.baud, at.address);
                (body, motor(1), motor(2))
            }
        };
        body.wheel("left-wheel", Side::Left, left, wheel).wheel(
            "right-wheel",
            Side::Right,
            right,
            wheel,
        )
    }

    #[track_caller]
    fn encoders(self, left: &WheelEncoderConfig, right: &WheelEncoderConfig) -> Self {
        let pins = |encoder: &WheelEncoderConfig| EncoderPins {
            a: encoder.a,
            b: encoder.b,
        };
        self.encoder("left-encoder", Side::Left, pins(left), left.counts_per_turn)
            .encoder(
                "right-encoder",
                Side::Right,
                pins(right),
                right.counts_per_turn,
            )
    }
}

fn bridge(bridge: &BridgeConfig) -> WheelMotor {
    WheelMotor::Bridge(BridgeMotorPins {
        pwm: bridge.pwm,
        forward: bridge.forward,
        backward: bridge.backward,
    })
}
