//! A robot that drives is ended in every way, and its motors stop: two real processes, over lines that are pipes.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stderr, reason = "figures, for who wants to see them")]
#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "real processes end in real time; it is waited for and never judged by"
)]

mod guarded;

/// The longest stop of both motors of a controller: what ends a packet that was cut off, and six packets of six bytes. A second
/// stop may stand behind it.
const STOP: usize = 6 + 6 * 6;

use guarded::Robot;
use rustix::process::{Signal, kill_process};
use sinew_safety::guardian::ask;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[test]
fn without_a_guardian_each_motor_of_a_killed_robot_keeps_turning() {
    let mut robot = Robot::without_guardian();
    robot.signal(Signal::KILL);
    robot.until("it has ended", Robot::is_abandoned);
    assert_eq!(robot.safe(), [false, false]);
    assert!(robot.moves());
}

#[test]
fn a_signal_that_ends_the_robot_stops_its_motors() {
    for signal in [
        Signal::KILL,
        Signal::INT,
        Signal::HUP,
        Signal::TERM,
        Signal::QUIT,
        Signal::XCPU,
    ] {
        let robot = Robot::driving("drive");
        robot.signal(signal);
        let robot = robot.ends_safe();
        assert_eq!(robot.last_stop()["why"], "death", "{signal:?}");
        assert_eq!(robot.last_stop()["all_safe"], true, "{signal:?}");
        assert_eq!(robot.allocations(), 0, "{signal:?}");
    }
}

#[test]
fn a_robot_that_ends_itself_without_leave_stops_its_motors() {
    for way in ["abort", "panic", "exit", "memory", "fault", "thread"] {
        let mut robot = Robot::driving(way);
        robot.tell();
        let robot = robot.ends_safe();
        assert_eq!(robot.last_stop()["why"], "death", "{way}");
    }
}

#[test]
fn a_motor_that_must_not_stop_at_once_is_ramped_down_when_its_robot_dies() {
    let mut robot = Robot::that_ramps();
    robot.left_duties();
    robot.signal(Signal::KILL);
    let mut robot = robot.ends_safe();
    let duties = robot.left_duties();
    // The robot itself drives up and down; what falls without end is the guardian's.
    let falls = duties
        .windows(2)
        .rev()
        .take_while(|pair| pair[0] >= pair[1]);
    let falls = falls.count();
    assert!(falls >= 10, "of {duties:?} the last {falls} fall");
    assert_eq!(duties.last(), Some(&0.0));
    let ramp = &duties[duties.len() - falls - 1..];
    assert!(
        ramp[0] <= 0.75,
        "never more than it was driven with: {ramp:?}"
    );
    assert_eq!(robot.last_stop()["why"], "death");
    assert_eq!(robot.allocations(), 0);
}

#[test]
fn a_motor_controller_on_a_serial_port_stops_with_the_robot_that_drives_it() {
    for way in ["drive", "flood"] {
        let robot = Robot::at_a_port(way);
        robot.signal(Signal::KILL);
        let mut robot = robot.ends_safe();
        robot.stays_safe(Duration::from_millis(50));
        let ahead = robot.ahead_of_a_stop();
        assert!(ahead <= STOP, "{ahead} bytes of old motion came first");
        assert_eq!(robot.last_stop()["why"], "death", "{way}");
        assert_eq!(robot.last_stop()["all_safe"], true, "{way}");
        assert_eq!(robot.allocations(), 0, "{way}");
    }
}

#[test]
fn no_motion_byte_follows_when_a_robot_that_was_stopped_would_go_on() {
    for way in ["drive", "flood"] {
        let mut robot = Robot::at_a_port(way);
        robot.signal(Signal::STOP);
        robot.until("its motors are safe", |robot| {
            robot.safe() == [true, true] && robot.controller_stands()
        });
        robot.signal(Signal::CONT);
        let mut robot = robot.ends_safe();
        robot.stays_safe(Duration::from_millis(50));
        let ahead = robot.ahead_of_a_stop();
        assert!(ahead <= STOP, "{ahead} bytes of old motion came first");
        assert_eq!(robot.last_stop()["why"], "hang", "{way}");
    }
}

#[test]
fn a_robot_that_the_kernel_ends_for_its_memory_stops_its_motors() {
    let Some(little) = Memory::of(64 << 20) else {
        eprintln!("skipped: this machine lets nobody limit a process's memory (cgroup)");
        return;
    };
    let mut robot = Robot::driving("hog");
    little.is_all_for(robot.pid());
    robot.tell();
    let robot = robot.ends_safe();
    assert_eq!(robot.last_stop()["why"], "death");
    assert_eq!(robot.allocations(), 0);
    let complaints = robot.complaints();
    assert!(!complaints.contains("nobody minded"), "{complaints}");
}

/// A group of processes with so much memory, of either version of cgroups.
struct Memory(PathBuf);

impl Memory {
    fn of(bytes: u64) -> Option<Self> {
        let name = format!("sinew-{}", std::process::id());
        let versions = [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            ("/sys/fs/cgroup", "memory.max"),
        ];
        versions.into_iter().find_map(|(root, limit)| {
            let root = Path::new(root);
            if !root.join("cgroup.procs").exists() {
                return None;
            }
            let group = Self(root.join(&name));
            std::fs::create_dir(&group.0).ok()?;
            std::fs::write(group.0.join(limit), bytes.to_string()).ok()?;
            Some(group)
        })
    }

    /// From now on what this process takes is taken from it.
    fn is_all_for(&self, pid: u32) {
        std::fs::write(self.0.join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[test]
fn a_robot_that_leaves_in_order_is_no_failure() {
    let mut robot = Robot::driving("leave");
    robot.tell();
    let robot = robot.ends_safe();
    let entry = std::fs::read_to_string(robot.folder().join("last-stop")).unwrap();
    assert_eq!(entry, "", "nothing had to be done");
    assert_eq!(robot.allocations(), 0);
}

#[test]
fn a_robot_that_is_stopped_is_ended_and_no_write_follows_when_it_would_go_on() {
    let robot = Robot::driving("drive");
    robot.signal(Signal::STOP);
    let mut robot = robot;
    robot.until("the guardian made its motors safe", |robot| {
        robot.safe() == [true, true]
    });
    robot.signal(Signal::CONT);
    let robot = robot.ends_safe();
    assert_eq!(robot.last_stop()["why"], "hang");
    assert_eq!(robot.allocations(), 0);
}

#[test]
fn a_handler_that_never_returns_loses_its_leases_and_the_robot_lives_on() {
    let mut robot = Robot::driving("handler");
    robot.tell();
    robot.until("its leases have ended", |robot| {
        robot.safe() == [true, true]
    });
    robot.signal(Signal::KILL);
    let robot = robot.ends_safe();
    let why = &robot.last_stop()["why"];
    assert_eq!(
        why, "death",
        "it made itself safe before its guardian had to"
    );
}

#[test]
fn a_child_that_inherited_every_file_hides_nothing() {
    let why = |_| {
        let mut robot = Robot::driving("heir");
        robot.tell();
        let child = robot.line();
        let child = child.strip_prefix("child ").unwrap().parse().unwrap();
        robot.until("its motors are safe", |robot| robot.safe() == [true, true]);
        // Only now: while it lived it held the robot's end of everything open.
        kill_process(rustix::process::Pid::from_raw(child).unwrap(), Signal::KILL).unwrap();
        robot.ends_safe().last_stop()["why"].clone()
    };
    // On a loaded machine a process may take longer to start its child and to end than a lease stands; one that a child hides
    // never dies in time.
    let said: Vec<_> = (0..3).map(why).collect();
    assert!(said.iter().any(|why| why == "death"), "{said:?}");
}

#[test]
fn a_robot_whose_guardian_ends_stops_by_itself() {
    let mut robot = Robot::driving("drive");
    kill_process(robot.guardian(), Signal::KILL).unwrap();
    assert_eq!(robot.line(), "refused", "it is disarmed, and not only late");
    robot.until("it stopped", |robot| robot.safe() == [true, true]);
    assert!(!robot.has_ended());
    robot.signal(Signal::KILL);
    robot.ends_safe();
}

#[test]
fn a_robot_whose_guardian_hangs_stops_by_itself() {
    let mut robot = Robot::driving("drive");
    let guardian = robot.guardian();
    kill_process(guardian, Signal::STOP).unwrap();
    assert_eq!(robot.line(), "refused", "it is disarmed, and not only late");
    robot.until("it stopped", |robot| robot.safe() == [true, true]);
    assert!(!robot.has_ended());
    kill_process(guardian, Signal::CONT).unwrap();
    robot.signal(Signal::KILL);
    robot.ends_safe();
}

#[test]
fn a_guardian_that_is_killed_right_before_its_robot_can_do_nothing() {
    // The limit that SAFETY.md states: it takes two failures within milliseconds. On a loaded machine this test may be too
    // slow to make both, so it tries again.
    let moves_on = || {
        let mut robot = Robot::driving("drive");
        let guardian = robot.guardian();
        kill_process(guardian, Signal::STOP).unwrap();
        robot.signal(Signal::KILL);
        kill_process(guardian, Signal::KILL).unwrap();
        robot.until("both have ended", Robot::is_abandoned);
        robot.safe() == [false, false]
    };
    assert!((0..10).any(|_| moves_on()));
}

#[test]
fn the_guardians_own_socket_stops_a_robot_and_only_a_person_releases_it() {
    let mut robot = Robot::driving("drive");
    let desk = robot.folder().join("desk");
    assert_eq!(ask(&desk, "status").unwrap(), "ok: the e-stop is released");
    assert!(ask(&desk, "estop").unwrap().starts_with("ok"));
    assert_eq!(robot.safe(), [true, true], "before it answered");
    assert_eq!(ask(&desk, "status").unwrap(), "ok: the e-stop is latched");
    assert_eq!(robot.last_stop()["why"], "e-stop");
    assert!(ask(&desk, "dance").unwrap().starts_with("not understood"));
    assert!(!robot.has_ended(), "it is stopped, not ended");
    robot.signal(Signal::KILL);
    let robot = robot.ends_safe();

    let mut again = Robot::after(&robot);
    again.until("it gave up", Robot::has_ended);
    let complaints = again.complaints();
    assert!(complaints.contains("the e-stop is latched"), "{complaints}");
}

#[test]
fn an_estop_of_the_robot_is_latched_by_its_guardian_and_reset_through_it() {
    let mut robot = Robot::driving("estop");
    robot.tell();
    assert_eq!(robot.line(), "reset true disarmed");
    let latch = robot.folder().join("e-stop");
    assert_eq!(robot.safe(), [true, true]);
    assert_eq!(std::fs::read(latch).unwrap(), b"released\n");
    assert_eq!(robot.last_stop()["why"], "e-stop");
    robot.signal(Signal::KILL);
    robot.ends_safe();
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_guardian_has_its_turn_before_first_in_first_out_spinners_on_every_core() {
    let mut robot = Robot::driving("drive");
    let spinners: Vec<_> = cores()
        .map(|_| load(&["chrt", "-f", "80", "yes"]))
        .collect();
    // Newer kernels leave the others some time even so, and then the robot drives on: what is shown is that its guardian comes.
    robot.until("its leases have ended, or it drives on", |robot| {
        robot.safe() == [true, true] || robot.moves()
    });
    let spin = spinners.iter().filter(|load| load.is_first_in_first_out());
    if spin.count() < spinners.len() {
        eprintln!("skipped: this machine lets nobody run first in, first out");
        return;
    }
    robot.signal(Signal::KILL);
    let robot = robot.ends_safe();
    drop(spinners);
    assert_eq!(robot.last_stop()["all_safe"], true);
}

/// For `SINEW_HEALTHY_SECONDS`; `cargo xtask kills` says more.
#[test]
fn a_healthy_robot_is_not_stopped_though_every_core_is_loaded() {
    let seconds = number("SINEW_HEALTHY_SECONDS", 1);
    let spinners: Vec<_> = cores().map(|_| load(&["yes"])).collect();
    let mut robot = Robot::driving("drive");
    for _ in 0..seconds * 10 {
        std::thread::sleep(Duration::from_millis(100));
        robot.look();
    }
    drop(spinners);
    robot.until("it drives on", Robot::moves);
    let entry = std::fs::read_to_string(robot.folder().join("last-stop")).unwrap();
    assert_eq!(entry, "", "the guardian did not act");
    robot.signal(Signal::KILL);
    robot.ends_safe();
}

/// A count of `SINEW_KILLS`; at random moments, every core loaded, every other robot in the middle of a frame with a full port.
/// `cargo xtask kills` says more.
#[test]
fn killed_at_random_moments_under_load_it_is_always_safe() {
    let (kills, mut random) = (number("SINEW_KILLS", 10), number("SINEW_KILLS_SEED", 1));
    let spinners: Vec<_> = cores().map(|_| load(&["yes"])).collect();
    let mut took = Samples::default();
    for kill in 0..kills {
        let at_a_port = kill % 2 == 1;
        let mut robot = if at_a_port {
            Robot::at_a_port("flood")
        } else {
            Robot::driving("again")
        };
        // Of a linear congruential generator (Knuth, MMIX) the high bits: up to 30 ms, six periods of the robot.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((random >> 33) % 30_000));
        // On a machine with other work a lease may have ended in between.
        robot.until("it drives on", Robot::moves);
        let (signal, why) = match kill % 8 {
            4 | 7 => (Signal::STOP, "hang"),
            _ => (Signal::KILL, "death"),
        };
        let struck = std::time::Instant::now();
        robot.signal(signal);
        let mut robot = robot.ends_safe();
        if at_a_port {
            robot.stays_safe(Duration::from_millis(20));
            let ahead = robot.ahead_of_a_stop();
            assert!(ahead <= STOP, "{ahead} bytes of old motion came first");
        }
        assert_eq!(robot.last_stop()["why"], why);
        assert_eq!(robot.allocations(), 0);
        let what = match (why, at_a_port) {
            ("death", false) => "death",
            ("death", true) => "death, full port",
            (_, false) => "hang",
            (_, true) => "hang, full port",
        };
        took.add(what, robot.turned().duration_since(struck));
        // Beside it, in the same run: the least that any watch does.
        let (watch, robot) = Robot::under_a_bare_loop();
        let struck = std::time::Instant::now();
        kill_process(robot, Signal::KILL).unwrap();
        let watch = watch.ends_safe();
        took.add("bare loop", watch.turned().duration_since(struck));
    }
    drop(spinners);
    took.print();
}

fn number(variable: &str, usual: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => usual,
    }
}

/// For how long after the signal a motor turned; judged by nobody here, for these machines are noisy.
#[derive(Default)]
struct Samples(Vec<(&'static str, Duration)>);

impl Samples {
    fn add(&mut self, what: &'static str, took: Duration) {
        self.0.push((what, took));
    }

    /// Prints them, and keeps all of them in the file of `SINEW_KILLS_SAMPLES`.
    fn print(&self) {
        for what in [
            "death",
            "death, full port",
            "hang",
            "hang, full port",
            "bare loop",
        ] {
            let of_it = self.0.iter().filter(|sample| sample.0 == what);
            let mut times: Vec<Duration> = of_it.map(|sample| sample.1).collect();
            times.sort();
            let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
            eprintln!(
                "{what}: {} of {0} safe; p50 {:.2?}, p99 {:.2?}, p99.9 {:.2?}, max {:.2?}",
                times.len(),
                at(0.5),
                at(0.99),
                at(0.999),
                at(1.0)
            );
        }
        if let Some(path) = std::env::var_os("SINEW_KILLS_SAMPLES") {
            let line = |(what, took): &(&str, Duration)| format!("{what},{}\n", took.as_nanos());
            let lines: String = self.0.iter().map(line).collect();
            std::fs::write(path, format!("what,nanoseconds\n{lines}")).unwrap();
        }
    }
}

fn cores() -> std::ops::Range<usize> {
    0..std::thread::available_parallelism().unwrap().get()
}

struct Load(Child);

fn load(words: &[&str]) -> Load {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdout(Stdio::null());
    Load(command.spawn().unwrap())
}

impl Load {
    /// Whether it runs now, and by that policy (proc_pid_stat(5), fields 3 and 41).
    fn is_first_in_first_out(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        fields[0] == "R" && fields[38] == "1"
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
