//! Limits in series before a drive: what trips them, what ends them, and what they pass on meanwhile.

use crate::common::{Bench, Heard, Speaker, for_ms, ms, run, stamp, status};
use sinew_board::Board;
use sinew_devices::{
    BatteryLimit, CurrentLimit, HeatLimit, Limits, LimitsConfig, StallLimit, TiltLimit,
};
use sinew_messages::{
    Amperes, BatteryState, Celsius, Imu, MetersPerSecond, Odometry, Pose, RadiansPerSecond, Twist,
    Vector3, Volts, Watts,
};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Injection, Leased, Restart, Time};
use std::sync::{Arc, Mutex};

const END: u64 = 4_000;
const WANTED: Twist = Twist::new(MetersPerSecond(0.4), RadiansPerSecond(0.1));

/// What wheels are seen to do whose encoders are torn off after 1.5 s.
const TORN_OFF: Twist = Twist::new(MetersPerSecond(0.4), RadiansPerSecond(0.100_001));

/// Keeps the commands that come.
#[derive(Clone, Default)]
struct Drive(Heard<Leased<Twist>>);

impl Actor for Drive {}

impl Handler<Leased<Twist>> for Drive {
    type Reply = ();
    async fn handle(&mut self, it: Leased<Twist>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.lock().unwrap().push((ctx.now(), it));
        Ok(())
    }
}

/// What a run came to.
struct Ran {
    heard: Heard<Leased<Twist>>,
    /// Whether it was armed at each 10 ms, and what stood against arming.
    armed: Vec<(Time, bool, Vec<String>)>,
}

impl Ran {
    /// Whether everything that was passed on from `from` until `to` was what was wanted, or all of it stood still.
    fn passes(&self, from: u64, to: u64) -> bool {
        let heard = self.heard.lock().unwrap();
        let between = heard
            .iter()
            .filter(|(time, _)| (ms(from)..ms(to)).contains(time));
        let all: Vec<Twist> = between.map(|(_, command)| *command.value()).collect();
        assert!(!all.is_empty(), "nothing came between {from} and {to} ms");
        let first = all[0];
        assert!(
            all.iter().all(|twist| *twist == first),
            "{from} to {to} ms: {all:?}"
        );
        assert!(first == WANTED || first == Twist::ZERO);
        first == WANTED
    }

    fn is_armed(&self, at: u64) -> bool {
        self.at(at).1
    }

    fn objections(&self, at: u64) -> &[String] {
        &self.at(at).2
    }

    fn at(&self, at: u64) -> &(Time, bool, Vec<String>) {
        self.armed.iter().find(|seen| seen.0 == ms(at)).unwrap()
    }
}

type Armed = Arc<Mutex<Vec<(Time, bool, Vec<String>)>>>;

/// A bench that notes at each 10 ms whether it is armed, and what stands against it.
fn armed_at_one_second() -> (Bench, Board, Armed) {
    let mut bench = Bench::new();
    let board: Board = bench.board.clone();
    let armed = Armed::default();
    for at in (0..END).step_by(10) {
        let (board, armed) = (board.clone(), Arc::clone(&armed));
        bench.at(ms(at), move || {
            if at == 1_000 {
                assert!(board.safety().arm());
            }
            let against = board.safety().objections().into_iter();
            let against = against.map(|(check, why)| format!("{check}: {why}"));
            let seen = (ms(at), board.safety().is_armed(), against.collect());
            armed.lock().unwrap().push(seen);
        });
    }
    (bench, board, armed)
}

/// Runs limits under a pilot that wants the same all the time, on a robot that is armed at one second.
fn limited(
    config: &LimitsConfig,
    battery: impl Fn(u64) -> Option<(f64, f64)>,
    imu: impl Fn(u64) -> Option<(Vector3, f64)>,
    seen: Twist,
) -> Ran {
    let (bench, board, armed) = armed_at_one_second();
    let mut graph = Graph::new("test");
    let limits = graph.add("limits", Limits::on(&board, config));
    let pilot = Speaker::every(for_ms(20), ms(20), ms(END), WANTED);
    let pilot = graph.add("pilot", pilot);
    graph
        .command(pilot.out::<Twist>(), &limits)
        .lease(for_ms(100));
    let monitor = (0..END).step_by(20).filter_map(|at| {
        let (voltage, current) = battery(at)?;
        let state = BatteryState {
            measured_at: stamp(ms(at)),
            voltage: Volts(voltage),
            current: Amperes(current),
            power: Watts(voltage * current),
        };
        Some((ms(at), state))
    });
    let monitor = graph.add("monitor", Speaker::new(monitor.collect()));
    let silence = for_ms(200);
    let edge = graph.connect(monitor.out::<BatteryState>(), &limits);
    edge.latest().silence_after(silence);
    let inertial = (0..END).step_by(10).filter_map(|at| {
        let (linear_acceleration, heat) = imu(at)?;
        let imu = Imu {
            measured_at: stamp(ms(at)),
            angular_velocity: Vector3::default(),
            linear_acceleration,
            temperature: Some(Celsius(heat)),
        };
        Some((ms(at), imu))
    });
    let inertial = graph.add("inertial", Speaker::new(inertial.collect()));
    graph
        .connect(inertial.out::<Imu>(), &limits)
        .latest()
        .silence_after(silence);
    let until = if seen == TORN_OFF { 1_500 } else { END };
    let wheels = (0..until).step_by(20).map(|at| {
        let odometry = Odometry {
            measured_at: stamp(ms(at)),
            pose: Pose::default(),
            twist: seen,
        };
        (ms(at), odometry)
    });
    let wheels = graph.add("wheels", Speaker::new(wheels.collect()));
    graph
        .connect(wheels.out::<Odometry>(), &limits)
        .latest()
        .silence_after(silence);
    let drive = Drive::default();
    let heard = Arc::clone(&drive.0);
    let drive = graph.add("drive", drive);
    graph
        .command(limits.out::<Twist>(), &drive)
        .lease(for_ms(100));
    let _system = run(graph, bench, ms(END));
    let armed = armed.lock().unwrap().clone();
    Ran { heard, armed }
}

fn well(_: u64) -> Option<(f64, f64)> {
    Some((7.6, 1.0))
}

fn upright(_: u64) -> Option<(Vector3, f64)> {
    Some((up(0.0), 30.0))
}

/// Gravity on a robot that leans so far.
fn up(lean: f64) -> Vector3 {
    Vector3 {
        x: 9.81 * lean.sin(),
        y: 0.0,
        z: 9.81 * lean.cos(),
    }
}

fn all() -> LimitsConfig {
    let mut config = LimitsConfig::default();
    config.battery = Some(BatteryLimit::default());
    config.current = Some(CurrentLimit::default());
    config.tilt = Some(TiltLimit::default());
    config.heat = Some(HeatLimit::default());
    config.stall = Some(StallLimit::default());
    config
}

#[test]
fn nothing_passes_and_nothing_is_armed_before_each_limit_is_known_to_be_kept() {
    let ran = limited(&all(), well, upright, WANTED);
    assert!(!ran.passes(0, 900));
    let against = ran.objections(0).join("; ");
    for name in ["battery", "current", "tilt", "heat"] {
        assert!(against.contains(name), "{against}");
    }
    assert_eq!(ran.objections(1_100), [] as [&str; 0]);
    assert!(ran.passes(1_020, END));
    assert!(ran.is_armed(END - 10));
}

#[test]
fn limits_that_are_not_set_are_not_watched() {
    let ran = limited(&LimitsConfig::default(), |_| None, |_| None, Twist::ZERO);
    assert_eq!(ran.objections(0), [] as [&str; 0]);
    assert!(ran.passes(0, END));
}

#[test]
fn a_battery_that_recovers_without_its_load_does_not_start_the_robot_again() {
    let voltage = |at| match at {
        1_500..2_100 => Some((6.0, 1.0)),
        // It recovers, not by enough; later it is charged.
        2_100..3_000 => Some((6.9, 0.1)),
        _ => Some((7.6, 1.0)),
    };
    let ran = limited(&all(), voltage, upright, WANTED);
    assert!(ran.passes(1_020, 2_000), "half a second is not long");
    assert!(!ran.passes(2_040, 3_500));
    assert!(ran.objections(2_500)[0].contains("nearly empty"));
    assert!(
        ran.is_armed(2_500),
        "it goes on by itself when it is charged"
    );
    assert!(ran.passes(3_540, END));
}

#[test]
fn a_current_that_lasts_disarms_and_a_motors_start_does_not() {
    let current = |at| match at {
        1_200..1_400 => Some((7.6, 9.0)),
        2_000..2_400 => Some((7.6, 3.5)),
        _ => Some((7.6, 1.0)),
    };
    let ran = limited(&all(), current, upright, WANTED);
    assert!(ran.passes(1_020, 2_300));
    assert!(ran.is_armed(2_290));
    assert!(!ran.passes(2_320, 2_680));
    assert!(!ran.is_armed(2_320));
    assert!(!ran.is_armed(END - 10), "until a person arms it");
    assert_eq!(ran.objections(END - 10), [] as [&str; 0], "who may do so");
}

#[test]
fn a_robot_that_falls_over_is_disarmed() {
    let imu = |at| {
        let lean = if at < 2_000 { 0.0 } else { 1.2 };
        Some((up(lean), 30.0))
    };
    let ran = limited(&all(), well, imu, WANTED);
    assert!(ran.passes(1_020, 2_100));
    assert!(!ran.passes(2_120, END));
    assert!(!ran.is_armed(2_120));
    assert!(ran.objections(END - 10)[0].contains("leans too far"));
}

#[test]
fn heat_lets_it_go_on_when_it_has_cooled() {
    let imu = |at| {
        let heat = match at {
            1_500..2_700 => 75.0,
            _ => 50.0,
        };
        Some((up(0.0), heat))
    };
    let ran = limited(&all(), well, imu, WANTED);
    assert!(ran.passes(1_020, 2_500));
    assert!(!ran.passes(2_520, 3_700));
    assert!(ran.is_armed(3_000));
    assert!(ran.passes(3_720, END));
}

#[test]
fn what_nobody_measures_any_more_stops_it() {
    let battery = |at| (at < 1_500).then_some((7.6, 1.0));
    let ran = limited(&all(), battery, upright, WANTED);
    assert!(ran.passes(1_020, 1_660));
    assert!(!ran.passes(1_700, END));
    assert!(ran.objections(2_000)[0].contains("nobody measures it any more"));
}

#[test]
fn what_is_no_number_is_beyond_each_limit() {
    let battery = |at| {
        Some(if at < 1_500 {
            (7.6, 1.0)
        } else {
            (f64::NAN, f64::NAN)
        })
    };
    let ran = limited(&all(), battery, upright, WANTED);
    assert!(!ran.passes(1_820, END));
    assert!(!ran.is_armed(1_820), "the current may be any");
    let imu = |at| Some((up(if at < 1_500 { 0.0 } else { f64::NAN }), 30.0));
    let ran = limited(&all(), well, imu, WANTED);
    assert!(!ran.passes(1_640, END));
}

#[test]
fn wheels_that_stand_are_given_a_rest() {
    let ran = limited(&all(), well, upright, Twist::ZERO);
    assert!(ran.passes(1_020, 2_100));
    assert!(!ran.passes(2_300, 3_900), "after 1.2 s, for 2 s");
    assert!(ran.is_armed(3_900));
}

#[test]
fn a_command_that_is_stopped_keeps_its_lease() {
    let ran = limited(&all(), |_| None, upright, WANTED);
    let heard = ran.heard.lock().unwrap();
    for (time, command) in heard.iter() {
        assert_eq!(*command.value(), Twist::ZERO);
        assert!(command.valid_until() <= *time + for_ms(100));
    }
}

#[test]
fn a_restart_knows_nothing_and_stands_against_arming_again() {
    let bench = Bench::new();
    let board = bench.board.clone();
    let mut config = LimitsConfig::default();
    config.battery = Some(BatteryLimit::default());
    let mut graph = Graph::new("test");
    let limits = graph.add("limits", Limits::on(&board, &config));
    graph.supervise(&limits, Restart::patient());
    let charged = BatteryState {
        measured_at: stamp(ms(0)),
        voltage: Volts(7.6),
        current: Amperes(1.0),
        power: Watts(7.6),
    };
    let monitor = (0..100).map(|place| {
        let measured_at = stamp(ms(place * 20));
        let state = BatteryState {
            measured_at,
            ..charged
        };
        (ms(place * 20), state)
    });
    let monitor = graph.add("monitor", Speaker::new(monitor.collect()));
    graph
        .connect(monitor.out::<BatteryState>(), &limits)
        .latest();
    let pilot = Speaker::every(for_ms(20), ms(20), ms(END), WANTED);
    let pilot = graph.add("pilot", pilot);
    graph.command(pilot.out::<Twist>(), &limits);
    let drive = graph.add("drive", Drive::default());
    graph.command(limits.out::<Twist>(), &drive);
    let mut system = run(graph, bench, ms(1_990));
    assert_eq!(board.safety().objections(), []);
    assert!(system.handle().inject("limits", Injection::Panic));
    system.run_until(ms(END));
    assert_eq!(status(&system, "limits").failures, 1);
    let against = board.safety().objections();
    assert_eq!(against.len(), 1, "{against:?}");
    assert!(against[0].1.contains("nobody has measured it yet"));
}

#[test]
fn a_fall_that_nobody_saw_does_not_let_it_drive_off_when_it_is_put_up() {
    let imu = |at| match at {
        1_500..2_000 => None,
        2_000..3_000 => Some((up(1.2), 30.0)),
        _ => Some((up(0.0), 30.0)),
    };
    let ran = limited(&all(), well, imu, WANTED);
    assert!(ran.passes(1_020, 1_660));
    assert!(!ran.is_armed(1_800));
    assert!(!ran.is_armed(END - 10));
}

#[test]
fn a_current_the_wrong_way_round_is_one() {
    let current = |at| Some((7.6, if at < 1_500 { -1.0 } else { -50.0 }));
    let ran = limited(&all(), current, upright, WANTED);
    assert!(ran.is_armed(1_490));
    assert!(!ran.is_armed(1_820));
}

#[test]
fn wheels_that_nobody_sees_any_more_stand() {
    let ran = limited(&all(), well, upright, TORN_OFF);
    assert!(ran.passes(1_020, 1_660));
    assert!(!ran.passes(1_720, END));
    assert!(ran.objections(2_000)[0].contains("nobody measures it any more"));
}
