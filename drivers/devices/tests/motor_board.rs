//! Motors on a motor board, against the twin of its chip: the same promises as on an H-bridge.

use crate::common::for_ms;
use embedded_hal::i2c::{I2c as _, Operation};
use sinew_board::{Applied, Board, Bridge, BusError, Cause, Duty, MotionSafety, SafeAction};
use sinew_devices::{
    DifferentialDrive, DifferentialDriveConfig, MotorBoardConfig, MotorBoardKind, RoboclawConfig,
};
use sinew_messages::Hertz;
use sinew_mock::{
    BridgeOutputs, BridgeState, I2cChip, I2cController, Mock, Moment, MotorModel, MotorTwin,
    Pca9685Twin, Unmodelled,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LEASE: Duration = Duration::from_millis(100);

/// Two motors of a motor board, and the board's chip.
struct Motors {
    mock: Mock,
    chip: Pca9685Twin,
    twins: [MotorTwin; 2],
    board: Board,
    left: Bridge,
    right: Bridge,
}

fn outputs(kind: MotorBoardKind, motor: usize) -> BridgeOutputs {
    let outputs = match kind {
        MotorBoardKind::Waveshare => BridgeOutputs::waveshare(motor),
        _ => BridgeOutputs::adafruit(motor),
    };
    outputs.unwrap()
}

impl Motors {
    fn open(at: &MotorBoardConfig, safety: MotionSafety) -> Self {
        let mock = Mock::new(7);
        let chip = mock.pca9685("motors", at.bus, at.address());
        let motor = |name, motor| {
            mock.chip_motor(name, &chip, outputs(at.kind, motor), MotorModel::default())
        };
        let twins = [motor("left", at.left), motor("right", at.right)];
        let board = Board::new(mock.backends());
        let controller = at.claim(&board, "motor board").unwrap();
        let open = |part, motor| controller.motor(part, motor, safety).unwrap().open();
        let left = open("left motor", at.left).unwrap();
        let right = open("right motor", at.right).unwrap();
        Self {
            mock,
            chip,
            twins,
            board,
            left,
            right,
        }
    }

    fn armed(at: &MotorBoardConfig, safety: MotionSafety) -> Self {
        let motors = Self::open(at, safety);
        assert_eq!(motors.board.safety().prepare(), []);
        assert!(motors.board.safety().arm());
        motors
    }

    fn usual() -> Self {
        Self::armed(&MotorBoardConfig::default(), MotionSafety::default())
    }

    fn pass(&self, time: Duration) {
        let to = self.mock.now() + time;
        self.mock.advance(to);
        self.board.enforce(to);
    }

    fn drive(&mut self, left: f64, right: f64) {
        let until = self.mock.now() + LEASE;
        for (motor, duty) in [(&mut self.left, left), (&mut self.right, right)] {
            let duty = Duty::nearest(duty);
            assert_eq!(motor.drive(duty, until).unwrap(), Applied::Driven(duty));
        }
    }

    fn states(&self) -> [BridgeState; 2] {
        [self.twins[0].state(), self.twins[1].state()]
    }
}

fn drives(duty: f64) -> BridgeState {
    BridgeState::Drive(Duty::nearest(duty))
}

#[test]
fn motors_of_either_board_follow_in_both_directions() {
    for kind in [MotorBoardKind::Adafruit, MotorBoardKind::Waveshare] {
        let at = MotorBoardConfig::of(kind);
        let mut motors = Motors::armed(&at, MotionSafety::default());
        motors.drive(0.5, -0.25);
        assert_eq!(motors.states(), [drives(0.5), drives(-0.25)], "{kind:?}");
        motors.drive(-1.0, 0.75);
        assert_eq!(motors.states(), [drives(-1.0), drives(0.75)], "{kind:?}");
        motors.drive(0.0, 0.0);
        assert_eq!(motors.states(), [BridgeState::Coast; 2], "{kind:?}");
        assert_eq!(motors.mock.complaints(), []);
    }
}

#[test]
fn all_four_motors_of_the_larger_board_are_where_its_schematic_has_them() {
    let mut at = MotorBoardConfig::default();
    for (left, right) in [(1, 2), (3, 4), (4, 1)] {
        (at.left, at.right) = (left, right);
        let mut motors = Motors::armed(&at, MotionSafety::default());
        motors.drive(0.5, -0.5);
        assert_eq!(motors.states(), [drives(0.5), drives(-0.5)]);
    }
}

#[test]
fn each_cause_has_its_action_and_one_motors_stop_leaves_the_other_driving() {
    for action in [SafeAction::Brake, SafeAction::Coast] {
        let rests = match action {
            SafeAction::Brake => BridgeState::Brake,
            _ => BridgeState::Coast,
        };
        let safety = MotionSafety::default()
            .with(Cause::LeaseEnd, action)
            .with(Cause::EStop, action);
        let mut motors = Motors::armed(&MotorBoardConfig::default(), safety);
        motors.drive(0.5, 0.5);
        motors.pass(for_ms(60));
        let until = motors.mock.now() + LEASE;
        let _ = motors.right.drive(Duty::nearest(0.5), until).unwrap();
        motors.pass(for_ms(50));
        assert_eq!(motors.states(), [rests, drives(0.5)]);
        motors.board.safety().estop();
        assert_eq!(motors.states(), [rests; 2]);
    }
}

#[test]
fn a_ramp_falls_and_lets_go() {
    let ramps = MotionSafety::default().with(Cause::Disarm, SafeAction::Ramp);
    let mut motors = Motors::armed(&MotorBoardConfig::default(), ramps);
    motors.drive(0.5, -0.5);
    motors.board.safety().disarm();
    motors.pass(for_ms(5));
    let BridgeState::Drive(duty) = motors.states()[1] else {
        panic!("{:?}", motors.states());
    };
    assert!((-0.5..-0.45).contains(&duty.ratio()), "{duty:?}");
    for _ in 0..40 {
        motors.pass(for_ms(5));
    }
    assert_eq!(motors.states(), [BridgeState::Coast; 2]);
}

#[test]
fn a_supply_that_broke_down_is_noticed_and_the_chip_is_set_up_anew_before_it_drives_again() {
    let mut motors = Motors::usual();
    motors.drive(0.5, 0.5);
    motors.chip.unplug();
    motors.chip.replug();
    assert_eq!(
        motors.states(),
        [BridgeState::Coast; 2],
        "all outputs are off then"
    );
    let mut lost = None;
    for _ in 0..11 {
        motors.pass(for_ms(10));
        let until = motors.mock.now() + LEASE;
        lost = motors.left.drive(Duty::nearest(0.5), until).err();
        if lost.is_some() {
            break;
        }
    }
    let lost = lost.unwrap().to_string();
    assert!(lost.contains("its supply broke down"), "{lost}");
    // The node starts again, which disarms.
    let again = motors.board.bridges();
    motors.left = again[0].open().unwrap();
    motors.right = again[1].open().unwrap();
    motors.pass(for_ms(1_100));
    assert_eq!(motors.board.safety().prepare(), []);
    assert!(motors.board.safety().arm());
    motors.drive(0.5, 0.5);
    assert_eq!(motors.states(), [drives(0.5); 2]);
}

#[test]
fn a_board_that_does_not_answer_cannot_be_opened_or_armed_and_the_reason_says_what_to_check() {
    let motors = Motors::open(&MotorBoardConfig::default(), MotionSafety::default());
    motors.chip.unplug();
    let unfit = motors.board.safety().prepare();
    let parts: Vec<&str> = unfit.iter().map(|(part, _)| part.as_str()).collect();
    assert_eq!(parts, ["left motor", "right motor"]);
    assert!(unfit[0].1.contains("check its power"), "{}", unfit[0].1);
    motors.chip.replug();
    assert_eq!(motors.board.safety().prepare(), []);

    let board = Board::new(Mock::new(0).backends());
    let controller = MotorBoardConfig::default().claim(&board, "motors").unwrap();
    let claim = controller.motor("left motor", 1, MotionSafety::default());
    let error = claim.unwrap().open().unwrap_err().to_string();
    assert!(error.contains("I2C1 address 0x60"), "{error}");
}

#[test]
fn a_bus_with_motors_is_given_up_after_20_ms_and_carries_nothing_that_takes_longer_than_5() {
    let mut motors = Motors::usual();
    motors.mock.hold_i2c(1, true);
    let before = motors.mock.now();
    let until = before + LEASE;
    motors.left.drive(Duty::nearest(0.5), until).unwrap_err();
    // The command, the attempt to stop, and both motors once more at the disarm.
    assert_eq!(motors.mock.now().since(before), for_ms(80));
    assert!(!motors.board.safety().is_armed());
    motors.mock.hold_i2c(1, false);

    let display = motors.board.i2c("display", 1, 0x3C).unwrap();
    let mut display = display.open().unwrap();
    // 100 kHz: 54 bytes take 4.96 ms.
    let error = display.write(0x3C, &[0; 54]).unwrap_err();
    assert!(matches!(error, BusError::NoAcknowledge { .. }), "{error}");
    let error = display.write(0x3C, &[0; 60]).unwrap_err().to_string();
    assert!(
        error.contains("takes 5.5 ms") && error.contains("another bus"),
        "{error}"
    );
    let elsewhere = motors.board.i2c("display", 0, 0x3C).unwrap();
    let error = elsewhere.open().unwrap().write(0x3C, &[0; 60]).unwrap_err();
    assert!(matches!(error, BusError::NoAcknowledge { .. }), "{error}");
}

#[test]
fn a_faster_bus_carries_more_at_once() {
    let mock = Mock::new(7);
    mock.set_i2c_controller(I2cController::bcm2835().at(Hertz(400_000.0)));
    let board = Board::new(mock.backends());
    MotorBoardConfig::default().claim(&board, "motors").unwrap();
    let display = board.i2c("display", 1, 0x3C).unwrap();
    let error = display.open().unwrap().write(0x3C, &[0; 220]).unwrap_err();
    assert!(matches!(error, BusError::NoAcknowledge { .. }), "{error}");
}

#[test]
fn a_deaf_chip_is_lost() {
    let mut motors = Motors::usual();
    motors.drive(0.5, 0.5);
    motors.mock.twin("motors").unwrap().set_deaf(true);
    let until = motors.mock.now() + LEASE;
    let lost = motors.left.drive(Duty::nearest(0.5), until).unwrap_err();
    assert!(lost.to_string().contains("did not acknowledge"), "{lost}");
}

#[test]
fn a_chip_that_runs_is_not_stopped_by_whoever_opens_it() {
    let mut motors = Motors::usual();
    motors.drive(0.5, 0.5);
    // Another program has something on the other outputs, which setting up anew would turn off for a moment.
    let before = motors.mock.now();
    assert_eq!(motors.board.safety().prepare(), []);
    // Three reads of a register for each of the two motors, and nothing else.
    let read = Duration::from_micros(2 * (19 + 19 + 1) * 10 - 10 * 39);
    assert!(
        motors.mock.now().since(before) < read * 13,
        "{:?}",
        motors.mock.now().since(before)
    );
}

#[test]
fn what_the_board_has_not_is_refused() {
    let board = Board::new(Mock::new(0).backends());
    let mut config = DifferentialDriveConfig::default();
    let mut at = MotorBoardConfig::of(MotorBoardKind::Waveshare);
    at.right = 3;
    config.motor_board = Some(at);
    let error = DifferentialDrive::on(&board, &config).unwrap_err();
    assert!(
        error.to_string().contains("motors 1 to 2, not 3"),
        "{error}"
    );
    let board = Board::new(Mock::new(0).backends());
    config.motor_board = Some(MotorBoardConfig::default());
    config.roboclaw = Some(RoboclawConfig::default());
    let error = DifferentialDrive::on(&board, &config).unwrap_err();
    assert!(error.to_string().contains("[drive.motor_board]"), "{error}");
}

/// What the chip is told, byte by byte: the device under test is asked for it by driving a chip that only keeps it.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Vec<u8>>>>);

impl I2cChip for Told {
    fn power_on(&mut self, _: Moment) {}
    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(())
    }
    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        // As it is set up: counts up, totem pole, 1,526 Hz.
        let asked = self.0.lock().unwrap().pop().unwrap();
        into[0] = match asked[0] {
            0x00 => 0x20,
            0x01 => 0x04,
            _ => 0x03,
        };
        Ok(())
    }
}

#[test]
fn a_message_that_is_cut_off_anywhere_drives_no_motor_harder() {
    let duties = [0.1, 0.9, 1.0, -0.1, -1.0, 0.3];
    for motor in 1..=4 {
        // All messages between each two states.
        let told = Told::default();
        let mock = Mock::new(7);
        mock.i2c_chip("motors", "PCA9685", 1, 0x60, Box::new(told.clone()));
        let board = Board::new(mock.backends());
        let controller = MotorBoardConfig::default().claim(&board, "motors").unwrap();
        let claim = controller.motor("motor", motor, MotionSafety::default());
        let mut bridge = claim.unwrap().open().unwrap();
        assert!(board.safety().arm());
        let mut all = Vec::new();
        for (place, from) in duties.into_iter().enumerate() {
            for to in &duties[place..] {
                for duty in [from, *to, from] {
                    let until = mock.now() + LEASE;
                    let _ = bridge.drive(Duty::nearest(duty), until).unwrap();
                }
                bridge.brake().unwrap();
            }
        }
        all.append(&mut told.0.lock().unwrap());
        // Each of them, cut off at each byte, on a twin that stands where it stood before.
        let mock = Mock::new(7);
        let chip = mock.pca9685("motors", 1, 0x60);
        let at = BridgeOutputs::adafruit(motor).unwrap();
        let twin = mock.chip_motor("motor", &chip, at, MotorModel::default());
        let i2c = mock.backends().i2c;
        let write = |bytes: &[u8]| {
            i2c.transaction(1, 0x60, &mut [Operation::Write(bytes)])
                .unwrap();
        };
        write(&[0x00, 0x20]);
        let how_hard = || match twin.state() {
            BridgeState::Drive(duty) => duty.ratio(),
            _ => 0.0,
        };
        let mut cuts = 0;
        for message in &all {
            let before: Vec<u8> = (0x06..=0x45)
                .map(|register| chip.register(register))
                .collect();
            let from = how_hard();
            write(message);
            let to = how_hard();
            for cut in 1..message.len() {
                write(&[&[0x06], &before[..]].concat());
                write(&message[..cut]);
                // The low byte of a count is written before its high one: a sixteenth.
                let most = from.abs().max(to.abs()) + 1.0 / 16.0;
                assert!(
                    how_hard().abs() <= most,
                    "{message:02x?} cut after {cut}: {}",
                    how_hard()
                );
                cuts += 1;
            }
            write(message);
        }
        assert!(cuts > 500, "{cuts}");
    }
}
