//! A differential drive against two motors: leases, arming, limits.

use crate::common::{Bench, Speaker, counters, for_ms, ms, run, status};
use sinew_board::{Board, Cause};
use sinew_devices::{DifferentialDrive, DifferentialDriveConfig, DifferentialDriveCounters};
use sinew_messages::{MetersPerSecond, RadiansPerSecond, Twist};
use sinew_mock::{BridgeMotorPins, BridgeState, MotorModel, MotorTwin};
use sinew_runtime::{Graph, Injection, Node, System, Time};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LEASE: Duration = Duration::from_millis(100);

/// What both bridges did at a moment.
type Seen = Arc<Mutex<Vec<(Time, BridgeState, BridgeState)>>>;

struct Rig {
    bench: Bench,
    left: MotorTwin,
    right: MotorTwin,
    board: Board,
    seen: Seen,
}

impl Rig {
    /// Two motors and a board that is armed at 10 ms.
    fn armed(config: &DifferentialDriveConfig) -> Self {
        let mut rig = Self::disarmed(config);
        let board = rig.board.clone();
        rig.bench.at(ms(10), move || assert!(board.safety().arm()));
        rig
    }

    fn disarmed(config: &DifferentialDriveConfig) -> Self {
        let bench = Bench::new();
        let motor = |name, bridge: &sinew_devices::BridgeConfig| {
            let pins = BridgeMotorPins {
                pwm: bridge.pwm,
                forward: bridge.forward,
                backward: bridge.backward,
            };
            bench.mock.bridge_motor(name, pins, MotorModel::default())
        };
        let (left, right) = (motor("left", &config.left), motor("right", &config.right));
        let board = bench.board.clone();
        Self {
            bench,
            left,
            right,
            board,
            seen: Seen::default(),
        }
    }

    /// Looks at both bridges at a moment, after all else that happens then.
    fn look(&mut self, at: Time) {
        let (left, right, seen) = (self.left.clone(), self.right.clone(), self.seen.clone());
        self.bench.at(at, move || {
            seen.lock().unwrap().push((at, left.state(), right.state()));
        });
    }

    /// Looks every millisecond.
    fn look_until(&mut self, end: u64) {
        (1..=end).for_each(|at| self.look(ms(at)));
    }

    fn graph(
        &self,
        config: &DifferentialDriveConfig,
        speaker: Speaker<Twist>,
    ) -> (Graph, Node<DifferentialDrive>) {
        let mut graph = Graph::new("test");
        let drive = DifferentialDrive::on(&self.board, config).unwrap();
        let drive = graph.add("drive", drive);
        let speaker = graph.add("speaker", speaker);
        graph.command(speaker.out::<Twist>(), &drive).lease(LEASE);
        (graph, drive)
    }

    /// Runs, and gives what was seen.
    fn run(
        self,
        config: &DifferentialDriveConfig,
        speaker: Speaker<Twist>,
        until: Time,
    ) -> (System, Vec<(Time, BridgeState, BridgeState)>) {
        let (graph, _) = self.graph(config, speaker);
        let mock = self.bench.mock.clone();
        let system = run(graph, self.bench, until);
        assert_eq!(mock.complaints(), []);
        let seen = self.seen.lock().unwrap().clone();
        (system, seen)
    }
}

fn twist(x: f64, yaw: f64) -> Twist {
    Twist::new(MetersPerSecond(x), RadiansPerSecond(yaw))
}

/// Says `twist` 50 times a second from 20 ms until `until`.
fn says(twist: Twist, until: u64) -> Speaker<Twist> {
    Speaker::every(for_ms(20), ms(20), ms(until), twist)
}

fn duty(state: BridgeState) -> f64 {
    match state {
        BridgeState::Drive(duty) => duty.ratio(),
        BridgeState::Brake | BridgeState::Coast => 0.0,
    }
}

fn turns(state: BridgeState) -> bool {
    duty(state) != 0.0
}

#[test]
fn a_twist_becomes_the_duties_of_both_wheels() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    rig.look(ms(990));
    let (_, seen) = rig.run(&config, says(twist(0.2, 1.0), 1000), ms(1000));
    // (0.2 -+ 1.0 * 0.15 / 2) / 0.0325 rad/s, of 20 rad/s at full duty.
    assert!(
        (duty(seen[0].1) - 0.125 / 0.0325 / 20.0).abs() < 1e-9,
        "{seen:?}"
    );
    assert!(
        (duty(seen[0].2) - 0.275 / 0.0325 / 20.0).abs() < 1e-9,
        "{seen:?}"
    );
}

#[test]
fn a_mirrored_motor_is_driven_the_other_way_round() {
    let mut config = DifferentialDriveConfig::default();
    config.right.reversed = true;
    let mut rig = Rig::armed(&config);
    rig.look(ms(990));
    let (_, seen) = rig.run(&config, says(twist(0.2, 0.0), 1000), ms(1000));
    assert!(
        duty(seen[0].1) > 0.3 && duty(seen[0].1) == -duty(seen[0].2),
        "{seen:?}"
    );
}

#[test]
fn the_end_of_a_lease_stops_the_wheels_at_exactly_its_moment() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    // The last command comes at 480 ms and stands for 100 ms.
    rig.look(Time::from_nanos(580_000_000 - 1));
    rig.look(ms(580));
    let board = rig.board.clone();
    let (_system, seen) = rig.run(&config, says(twist(0.3, 0.0), 500), ms(600));
    assert!(turns(seen[0].1) && turns(seen[0].2), "{seen:?}");
    assert_eq!(
        (seen[1].1, seen[1].2),
        (BridgeState::Brake, BridgeState::Brake)
    );
    for motion in board.motion() {
        assert_eq!(motion.last_safe, Some(Cause::LeaseEnd));
        assert_eq!(motion.owner.as_deref(), Some("drive"));
    }
}

#[test]
fn growing_toward_a_command_does_not_outlive_its_lease() {
    let mut config = DifferentialDriveConfig::default();
    config.max_acceleration_m_s2.0 = 0.1;
    let mut rig = Rig::armed(&config);
    rig.look_until(400);
    // One command that would take five seconds to grow.
    let (_, seen) = rig.run(
        &config,
        Speaker::new(vec![(ms(50), twist(0.5, 0.0))]),
        ms(400),
    );
    let moving: Vec<Time> = seen
        .iter()
        .filter(|seen| turns(seen.1))
        .map(|seen| seen.0)
        .collect();
    assert_eq!(moving.first(), Some(&ms(51)));
    assert_eq!(moving.last(), Some(&ms(149)));
    assert_eq!(seen[149].1, BridgeState::Brake);
}

#[test]
fn disarmed_it_never_drives_and_counts_the_refusals() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::disarmed(&config);
    rig.look_until(1000);
    let (mut graph, drive) = rig.graph(&config, says(twist(0.3, 0.5), 1000));
    let counted = counters(&mut graph, &drive, ms(999));
    let seen = rig.seen.clone();
    run(graph, rig.bench, ms(1000));
    let seen = seen.lock().unwrap();
    assert!(seen.len() == 1000 && seen.iter().all(|seen| !turns(seen.1) && !turns(seen.2)));
    let counted: DifferentialDriveCounters = counted.lock().unwrap()[0];
    assert_eq!(counted.commands, 49);
    assert!(counted.refused_disarmed > 0);
}

#[test]
fn an_e_stop_stops_at_once_and_only_resetting_and_arming_lets_it_drive_again_from_zero() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    rig.look_until(2000);
    let board = rig.board.clone();
    rig.bench.at(ms(500), {
        let board = board.clone();
        move || board.safety().estop()
    });
    rig.bench.at(ms(1000), move || {
        assert!(!board.safety().arm());
        board.safety().reset_estop();
        assert!(board.safety().arm());
    });
    let (_, seen) = rig.run(&config, says(twist(0.4, 0.0), 2000), ms(2000));
    assert!(turns(seen[498].1), "{:?}", seen[498]);
    let stopped = &seen[500..1000];
    assert!(
        stopped
            .iter()
            .all(|seen| seen.1 == BridgeState::Brake && seen.2 == BridgeState::Brake)
    );
    let first = seen[1000..].iter().find(|seen| turns(seen.1)).unwrap();
    assert!(duty(first.1) < 0.05, "{first:?}");
    assert!(duty(seen[1999].1) > 0.3, "{:?}", seen[1999]);
}

#[test]
fn speed_grows_by_the_acceleration_and_a_stop_takes_no_time() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    rig.look_until(900);
    let mut lines: Vec<(Time, Twist)> = (1..40)
        .map(|index| (ms(20 * index), twist(0.4, 0.0)))
        .collect();
    lines.push((Time::from_nanos(800_500_000), Twist::ZERO));
    let (_, seen) = rig.run(&config, Speaker::new(lines), ms(900));
    // 1 m/s^2 for at most 10 ms and a bit between two writes.
    let step = 0.0101 / 0.0325 / 20.0;
    for pair in seen[..800].windows(2) {
        assert!(duty(pair[1].1) - duty(pair[0].1) <= step, "{pair:?}");
        assert!(duty(pair[1].1) >= duty(pair[0].1), "{pair:?}");
    }
    let full = 0.4 / 0.0325 / 20.0;
    let reached = seen
        .iter()
        .find(|seen| duty(seen.1) > full - 1e-9)
        .unwrap()
        .0;
    assert!((ms(400)..ms(460)).contains(&reached), "{reached}");
    assert!((duty(seen[799].1) - full).abs() < 1e-9);
    assert_eq!(seen[800].1, BridgeState::Brake);
}

#[test]
fn a_reversal_passes_through_zero_at_once_and_grows_from_there() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    rig.look_until(900);
    let mut lines: Vec<(Time, Twist)> = (1..25)
        .map(|index| (ms(20 * index), twist(0.4, 0.0)))
        .collect();
    lines.extend((25..45).map(|index| (ms(20 * index), twist(-0.4, 0.0))));
    let (_, seen) = rig.run(&config, Speaker::new(lines), ms(900));
    assert!(duty(seen[498].1) > 0.6);
    let after = duty(seen[501].1);
    assert!((-0.05..=0.0).contains(&after), "{after}");
    assert!(duty(seen[899].1) < -0.5, "{:?}", seen[899]);
}

#[test]
fn a_command_beyond_the_limits_is_slower_on_the_same_curve() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    rig.look(ms(1490));
    let (_, seen) = rig.run(&config, says(twist(5.0, 10.0), 1500), ms(1500));
    // Scaled to 0.5 m/s and 1 rad/s.
    assert!(
        (duty(seen[0].1) - 0.425 / 0.0325 / 20.0).abs() < 1e-9,
        "{seen:?}"
    );
    assert!(
        (duty(seen[0].2) - 0.575 / 0.0325 / 20.0).abs() < 1e-9,
        "{seen:?}"
    );
}

#[test]
fn after_the_end_of_a_lease_it_grows_from_zero_again() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    rig.look_until(1000);
    let says = |from: u64, to: u64| (from..to).step_by(20).map(|at| (ms(at), twist(0.4, 0.0)));
    let lines = says(20, 501).chain(says(800, 1000)).collect();
    let (_, seen) = rig.run(&config, Speaker::new(lines), ms(1000));
    assert!(duty(seen[498].1) > 0.6, "{:?}", seen[498]);
    assert_eq!(seen[700].1, BridgeState::Brake);
    let first = seen[700..].iter().find(|seen| turns(seen.1)).unwrap();
    assert!(duty(first.1) < 0.05, "{first:?}");
}

#[test]
fn what_is_no_number_stops_the_wheels_and_is_counted() {
    for strange in [twist(f64::NAN, 0.0), twist(0.1, f64::INFINITY)] {
        let config = DifferentialDriveConfig::default();
        let mut rig = Rig::armed(&config);
        rig.look_until(600);
        let mut lines: Vec<(Time, Twist)> = (1..25)
            .map(|index| (ms(20 * index), twist(0.4, 0.0)))
            .collect();
        lines.push((Time::from_nanos(490_500_000), strange));
        let (mut graph, drive) = rig.graph(&config, Speaker::new(lines));
        let counted = counters(&mut graph, &drive, ms(599));
        let seen = rig.seen.clone();
        run(graph, rig.bench, ms(600));
        let seen = seen.lock().unwrap();
        assert!(turns(seen[489].1));
        assert!(seen[490..].iter().all(|seen| seen.1 == BridgeState::Brake));
        assert_eq!(counted.lock().unwrap()[0].no_number, 1);
    }
}

#[test]
fn a_panic_brakes_and_a_restart_does_not_drive_before_it_is_armed_again() {
    let config = DifferentialDriveConfig::default();
    let mut rig = Rig::armed(&config);
    rig.look_until(2000);
    let board = rig.board.clone();
    rig.bench
        .at(ms(1500), move || assert!(board.safety().arm()));
    let (graph, _) = rig.graph(&config, says(twist(0.4, 0.0), 2000));
    let seen = rig.seen.clone();
    let mut system = run(graph, rig.bench, ms(500));
    system.handle().inject("drive", Injection::Panic);
    system.run_until(ms(2000));
    assert_eq!(status(&system, "drive").restarts, 1);
    let seen = seen.lock().unwrap();
    assert!(turns(seen[498].1) && turns(seen[498].2));
    let stopped = &seen[521..1499];
    assert!(
        stopped
            .iter()
            .all(|seen| seen.1 == BridgeState::Brake && seen.2 == BridgeState::Brake)
    );
    assert!(
        turns(seen[1999 - 1].1),
        "it drives again once a person armed it"
    );
}

#[test]
fn an_ordered_stop_brakes_both_wheels() {
    let config = DifferentialDriveConfig::default();
    let rig = Rig::armed(&config);
    let (left, right) = (rig.left.clone(), rig.right.clone());
    let (mut system, _) = rig.run(&config, says(twist(0.4, 0.0), 1000), ms(500));
    assert!(turns(left.state()) && turns(right.state()));
    system.shut_down();
    assert_eq!(
        (left.state(), right.state()),
        (BridgeState::Brake, BridgeState::Brake)
    );
}

#[test]
fn a_lease_beyond_the_longest_is_cut_by_the_board() {
    let text = "[safety]\nlongest_lease_ms = 50";
    let config: DifferentialDriveConfig = toml::from_str(text).unwrap();
    let mut rig = Rig::armed(&config);
    rig.look_until(300);
    let (_, seen) = rig.run(
        &config,
        Speaker::new(vec![(
            ms(100),
            Twist::new(MetersPerSecond(0.4), RadiansPerSecond::ZERO),
        )]),
        ms(300),
    );
    let last = seen.iter().rfind(|seen| turns(seen.1)).unwrap().0;
    // Each write of the growing command asks anew for the longest lease, but never beyond the command's own end.
    assert!(last < ms(200), "{last}");
    assert_eq!(seen[199].1, BridgeState::Brake);
}
