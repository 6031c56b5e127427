//! A test for each sentence of what this crate promises.
#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

use embedded_hal::i2c::Operation;
use sinew_board::backend::{Gpio, I2c, InputLine, OutputLine, Pwm, PwmLine, Serial, SerialLine};
use sinew_board::{
    Applied, Backends, Board, BoardError, Bridge, BridgePins, BusError, Cause, Duty, InputSettings,
    Level, MotionSafety, Pin, PwmChannel, SerialSettings, Timestamp, linux,
};
use sinew_messages::Hertz;
use sinew_safety::{Allowances, ArmState, Arming, Refusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const PINS: BridgePins = BridgePins {
    pwm: PwmChannel::PWM0,
    forward: Pin::GPIO5,
    backward: Pin::GPIO6,
};

/// Lines that take every write, until they are told to fail. No input is asked for.
#[derive(Clone, Debug, Default)]
struct Lines {
    fail: Arc<AtomicBool>,
    writes: Arc<AtomicU64>,
}

impl Lines {
    fn write(&self) -> Result<(), BoardError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        if self.fail.load(Ordering::SeqCst) {
            return Err(BoardError::Lost {
                what: "GPIO5".to_owned(),
                why: "it fell off".to_owned(),
            });
        }
        Ok(())
    }

    fn board(&self) -> Board {
        Board::new(Backends {
            name: "lines",
            simulated: true,
            gpio: Arc::new(self.clone()),
            motion: Arc::new(self.clone()),
            pwm: Arc::new(self.clone()),
            ..linux::backends()
        })
    }
}

impl Gpio for Lines {
    fn input(&self, pin: Pin, _: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
        Err(BoardError::InUse { pin })
    }
    fn inputs(
        &self,
        pins: &[Pin],
        _: InputSettings,
    ) -> Result<Box<dyn sinew_board::backend::InputLines>, BoardError> {
        Err(BoardError::InUse { pin: pins[0] })
    }

    fn output(&self, _: Pin, _: Level) -> Result<Box<dyn OutputLine>, BoardError> {
        Ok(Box::new(self.clone()))
    }
}

impl Pwm for Lines {
    fn channel(&self, _: PwmChannel, _: Hertz) -> Result<Box<dyn PwmLine>, BoardError> {
        Ok(Box::new(self.clone()))
    }
}

impl OutputLine for Lines {
    fn set(&mut self, _: Level) -> Result<(), BoardError> {
        self.write()
    }
}

impl PwmLine for Lines {
    fn set_duty(&mut self, _: f64) -> Result<(), BoardError> {
        self.write()
    }
}

/// A serial backend that calls itself simulated.
#[derive(Debug)]
struct SimulatedPorts;

impl Serial for SimulatedPorts {
    fn open(&self, port: &str, _: SerialSettings) -> Result<Box<dyn SerialLine>, BoardError> {
        Err(BoardError::Lost {
            what: port.to_owned(),
            why: "nobody asks for it".to_owned(),
        })
    }
    fn is_simulated(&self) -> bool {
        true
    }
}

/// A simulated robot with one motor.
fn robot() -> (Lines, Board, Bridge, Arming) {
    let lines = Lines::default();
    let board = lines.board();
    let claim = board
        .bridge("left motor", PINS, MotionSafety::default())
        .unwrap();
    let bridge = claim.open().unwrap();
    let arming = Arming::new(&board);
    (lines, board, bridge, arming)
}

/// One of the two ways to stop.
type Stop = fn(&Arming);

fn drive(board: &Board, bridge: &mut Bridge) -> Applied {
    let until = board.now() + Duration::from_millis(100);
    bridge.drive(Duty::nearest(0.5), until).unwrap()
}

#[test]
fn a_robot_starts_disarmed_and_moves_once_it_is_armed() {
    let (_lines, board, mut bridge, arming) = robot();
    assert_eq!(arming.state(), ArmState::Disarmed);
    assert!(matches!(drive(&board, &mut bridge), Applied::Refused(_)));
    arming.arm().unwrap();
    assert_eq!(arming.state(), ArmState::Armed);
    assert!(matches!(drive(&board, &mut bridge), Applied::Driven(_)));
}

#[test]
fn arming_gives_all_reasons_at_once_and_changes_nothing() {
    let (_lines, _board, _bridge, arming) = robot();
    let device = "sonar".to_owned();
    let silent_for = Duration::from_millis(300);
    let stale = Refusal::Stale { device, silent_for };
    let battery = Refusal::Other {
        check: "battery".to_owned(),
        why: "it has 6.5 V and needs 6.8 V: charge it".to_owned(),
    };
    let (first, second) = (stale.clone(), battery.clone());
    arming.check(move || Some(first.clone()));
    arming.check(|| None);
    arming.check(move || Some(second.clone()));
    arming.estop();
    let epoch = arming.status().epoch;
    assert_eq!(arming.arm().unwrap_err(), [Refusal::EStop, stale, battery]);
    assert_eq!(arming.status().epoch, epoch);
}

#[test]
fn a_check_that_has_no_reason_any_more_lets_the_robot_be_armed() {
    let (_lines, _board, _bridge, arming) = robot();
    let answers = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&answers);
    arming.check(move || {
        let device = "imu".to_owned();
        (!seen.load(Ordering::SeqCst)).then_some(Refusal::NoAnswer { device })
    });
    assert!(arming.arm().is_err());
    answers.store(true, Ordering::SeqCst);
    arming.arm().unwrap();
}

#[test]
fn arming_refuses_while_a_motion_output_could_not_be_written() {
    let (lines, board, mut bridge, arming) = robot();
    arming.arm().unwrap();
    lines.fail.store(true, Ordering::SeqCst);
    let until = board.now() + Duration::from_millis(100);
    assert!(bridge.drive(Duty::nearest(0.5), until).is_err());
    arming.disarm();
    let refusals = arming.arm().unwrap_err();
    let [Refusal::Output { output, why }] = &refusals[..] else {
        panic!("{refusals:?}");
    };
    assert_eq!(output, "left motor");
    assert!(why.contains("it fell off"), "{why}");
}

#[test]
fn arming_refuses_a_real_motion_output_that_simulated_inputs_reach() {
    let board = Board::new(linux::backends()).with_port("gnss", Arc::new(SimulatedPorts), "gnss0");
    let arming = Arming::new(&board);
    let settings = SerialSettings::new(9600);
    let _gnss = board.serial("NEO-M8N", "gnss", settings).unwrap();
    let simulated = |refusal: &Refusal| matches!(refusal, Refusal::SimulatedInputs { .. });
    assert!(
        !arming.refusals().iter().any(simulated),
        "nothing moves yet"
    );
    let _motor = board
        .bridge("left motor", PINS, MotionSafety::default())
        .unwrap();
    let refusals = arming.arm().unwrap_err();
    let text = refusals
        .iter()
        .find(|refusal| simulated(refusal))
        .unwrap()
        .to_string();
    assert!(
        text.contains("left motor") && text.contains("NEO-M8N"),
        "{text}"
    );
}

#[test]
fn a_real_input_of_a_simulated_robot_is_no_reason() {
    let board = Lines::default().board();
    let board = board.with_port("gnss", linux::backends().serial, "/dev/ttyUSB0");
    let _motor = board
        .bridge("left motor", PINS, MotionSafety::default())
        .unwrap();
    let settings = SerialSettings::new(9600);
    let _gnss = board.serial("NEO-M8N", "gnss", settings).unwrap();
    assert_eq!(Arming::new(&board).arm(), Ok(()));
}

#[test]
fn a_real_motion_output_is_not_armed_without_a_guardian() {
    let board = Board::new(linux::backends());
    let _motor = board
        .bridge("left motor", PINS, MotionSafety::default())
        .unwrap();
    let arming = Arming::new(&board);
    let refusals = arming.arm().unwrap_err();
    assert!(
        matches!(&refusals[..], [Refusal::NoGuardian { .. }]),
        "{refusals:?}"
    );
    assert_eq!(arming.state(), ArmState::Disarmed);
}

#[test]
fn a_stop_that_comes_while_the_checks_run_wins() {
    let stops: [(Stop, Refusal); 2] = [
        (Arming::disarm, Refusal::Overtaken),
        (Arming::estop, Refusal::EStop),
    ];
    for (stop, refusal) in stops {
        let (_lines, _board, _bridge, arming) = robot();
        let person = arming.clone();
        arming.check(move || {
            stop(&person);
            None
        });
        assert_eq!(arming.arm().unwrap_err(), [refusal]);
        assert_ne!(arming.state(), ArmState::Armed);
    }
}

#[test]
fn a_simulation_arms_itself_after_the_same_checks() {
    let (_lines, _board, _bridge, arming) = robot();
    arming.estop();
    assert_eq!(arming.arm_simulation().unwrap_err(), [Refusal::EStop]);
    arming.reset().unwrap();
    arming.arm_simulation().unwrap();
    assert_eq!(arming.state(), ArmState::Armed);
}

#[test]
fn only_a_person_arms_a_real_board() {
    let arming = Arming::new(&Board::new(linux::backends()));
    let refusals = arming.arm_simulation().unwrap_err();
    assert!(matches!(&refusals[..], [Refusal::OnlyAPerson { .. }]));
    assert_eq!(arming.state(), ArmState::Disarmed);
    assert_eq!(
        arming.arm(),
        Ok(()),
        "a board without motors may be armed by a person"
    );
}

#[test]
fn a_stop_on_any_thread_returns_when_the_outputs_rest() {
    let stops: [(Stop, Cause, ArmState); 2] = [
        (Arming::disarm, Cause::Disarm, ArmState::Disarmed),
        (Arming::estop, Cause::EStop, ArmState::EStopped),
    ];
    for (stop, cause, state) in stops {
        let (lines, board, mut bridge, arming) = robot();
        arming.arm().unwrap();
        assert!(matches!(drive(&board, &mut bridge), Applied::Driven(_)));
        let person = arming.clone();
        std::thread::spawn(move || stop(&person)).join().unwrap();
        let status = arming.status();
        assert_eq!(status.state, state);
        assert_eq!(status.outputs[0].last_safe, Some(cause));
        assert_eq!(status.outputs[0].valid_until, Timestamp::ZERO);
        let writes = lines.writes.load(Ordering::SeqCst);
        assert!(matches!(drive(&board, &mut bridge), Applied::Refused(_)));
        assert_eq!(lines.writes.load(Ordering::SeqCst), writes);
    }
}

#[test]
fn the_e_stop_stays_latched_until_it_is_reset_and_its_reset_does_not_arm() {
    let (_lines, _board, _bridge, arming) = robot();
    arming.arm().unwrap();
    arming.estop();
    arming.disarm();
    assert_eq!(arming.state(), ArmState::EStopped);
    assert_eq!(arming.arm().unwrap_err(), [Refusal::EStop]);
    arming.reset().unwrap();
    assert_eq!(arming.state(), ArmState::Disarmed);
    arming.arm().unwrap();
}

#[test]
fn arming_an_armed_robot_does_not_disturb_it() {
    let (_lines, board, mut bridge, arming) = robot();
    arming.arm().unwrap();
    assert!(matches!(drive(&board, &mut bridge), Applied::Driven(_)));
    let before = arming.status();
    arming.arm().unwrap();
    arming.reset().unwrap();
    assert_eq!(arming.status(), before);
    assert_eq!(before.outputs[0].duty, Duty::nearest(0.5));
}

#[test]
fn a_status_can_be_sent_to_an_operator() {
    let (_lines, _board, _bridge, arming) = robot();
    arming.estop();
    let status = serde_json::to_value(arming.status()).unwrap();
    assert_eq!(status["state"], "e-stopped");
    assert_eq!(status["refusals"][0]["reason"], "e-stop");
    assert_eq!(status["outputs"][0]["part"], "left motor");
    assert_eq!(status["outputs"][0]["last_safe"], "e-stop");
}

#[test]
fn a_motor_controller_that_does_not_answer_is_a_reason_against_arming() {
    let mock = sinew_mock::Mock::new(1);
    let at = sinew_devices::RoboclawConfig::default();
    let twin = mock.roboclaw("motors", &at.port, at.baud, at.address);
    let board = Board::new(mock.backends());
    let controller = at.claim(&board, "controller").unwrap();
    let motor = controller.motor("left motor", 1, MotionSafety::default());
    let _bridge = motor.unwrap().open().unwrap();
    let arming = Arming::new(&board);
    twin.unplug();
    let refusals = arming.arm().unwrap_err();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    let Refusal::Output { output, why } = &refusals[0] else {
        panic!("{refusals:?}");
    };
    assert_eq!(output, "left motor");
    assert!(why.contains("does not answer"), "{why}");
    assert_eq!(arming.state(), ArmState::Disarmed);
    twin.replug();
    assert_eq!(twin.time_out(), None);
    arming.arm().unwrap();
    assert_eq!(
        twin.time_out(),
        Some(MotionSafety::default().longest_lease())
    );
}

/// A bus whose chip takes every write, and is what it should be.
#[derive(Debug)]
struct RealBus;

impl I2c for RealBus {
    fn transaction(&self, _: u8, _: u8, _: &mut [Operation<'_>]) -> Result<(), BusError> {
        Ok(())
    }
}

#[test]
fn motors_on_a_real_bus_are_not_armed_unless_something_else_stops_them_when_it_hangs() {
    let board = Lines::default().board().with_i2c(1, Arc::new(RealBus));
    let controller = sinew_devices::MotorBoardConfig::default();
    let controller = controller.claim(&board, "motor board").unwrap();
    controller
        .motor("left motor", 1, MotionSafety::default())
        .unwrap();
    let refusals = |arming: Arming| {
        let refusals = arming.refusals().into_iter();
        let about = refusals.filter(|it| matches!(it, Refusal::UncoveredBus { .. }));
        about.map(|it| it.to_string()).collect::<Vec<_>>()
    };
    let said = refusals(Arming::new(&board));
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("left motor") && said[0].contains("heartbeat"),
        "{said:?}"
    );
    let mut allowances = Allowances::default();
    allowances.uncovered_bus = true;
    assert_eq!(
        refusals(Arming::new(&board).allowing(allowances)),
        [] as [&str; 0]
    );
}

#[test]
fn simulated_motors_on_a_bus_need_no_relay() {
    let mock = sinew_mock::Mock::new(1);
    mock.pca9685("motors", 1, 0x60);
    let board = Board::new(mock.backends());
    let controller = sinew_devices::MotorBoardConfig::default();
    let controller = controller.claim(&board, "motor board").unwrap();
    let motor = controller.motor("left motor", 1, MotionSafety::default());
    let _bridge = motor.unwrap().open().unwrap();
    assert_eq!(Arming::new(&board).arm_simulation(), Ok(()));
}
