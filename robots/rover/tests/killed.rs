//! The rover drives a motor controller behind a serial port, another process, and is killed: its wheels stop.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "real processes end in real time; it is waited for and never judged by"
)]

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Nothing here takes a tenth of it on a machine with other work.
const PATIENCE: Duration = Duration::from_secs(60);
/// From this duty on a wheel of the rover's turns at 0.2 m/s or more: 20 rad/s at 1, none at 0.12, a radius of 32.5 mm.
const FAST: f64 = 0.4;

/// A process that does not outlive its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What one motor of the controller does, as `safety/examples/controller.rs` says it.
struct Motor {
    pipe: File,
    duty: f64,
    /// How often it was told to move.
    moved: u64,
}

impl Motor {
    fn new(folder: &Path, name: &str) -> Self {
        let path = folder.join(name);
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let pipe = rustix::fs::open(&path, flags, Mode::empty()).unwrap();
        Self {
            pipe: pipe.into(),
            duty: 0.0,
            moved: 0,
        }
    }

    fn look(&mut self) {
        let mut record = [0; 8];
        while self.pipe.read(&mut record).is_ok_and(|length| length == 8) {
            self.duty = f64::from_le_bytes(record);
            self.moved += u64::from(self.duty != 0.0);
        }
    }
}

/// A rover that drives, and what it drives.
struct Driven {
    folder: tempfile::TempDir,
    motors: [Motor; 2],
    rover: Process,
    /// It stays after a rover that failed.
    guardian: Option<Pid>,
    _controller: Process,
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.rover.0.kill();
        if let Some(guardian) = self.guardian {
            let _ = kill_process(guardian, Signal::KILL);
        }
    }
}

impl Driven {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let motors = ["M1", "M2"].map(|name| Motor::new(at, name));
        let rover = Path::new(env!("CARGO_BIN_EXE_rover"));
        let stand_in = rover.parent().unwrap().join("examples/controller");
        assert!(
            stand_in.exists(),
            "build it first: cargo build -p sinew-safety --examples"
        );
        let controller = Command::new(stand_in).arg(at).stdout(Stdio::null()).spawn();
        let controller = Process(controller.unwrap());
        let link = at.join("motors");
        wait("the controller's terminal", || link.is_symlink());
        let device = std::fs::read_link(link).unwrap();
        let config = format!(
            "[board.ports]\nmotors = {device:?}\n[drive]\ndead_band = 0.12\n[drive.roboclaw]\n"
        );
        std::fs::write(at.join("robot.toml"), config).unwrap();
        let allowed = ["--allow-simulated-inputs", "--allow-unprivileged-guardian"];
        let rover = Self::command(at)
            .args(["run", "--seconds", "600"])
            .args(allowed)
            .spawn();
        let mut driven = Self {
            motors,
            rover: Process(rover.unwrap()),
            guardian: None,
            _controller: controller,
            folder,
        };
        driven.arm();
        driven.guardian = driven.only_child();
        driven.until("it is fast", |motors| {
            motors.iter().all(|motor| motor.duty.abs() >= FAST)
        });
        driven
    }

    fn command(folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rover"));
        command
            .current_dir(folder)
            .env("XDG_RUNTIME_DIR", folder)
            .env("XDG_STATE_HOME", folder.join("state"))
            .env_remove("INVOCATION_ID")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// As a person does, as soon as the rover can be asked.
    fn arm(&self) {
        let folder = self.folder.path();
        wait("it can be armed", || {
            let armed = Self::command(folder).args(["ctl", "arm"]).status();
            armed.unwrap().success()
        });
    }

    /// The rover's guardian.
    fn only_child(&self) -> Option<Pid> {
        let pid = self.rover.0.id();
        let of_task =
            |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children"));
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        let children: String = tasks.flatten().flat_map(of_task).collect();
        let [guardian] = children.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("it has one child, its guardian: {children:?}");
        };
        Pid::from_raw(guardian.parse().unwrap())
    }

    fn until(&mut self, what: &str, holds: impl Fn(&[Motor; 2]) -> bool) {
        wait(what, || {
            self.motors.iter_mut().for_each(Motor::look);
            holds(&self.motors)
        });
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.rover.0), signal).unwrap();
    }

    /// Its wheels stop, and nothing moves them after it is gone.
    fn stops(mut self) {
        self.until("both wheels stand", |motors| {
            motors.iter().all(|motor| motor.duty == 0.0)
        });
        self.signal(Signal::CONT);
        let _ = self.rover.0.wait();
        let moved = |motors: &[Motor; 2]| motors[0].moved + motors[1].moved;
        let before = moved(&self.motors);
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(1));
            self.motors.iter_mut().for_each(Motor::look);
        }
        assert_eq!(moved(&self.motors), before, "a wheel moved after that");
        let ahead = std::fs::read_to_string(self.folder.path().join("ahead")).unwrap();
        let ahead: usize = ahead.parse().unwrap();
        // A stop behind an older one of both motors.
        assert!(
            ahead <= 42,
            "{ahead} bytes of old motion stood before a stop"
        );
    }
}

fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited for: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// `SINEW_KILLS` of them, at random moments; `cargo xtask kills` says more.
#[test]
fn a_rover_that_is_killed_or_stopped_stands() {
    let kills = std::env::var("SINEW_KILLS").map_or(4, |text| text.parse().unwrap());
    let mut random: u64 = 1;
    for kill in 0..kills {
        let driven = Driven::new();
        // Of a linear congruential generator (Knuth, MMIX) the high bits: up to 30 ms, three periods of its drive.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((random >> 33) % 30_000));
        driven.signal(if kill % 4 == 3 {
            Signal::STOP
        } else {
            Signal::KILL
        });
        driven.stops();
    }
}
