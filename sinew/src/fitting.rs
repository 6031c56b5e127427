//! The parts of a simulated body as the configuration of their devices has them: what is written once cannot differ.

use sinew_devices::{
    BridgeConfig, DifferentialDriveConfig, MotorBoardConfig, MotorBoardKind, WheelEncoderConfig,
};
use sinew_messages::Side;
use sinew_sim::{Body, BridgeMotorPins, BridgeOutputs, EncoderPins, MotorModel, Wheel, WheelMotor};

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
        let (body, left, right) = match (&drive.roboclaw, &drive.motor_board) {
            (None, None) => (self, bridge(&drive.left), bridge(&drive.right)),
            (None, Some(at)) => {
                let body = self.pca9685("motors", at.bus, at.address());
                (body, of_board(at, at.left), of_board(at, at.right))
            }
            (Some(at), _) => {
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

/// A motor that the board has not is refused when it is claimed.
fn of_board(at: &MotorBoardConfig, motor: usize) -> WheelMotor {
    let outputs = match at.kind {
        MotorBoardKind::Waveshare => BridgeOutputs::waveshare(motor),
        _ => BridgeOutputs::adafruit(motor),
    };
    let nowhere = BridgeOutputs {
        pwm: usize::MAX,
        forward: usize::MAX,
        backward: usize::MAX,
    };
    WheelMotor::Chip {
        bus: at.bus,
        address: at.address(),
        motor: (motor, outputs.unwrap_or(nowhere)),
    }
}

fn bridge(bridge: &BridgeConfig) -> WheelMotor {
    WheelMotor::Bridge(BridgeMotorPins {
        pwm: bridge.pwm,
        forward: bridge.forward,
        backward: bridge.backward,
    })
}
