//! A differential drive on a motor controller behind a serial port, against its twin: the same promises as on an H-bridge.

use crate::common::{Bench, Speaker, counters, for_ms, ms, run};
use sinew_board::{
    Applied, Board, Bridge, Cause, ClaimError, Duty, MotionSafety, Refused, SafeAction,
};
use sinew_devices::{
    DifferentialDrive, DifferentialDriveConfig, DifferentialDriveCounters, RoboclawConfig,
};
use sinew_messages::{MetersPerSecond, RadiansPerSecond, Twist};
use sinew_mock::{BridgeState, Mock, RoboclawTwin};
use sinew_runtime::{Graph, System, Time};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LEASE: Duration = Duration::from_millis(100);
/// A stop throws away what waits, ends a packet that was cut off (6 bytes), and is 6 bytes itself; of the second motor 12.
const STOP: Duration = Duration::from_micros(18 * 87);

fn config() -> DifferentialDriveConfig {
    let mut config = DifferentialDriveConfig::default();
    config.roboclaw = Some(RoboclawConfig::default());
    config
}

fn fitted(mock: &Mock) -> RoboclawTwin {
    let at = RoboclawConfig::default();
    mock.roboclaw("motors", &at.port, at.baud, at.address)
}

fn duty(state: BridgeState) -> f64 {
    match state {
        BridgeState::Drive(duty) => duty.ratio(),
        BridgeState::Brake | BridgeState::Coast => 0.0,
    }
}

/// A board on which both motors are open.
struct Motors {
    mock: Mock,
    twin: RoboclawTwin,
    board: Board,
    left: Bridge,
    right: Bridge,
}

impl Motors {
    fn open() -> Self {
        let mock = Mock::new(7);
        let twin = fitted(&mock);
        let board = Board::new(mock.backends());
        let controller = RoboclawConfig::default().claim(&board, "RoboClaw").unwrap();
        let open = |part, motor| {
            let claim = controller.motor(part, motor, MotionSafety::default());
            claim.unwrap().open().unwrap()
        };
        let (left, right) = (open("left motor", 1), open("right motor", 2));
        Self {
            twin,
            left,
            right,
            mock,
            board,
        }
    }

    fn armed() -> Self {
        let motors = Self::open();
        assert_eq!(motors.board.safety().prepare(), []);
        assert!(motors.board.safety().arm());
        motors
    }

    fn pass(&self, time: Duration) {
        let to = self.mock.now() + time;
        self.mock.advance(to);
        self.board.enforce(to);
    }

    fn drive(&mut self, duty: f64) -> [Applied; 2] {
        let until = self.mock.now() + LEASE;
        let duty = Duty::nearest(duty);
        [&mut self.left, &mut self.right].map(|motor| motor.drive(duty, until).unwrap())
    }

    fn outputs(&self) -> [f64; 2] {
        [1, 2].map(|motor| duty(self.twin.output(motor)))
    }
}

#[test]
fn duties_arrive_at_line_pace_and_are_answered() {
    let mut motors = Motors::armed();
    let _ = motors.drive(0.5);
    assert_eq!(
        motors.outputs(),
        [0.0, 0.0],
        "six bytes take half a millisecond"
    );
    motors.pass(Duration::from_micros(6 * 87));
    assert!((motors.outputs()[0] - 0.5).abs() < 1e-4);
    assert_eq!(
        motors.outputs()[1],
        0.0,
        "its command comes after the other's"
    );
    motors.pass(Duration::from_micros(6 * 87));
    assert!((motors.outputs()[1] - 0.5).abs() < 1e-4);
    assert_eq!(motors.twin.packets().1, 0, "all were understood");
}

#[test]
fn a_command_is_left_out_while_the_one_before_is_on_its_way() {
    let mut motors = Motors::armed();
    let _ = motors.drive(0.25);
    let busy = Applied::Refused(Refused::Busy);
    assert_eq!(motors.drive(0.75), [busy, busy]);
    motors.pass(for_ms(2));
    assert!(
        motors
            .outputs()
            .iter()
            .all(|duty| (duty - 0.25).abs() < 1e-4)
    );
    assert!(motors.drive(0.75).iter().all(|applied| *applied != busy));
}

#[test]
fn whoever_brakes_again_and_again_fills_no_port() {
    let mut motors = Motors::armed();
    let _ = motors.drive(0.5);
    motors.pass(for_ms(2));
    let before = motors.twin.packets().0;
    for _ in 0..100 {
        motors.left.brake().unwrap();
    }
    motors.pass(for_ms(5));
    assert_eq!(motors.twin.packets().0, before + 1, "one stop is enough");
    assert_eq!(motors.outputs()[0], 0.0);
    motors.left.brake().unwrap();
    motors.pass(for_ms(1));
    assert_eq!(motors.twin.packets().0, before + 2, "and said anew later");
}

#[test]
fn arming_sets_the_controllers_own_time_out_and_reads_it_back() {
    let motors = Motors::open();
    assert_eq!(motors.twin.time_out(), None, "it begins without one");
    assert_eq!(motors.board.safety().prepare(), []);
    assert_eq!(
        motors.twin.time_out(),
        Some(for_ms(500)),
        "the longest lease"
    );
}

#[test]
fn a_cut_cable_stops_the_motors_by_the_controllers_own_time_out() {
    let mut motors = Motors::armed();
    let _ = motors.drive(0.5);
    motors.pass(for_ms(50));
    assert!(motors.outputs()[0] > 0.4);
    // Nobody writes any more and nobody enforces a lease, as when the computer is gone.
    motors.mock.advance(motors.mock.now() + for_ms(440));
    assert!(motors.outputs()[0] > 0.4, "not yet");
    motors.mock.advance(motors.mock.now() + for_ms(20));
    assert_eq!(motors.outputs(), [0.0, 0.0]);
}

#[test]
fn a_controller_that_does_not_answer_cannot_be_armed_and_the_reason_says_what_to_check() {
    let motors = Motors::open();
    motors.twin.unplug();
    let unfit = motors.board.safety().prepare();
    let parts: Vec<&str> = unfit.iter().map(|(part, _)| part.as_str()).collect();
    assert_eq!(parts, ["left motor", "right motor"]);
    assert!(unfit[0].1.contains("check its power"), "{}", unfit[0].1);
    motors.twin.replug();
    assert_eq!(motors.board.safety().prepare(), []);
}

#[test]
fn a_controller_that_answers_no_more_is_lost_while_it_is_driven() {
    let mut motors = Motors::armed();
    let _ = motors.drive(0.5);
    motors.pass(for_ms(10));
    motors.twin.unplug();
    let mut lost = None;
    for _ in 0..30 {
        motors.pass(for_ms(10));
        let until = motors.mock.now() + LEASE;
        if let Err(error) = motors.left.drive(Duty::nearest(0.5), until) {
            lost = Some(error.to_string());
            break;
        }
    }
    let lost = lost.unwrap();
    assert!(lost.contains("does not answer any more"), "{lost}");
}

#[test]
fn a_stop_overtakes_what_waits_and_stands_behind_a_packet_that_was_cut_off() {
    // At each byte of both commands.
    for bytes in 0..=12 {
        let mut motors = Motors::armed();
        motors.pass(for_ms(5));
        let _ = motors.drive(1.0);
        motors.pass(Duration::from_nanos(bytes * 86_900));
        motors.board.safety().estop();
        motors.pass(STOP + Duration::from_micros(200));
        assert_eq!(motors.outputs(), [0.0, 0.0], "after {bytes} bytes");
        motors.pass(for_ms(20));
        assert_eq!(motors.outputs(), [0.0, 0.0], "after {bytes} bytes");
    }
}

#[test]
fn no_duty_that_is_cut_off_anywhere_becomes_another_by_what_follows() {
    let mut motors = Motors::armed();
    for step in 0..400_u32 {
        let asked = f64::from(step) / 200.0 - 1.0;
        motors.pass(for_ms(20));
        let until = motors.mock.now() + LEASE;
        let _ = motors.left.drive(Duty::nearest(asked), until).unwrap();
        motors.pass(Duration::from_nanos(u64::from(step % 6) * 86_900));
        motors.left.brake().unwrap();
        motors.board.safety().disarm();
        for _ in 0..40 {
            motors.pass(Duration::from_micros(100));
            let seen = motors.outputs()[0];
            assert!(
                seen == 0.0 || (seen - asked).abs() < 1e-4,
                "{asked}: {seen}"
            );
        }
        assert_eq!(motors.outputs(), [0.0, 0.0]);
        motors.pass(for_ms(1100));
        assert!(motors.board.safety().arm());
    }
}

#[test]
fn one_motor_braked_by_its_owner_takes_nothing_from_the_other() {
    let mut motors = Motors::armed();
    let _ = motors.drive(0.5);
    motors.pass(for_ms(10));
    let until = motors.mock.now() + LEASE;
    let _ = motors.left.drive(Duty::nearest(0.8), until).unwrap();
    motors.right.brake().unwrap();
    motors.pass(for_ms(2));
    assert!((motors.outputs()[0] - 0.8).abs() < 1e-4);
    assert_eq!(motors.outputs()[1], 0.0);
}

#[test]
fn the_end_of_one_motors_lease_leaves_the_stop_of_the_other_standing() {
    let mut motors = Motors::armed();
    let _ = motors.drive(0.5);
    motors.pass(for_ms(60));
    // The left lease ends 50 ms before the right one: each stop throws away what waits, the other's stop among it.
    let until = motors.mock.now() + LEASE;
    let _ = motors.right.drive(Duty::nearest(0.5), until).unwrap();
    motors.pass(for_ms(45));
    motors.pass(for_ms(2));
    assert_eq!(motors.outputs()[0], 0.0);
    assert!(motors.outputs()[1] > 0.4);
    motors.pass(for_ms(60));
    motors.pass(for_ms(2));
    assert_eq!(motors.outputs(), [0.0, 0.0]);
}

#[test]
fn a_drive_follows_twists_and_the_end_of_a_lease_stops_both_wheels() {
    let config = config();
    let mut bench = Bench::new();
    let (mock, board) = (bench.mock.clone(), bench.board.clone());
    let twin = fitted(&mock);
    let arms = board.clone();
    bench.at(ms(10), move || {
        assert_eq!(arms.safety().prepare(), []);
        assert!(arms.safety().arm());
    });
    let seen: Arc<Mutex<Vec<[f64; 2]>>> = Arc::default();
    let last = Time::from_nanos(580_000_000 - 1);
    let stopped = ms(580) + STOP + Duration::from_micros(200);
    for at in [ms(470), last, stopped] {
        let (twin, seen) = (twin.clone(), Arc::clone(&seen));
        bench.at(at, move || {
            let both = [1, 2].map(|motor| duty(twin.output(motor)));
            seen.lock().unwrap().push(both);
        });
    }
    let mut graph = Graph::new("test");
    let drive = DifferentialDrive::on(&board, &config).unwrap();
    let drive = graph.add("drive", drive);
    let twist = Twist::new(MetersPerSecond(0.2), RadiansPerSecond(1.0));
    // The last command comes at 480 ms and stands for 100 ms.
    let speaker = graph.add(
        "speaker",
        Speaker::every(for_ms(20), ms(20), ms(500), twist),
    );
    graph.command(speaker.out::<Twist>(), &drive).lease(LEASE);
    let counted = counters(&mut graph, &drive, ms(590));
    let _system: System = run(graph, bench, ms(600));
    let seen = seen.lock().unwrap();
    assert!(
        (seen[0][0] - 0.125 / 0.0325 / 20.0).abs() < 1e-4,
        "{seen:?}"
    );
    assert!(
        (seen[0][1] - 0.275 / 0.0325 / 20.0).abs() < 1e-4,
        "{seen:?}"
    );
    assert_eq!(seen[1], seen[0]);
    assert_eq!(seen[2], [0.0, 0.0]);
    assert_eq!(mock.complaints(), []);
    let counted: DifferentialDriveCounters = counted.lock().unwrap()[0];
    // A step that grows the command comes at the moment of the next command now and then.
    assert!(counted.refused_busy < counted.commands, "{counted:?}");
    for motion in board.motion() {
        assert_eq!(motion.last_safe, Some(Cause::LeaseEnd));
        assert_eq!(motion.owner.as_deref(), Some("drive"));
    }
}

#[test]
fn what_a_controller_cannot_promise_is_refused_when_it_is_claimed() {
    let board = Board::new(Mock::new(0).backends());
    let controller = RoboclawConfig::default().claim(&board, "RoboClaw").unwrap();
    let coasts = MotionSafety::default().with(Cause::Death, SafeAction::Coast);
    let error = controller.motor("left motor", 1, coasts).unwrap_err();
    assert!(error.to_string().contains("leave `coast` away"), "{error}");
    let error = controller.motor("third motor", 3, MotionSafety::default());
    assert!(error.unwrap_err().to_string().contains("motors 1 to 2"));
    controller
        .motor("left motor", 1, MotionSafety::default())
        .unwrap();
    let error = controller
        .motor("again", 1, MotionSafety::default())
        .unwrap_err();
    assert!(matches!(error, ClaimError::Clash(_)), "{error}");
    assert!(
        error.to_string().contains("motor 1 on serial port motors"),
        "{error}"
    );
    let error = RoboclawConfig::default()
        .claim(&board, "other")
        .unwrap_err();
    assert!(error.to_string().contains("serial port motors"), "{error}");
}

#[test]
fn a_slower_command_that_meets_a_busy_port_is_said_as_soon_as_there_is_room() {
    let mut bench = Bench::new();
    let (mock, board) = (bench.mock.clone(), bench.board.clone());
    let twin = fitted(&mock);
    let arms = board.clone();
    bench.at(ms(10), move || {
        assert_eq!(arms.safety().prepare(), []);
        assert!(arms.safety().arm());
    });
    let seen: Arc<Mutex<Vec<f64>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let looked = twin.clone();
    bench.at(ms(510), move || {
        kept.lock().unwrap().push(duty(looked.output(1)))
    });
    let mut graph = Graph::new("test");
    let drive = DifferentialDrive::on(&board, &config()).unwrap();
    let drive = graph.add("drive", drive);
    let straight = |speed| Twist::new(MetersPerSecond(speed), RadiansPerSecond(0.0));
    let fast = (1..=25).map(|at| (ms(20 * at), straight(0.3)));
    // A third of a millisecond after the last of them.
    let slow = (ms(500) + Duration::from_micros(300), straight(0.1));
    let lines = fast.chain([slow]).collect();
    let speaker = graph.add("speaker", Speaker::new(lines));
    graph.command(speaker.out::<Twist>(), &drive).lease(LEASE);
    let _system = run(graph, bench, ms(520));
    let asked = 0.1 / 0.0325 / 20.0;
    let seen = seen.lock().unwrap();
    assert!(
        (seen[0] - asked).abs() < 1e-4,
        "{seen:?} instead of {asked}"
    );
}
