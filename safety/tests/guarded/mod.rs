//! A robot of `examples/guarded.rs` and the far ends of its lines; of its serial port, if it has one, `examples/controller.rs`.

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// How long a test waits for what has to come: nothing takes a tenth of it on a machine with other work. `SINEW_TEST_PATIENCE` gives
/// the seconds where it is known not to come, with a bug planted.
fn patience() -> Duration {
    let asked = std::env::var("SINEW_TEST_PATIENCE").ok();
    Duration::from_secs(asked.map_or(60, |seconds| seconds.parse().unwrap()))
}

/// The lines, and what each shows while its motor is safe: the left one brakes, the right one coasts.
const LINES: [(&str, f64); 6] = [
    ("PWM0", 1.0),
    ("GPIO5", 1.0),
    ("GPIO6", 1.0),
    ("PWM1", 0.0),
    ("GPIO16", 0.0),
    ("GPIO26", 0.0),
];

pub(crate) struct Robot {
    folder: Arc<tempfile::TempDir>,
    lines: Vec<Line>,
    controller: Option<Controller>,
    /// When a motor was last seen to turn.
    turned: Instant,
    process: Child,
    says: Receiver<String>,
    hears: ChildStdin,
}

/// The motor controller at the far end of a serial port.
struct Controller {
    process: Child,
    /// What each of its motors does.
    motors: [Line; 2],
}

impl Controller {
    fn in_folder(folder: &Path) -> Self {
        let motors = ["M1", "M2"].map(|name| Line::new(folder, name, 0.0));
        // Hardware waits for no program's turn.
        let mut process = Command::new("chrt")
            .args(["-f", "97"])
            .arg(program("controller"))
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let says = lines_of(process.stdout.take().unwrap());
        assert_eq!(says.recv_timeout(patience()).unwrap(), "ready");
        Self { process, motors }
    }

    fn stands(&self) -> bool {
        self.motors.iter().all(|motor| motor.shows == Some(0.0))
    }

    fn moves(&self) -> bool {
        let moves = |motor: &Line| motor.shows.is_some_and(|duty| duty > 0.0);
        self.motors.iter().all(moves)
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The far end of a line.
struct Line {
    file: File,
    safe: f64,
    shows: Option<f64>,
    is_closed: bool,
    /// How often it was told anything but what is safe.
    unsafe_records: u64,
    /// All that it was told.
    told: Vec<f64>,
}

impl Line {
    /// The pipe of this name.
    fn new(folder: &Path, name: &str, safe: f64) -> Self {
        let path = folder.join(name);
        let _ = std::fs::remove_file(&path);
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Self {
            file: rustix::fs::open(&path, flags, Mode::empty())
                .unwrap()
                .into(),
            safe,
            shows: None,
            is_closed: false,
            unsafe_records: 0,
            told: Vec::new(),
        }
    }

    /// Takes what was written meanwhile.
    fn look(&mut self) {
        let mut records = [0; 4096];
        loop {
            match self.file.read(&mut records) {
                Ok(0) => {
                    self.is_closed = self.shows.is_some();
                    return;
                }
                Ok(length) => {
                    assert_eq!(length % 8, 0, "records are whole");
                    for record in records[..length].chunks_exact(8) {
                        let value = f64::from_le_bytes(record.try_into().unwrap());
                        self.unsafe_records += u64::from(value != self.safe);
                        self.shows = Some(value);
                        self.told.push(value);
                    }
                }
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                    return;
                }
            }
        }
    }
}

fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap();
    let program = folder.join("examples").join(name);
    assert!(
        program.exists(),
        "build it first: cargo build -p sinew-safety --examples"
    );
    program
}

impl Robot {
    /// A robot that drives, and knows how it will fail.
    pub(crate) fn driving(way: &str) -> Self {
        Self::started(&["robot", way], Arc::new(tempfile::tempdir().unwrap())).that_drives()
    }

    /// The same, with a motor controller on a serial port.
    pub(crate) fn at_a_port(way: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let controller = Controller::in_folder(folder.path());
        let mut robot = Self::started(&["robot", way], folder);
        robot.controller = Some(controller);
        robot.that_drives()
    }

    /// The same, whose left motor is ramped down when it dies.
    pub(crate) fn that_ramps() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("ramps"), "").unwrap();
        let mut robot = Self::started(&["robot", "drive"], folder);
        robot.lines[..3].iter_mut().for_each(|line| line.safe = 0.0);
        robot.that_drives()
    }

    /// The duties of the left motor since it was last asked, the end of its brake left out.
    pub(crate) fn left_duties(&mut self) -> Vec<f64> {
        std::mem::take(&mut self.lines[0].told)
    }

    /// One without a guardian.
    pub(crate) fn without_guardian() -> Self {
        Self::started(&["bare"], Arc::new(tempfile::tempdir().unwrap())).that_drives()
    }

    /// One without a guardian, under the simplest watch there is, as first among all processes; and its process number.
    pub(crate) fn under_a_bare_loop() -> (Self, Pid) {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut watch = Self::started_by(&["chrt", "-f", "95"], &["loop"], folder);
        // Both write to the same pipe; the robot drives once it is known.
        let mut robot = None;
        let mut drives = false;
        while robot.is_none() || !drives {
            let line = watch.line();
            match line.strip_prefix("child ") {
                Some(number) => robot = Pid::from_raw(number.parse().unwrap()),
                None => {
                    assert_eq!(line, "drives", "{}", watch.complaints());
                    drives = true;
                }
            }
        }
        watch.until("its motors turn", Self::moves);
        (watch, robot.unwrap())
    }

    /// One in the folder of another, which is gone.
    pub(crate) fn after(other: &Self) -> Self {
        Self::started(&["robot"], Arc::clone(&other.folder))
    }

    fn started(words: &[&str], folder: Arc<tempfile::TempDir>) -> Self {
        // Whoever runs the tests may have some signals ignored, and that is inherited. To write a core takes longer than a lease on
        // a machine with other work, and would be a hang.
        let by = ["prlimit", "--core=0", "env", "--default-signal"];
        Self::started_by(&by, words, folder)
    }

    fn started_by(by: &[&str], words: &[&str], folder: Arc<tempfile::TempDir>) -> Self {
        let lines = LINES.map(|(name, safe)| Line::new(folder.path(), name, safe));
        let mut process = Command::new(by[0])
            .args(&by[1..])
            .arg(program("guarded"))
            .arg(words[0])
            .arg(folder.path())
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(
                File::create(folder.path().join("stderr")).unwrap(),
            ))
            .spawn()
            .unwrap();
        Self {
            says: lines_of(process.stdout.take().unwrap()),
            hears: process.stdin.take().unwrap(),
            folder,
            lines: lines.into(),
            controller: None,
            turned: Instant::now(),
            process,
        }
    }

    fn that_drives(mut self) -> Self {
        assert_eq!(self.line(), "drives", "{}", self.complaints());
        self.until("its motors turn", |robot| robot.moves());
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote to its standard error.
    pub(crate) fn complaints(&self) -> String {
        std::fs::read_to_string(self.folder().join("stderr")).unwrap_or_default()
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let line = self.says.recv_timeout(patience());
        line.unwrap_or_else(|_| format!("nothing, and complains: {}", self.complaints()))
    }

    /// Lets it fail in its way.
    pub(crate) fn tell(&mut self) {
        self.hears.write_all(b"now\n").unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, signal).unwrap();
    }

    /// Its own process number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The process number of its guardian, its only child.
    pub(crate) fn guardian(&self) -> Pid {
        let pid = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let guardian = children.split_whitespace().next().unwrap();
        Pid::from_raw(guardian.parse().unwrap()).unwrap()
    }

    pub(crate) fn look(&mut self) {
        self.lines.iter_mut().for_each(Line::look);
        let turns = |lines: &[Line]| {
            let [pwm, forward, backward] = [0, 1, 2].map(|line| lines[line].shows);
            pwm > Some(0.0) && forward != backward
        };
        let mut turning = turns(&self.lines[..3]) || turns(&self.lines[3..]);
        if let Some(controller) = &mut self.controller {
            controller.motors.iter_mut().for_each(Line::look);
            turning |= !controller.stands();
        }
        if turning {
            self.turned = Instant::now();
        }
    }

    /// Whether both motors turn.
    pub(crate) fn moves(&mut self) -> bool {
        self.look();
        let turns = |lines: &[Line]| {
            lines[0].shows.is_some_and(|duty| duty > 0.0 && duty < 1.0)
                && lines[1].shows == Some(1.0)
                && lines[2].shows == Some(0.0)
        };
        let on_port = self.controller.as_ref().is_none_or(Controller::moves);
        turns(&self.lines[..3]) && turns(&self.lines[3..]) && on_port
    }

    /// Whether the motors behind the port stand, if there are any.
    pub(crate) fn controller_stands(&mut self) -> bool {
        self.look();
        self.controller.as_ref().is_none_or(Controller::stands)
    }

    /// Whether each line of the left and of the right motor shows what is safe.
    pub(crate) fn safe(&mut self) -> [bool; 2] {
        self.look();
        let safe = |lines: &[Line]| lines.iter().all(|line| line.shows == Some(line.safe));
        [safe(&self.lines[..3]), safe(&self.lines[3..])]
    }

    /// When a motor was last seen to turn; looked at some ten times in a millisecond.
    pub(crate) const fn turned(&self) -> Instant {
        self.turned
    }

    /// Whether nobody is left who could write any line.
    pub(crate) fn is_abandoned(&mut self) -> bool {
        self.look();
        self.lines.iter().all(|line| line.is_closed)
    }

    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            let shows: Vec<_> = self.lines.iter().map(|line| line.shows).collect();
            assert!(
                start.elapsed() < patience(),
                "waited for: {what}; the lines show {shows:?}; it says: {}",
                self.complaints()
            );
            // Looked at so often that what is measured is not this loop.
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Waits until nobody can write any more, and checks that what was written last is safe.
    pub(crate) fn ends_safe(mut self) -> Self {
        self.until("both processes have ended", Self::is_abandoned);
        assert_eq!(self.safe(), [true, true]);
        let _ = self.process.wait();
        self.until("the controller's motors stand", Self::controller_stands);
        self
    }

    /// How many bytes stood before the last stop in the port.
    pub(crate) fn ahead_of_a_stop(&mut self) -> usize {
        let file = self.folder().join("ahead");
        let mut ahead = None;
        // The stand-in may be in the middle of writing it anew.
        self.until("the stand-in has told what came before the stop", |_| {
            let text = std::fs::read_to_string(&file);
            ahead = text.ok().and_then(|text| text.parse().ok());
            ahead.is_some()
        });
        ahead.expect("it was waited for")
    }

    /// For so long nothing tells a motor behind the port to move.
    pub(crate) fn stays_safe(&mut self, time: Duration) {
        let told = |robot: &Self| {
            let motors = robot.controller.iter().flat_map(|it| &it.motors);
            motors.map(|motor| motor.unsafe_records).sum::<u64>()
        };
        let (start, before) = (Instant::now(), told(self));
        while start.elapsed() < time {
            std::thread::sleep(Duration::from_millis(1));
            self.look();
        }
        assert_eq!(told(self), before, "a motor moved after it was safe");
        assert!(self.controller_stands());
    }

    /// What the guardian wrote about its last act.
    pub(crate) fn last_stop(&self) -> serde_json::Value {
        let path = self.folder().join(sinew_safety::guardian::LAST_STOP);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// How often the guardian allocated from the beginning of its watch to the robot's end.
    pub(crate) fn allocations(&self) -> u64 {
        let text = std::fs::read_to_string(self.folder().join("allocations")).unwrap();
        text.parse().unwrap()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }
}

/// What a process prints, line by line.
fn lines_of(printed: ChildStdout) -> Receiver<String> {
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(printed).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Drop for Robot {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
