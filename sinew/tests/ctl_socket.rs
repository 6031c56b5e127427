//! The control socket over a real Unix socket: it answers everything, survives everything, and lets the e-stop in.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "in a test a failed step is a failed test"
)]

use sinew::ctl::Controls;
use sinew::ctl::client::{AskError, Session, ask, ask_for};
use sinew::ctl::protocol::{
    Action, Answer, ExplainReport, LastStopReport, NodeReport, ParameterReport, Request,
    StatusReport,
};
use sinew::ctl::server::{ServeError, Server};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A robot of switches.
#[derive(Default)]
struct Robot {
    armed: AtomicBool,
    estopped: AtomicBool,
    asked: AtomicUsize,
    trim: Mutex<f64>,
    driven: Mutex<Vec<(f64, f64)>>,
    /// Held by a test to make the runtime hang.
    runtime: Mutex<()>,
}

impl Controls for Robot {
    fn status(&self) -> StatusReport {
        let _runtime = self.runtime.lock();
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut status = StatusReport::default();
        status.robot = "toy".into();
        status.armed = self.armed.load(Ordering::SeqCst);
        status.estopped = self.estopped.load(Ordering::SeqCst);
        status.nodes = vec![NodeReport {
            name: "drive".into(),
            state: "running".into(),
            ..NodeReport::default()
        }];
        status
    }
    fn arm(&self) -> Result<(), Vec<String>> {
        if self.estopped.load(Ordering::SeqCst) {
            return Err(vec![
                "the e-stop is latched; reset it".into(),
                "no guardian".into(),
            ]);
        }
        self.armed.store(true, Ordering::SeqCst);
        Ok(())
    }
    fn disarm(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }
    fn estop(&self) {
        self.estopped.store(true, Ordering::SeqCst);
        self.armed.store(false, Ordering::SeqCst);
    }
    fn reset(&self) -> Result<(), String> {
        self.estopped.store(false, Ordering::SeqCst);
        Ok(())
    }
    fn drive(&self, x: f64, yaw: f64) -> Result<(), String> {
        self.driven.lock().unwrap().push((x, yaw));
        Ok(())
    }
    fn hand_back(&self) -> Result<(), String> {
        self.driven.lock().unwrap().clear();
        Ok(())
    }
    fn explain(&self, output: Option<&str>) -> Result<ExplainReport, String> {
        match output {
            Some("motor") => Ok(ExplainReport::default()),
            _ => Err("which motion output? There are: motor".to_owned()),
        }
    }

    fn last_stop(&self) -> Result<Option<LastStopReport>, String> {
        Ok(None)
    }

    fn parameters(&self) -> Vec<ParameterReport> {
        vec![ParameterReport {
            name: "drive.trim".into(),
            value: *self.trim.lock().unwrap(),
            initial: 1.0,
            low: 0.5,
            high: 1.0,
        }]
    }
    fn set_parameter(&self, name: &str, value: f64, save: bool) -> Result<Option<String>, String> {
        if name != "drive.trim" {
            return Err(format!("no parameter is called {name:?}"));
        }
        *self.trim.lock().unwrap() = value;
        Ok(save.then(|| "/state/calibration.toml".into()))
    }
}

/// A folder of its own for each test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let folder =
            PathBuf::from("/tmp").join(format!("sinew-test-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
    fn socket(&self) -> PathBuf {
        self.0.join("toy.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(folder: &Folder) -> (Arc<Robot>, Server) {
    let robot = Arc::new(Robot::default());
    let server = Server::start(&folder.socket(), robot.clone()).unwrap();
    (robot, server)
}

fn connect(folder: &Folder) -> BufReader<UnixStream> {
    let stream = UnixStream::connect(folder.socket()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    BufReader::new(stream)
}

fn raw(stream: &mut BufReader<UnixStream>, request: &[u8]) -> Answer {
    stream.get_mut().write_all(request).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_robot_is_armed_stopped_refused_reset_and_armed_again() {
    let folder = Folder::new("journey");
    let (robot, server) = start(&folder);
    let ask = |action| ask(server.path(), action).unwrap();
    let status = || ask(Action::Status).status.unwrap();
    assert_eq!(status().nodes[0].name, "drive");
    assert!(ask(Action::Arm).ok && status().armed);
    assert!(ask(Action::Estop).ok);
    assert!(!status().armed && status().estopped);
    let refused = ask(Action::Arm);
    assert!(!refused.ok);
    assert_eq!(
        refused.refusals,
        ["the e-stop is latched; reset it", "no guardian"]
    );
    assert!(ask(Action::Reset).ok && ask(Action::Arm).ok);
    assert!(ask(Action::Disarm).ok);
    assert!(!robot.armed.load(Ordering::SeqCst));
}

#[test]
fn the_estop_does_not_wait_for_a_runtime_that_hangs() {
    let folder = Folder::new("hang");
    let (robot, server) = start(&folder);
    robot.armed.store(true, Ordering::SeqCst);
    let hang = robot.runtime.lock().unwrap();
    let mut stuck = connect(&folder);
    stuck
        .get_mut()
        .write_all(b"{\"v\":1,\"do\":\"status\"}\n")
        .unwrap();
    assert!(ask(server.path(), Action::Estop).unwrap().ok);
    assert!(robot.estopped.load(Ordering::SeqCst) && !robot.armed.load(Ordering::SeqCst));
    drop(hang);
}

#[test]
fn garbage_is_answered_and_the_next_line_is_served() {
    let folder = Folder::new("garbage");
    let (_robot, _server) = start(&folder);
    let mut stream = connect(&folder);
    for garbage in [
        &b"\n"[..],
        b"hello\n",
        b"\xff\x00\xfe\n",
        b"{\"v\":1,\"do\":\"dance\"}\n",
        b"{\"v\":7,\"do\":\"arm\"}\n",
        b"[[[[[[\n",
    ] {
        let answer = raw(&mut stream, garbage);
        assert!(
            !answer.ok && answer.error.is_some(),
            "{garbage:?}: {answer:?}"
        );
    }
    assert!(raw(&mut stream, b"{\"v\":1,\"do\":\"status\"}\n").ok);
}

#[test]
fn a_line_without_end_is_cut_off_at_its_limit() {
    let folder = Folder::new("endless");
    let (_robot, server) = start(&folder);
    let mut stream = connect(&folder);
    // The server may close while this is being written.
    let _ = stream.get_mut().write_all(&vec![b'x'; 5000]);
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.contains("at most 4096 bytes"), "{answer:?}");
    assert!(ask(server.path(), Action::Status).unwrap().ok);
}

#[test]
fn a_hundred_silent_connections_do_not_keep_the_estop_out() {
    let folder = Folder::new("crowd");
    let (robot, server) = start(&folder);
    let crowd: Vec<_> = (0..100)
        .map(|_| UnixStream::connect(folder.socket()).unwrap())
        .collect();
    assert!(ask(server.path(), Action::Estop).unwrap().ok);
    assert!(robot.estopped.load(Ordering::SeqCst));
    drop(crowd);
}

#[test]
fn the_oldest_of_too_many_connections_is_closed() {
    let folder = Folder::new("oldest");
    let (_robot, _server) = start(&folder);
    let mut oldest = connect(&folder);
    assert!(raw(&mut oldest, b"{\"v\":1,\"do\":\"status\"}\n").ok);
    let mut others: Vec<_> = (0..16).map(|_| connect(&folder)).collect();
    for stream in &mut others {
        assert!(raw(stream, b"{\"v\":1,\"do\":\"status\"}\n").ok);
    }
    assert_eq!(oldest.read(&mut [0]).unwrap(), 0, "its end has come");
}

#[test]
fn only_its_owner_may_open_it_and_it_is_gone_with_its_robot() {
    let folder = Folder::new("mode");
    let (_robot, server) = start(&folder);
    let mode = std::fs::metadata(folder.socket())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(server);
    assert!(!folder.socket().exists());
    assert!(matches!(
        ask(&folder.socket(), Action::Status),
        Err(AskError::NotRunning { .. })
    ));
}

#[test]
fn a_socket_left_behind_is_replaced_and_a_live_one_is_not() {
    let folder = Folder::new("stale");
    drop(UnixListener::bind(folder.socket()).unwrap());
    assert!(
        folder.socket().exists(),
        "a dead listener leaves its socket"
    );
    let (_robot, server) = start(&folder);
    assert!(ask(server.path(), Action::Status).unwrap().ok);
    let second = Server::start(&folder.socket(), Arc::new(Robot::default()));
    assert!(matches!(second, Err(ServeError::InUse { .. })));
    assert!(
        ask(server.path(), Action::Status).unwrap().ok,
        "the first still serves"
    );
}

#[test]
fn a_live_socket_of_somebody_else_and_a_plain_file_are_left_alone() {
    let folder = Folder::new("foreign");
    let foreign = UnixListener::bind(folder.socket()).unwrap();
    let refused = Server::start(&folder.socket(), Arc::new(Robot::default()));
    assert!(matches!(refused, Err(ServeError::InUse { .. })));
    drop(foreign);
    let file = folder.0.join("notes.txt");
    std::fs::write(&file, "mine").unwrap();
    let refused = Server::start(&file, Arc::new(Robot::default()));
    assert!(matches!(refused, Err(ServeError::NotASocket { .. })));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn a_path_that_no_socket_can_have_is_refused_by_its_length() {
    let long = PathBuf::from(format!("/tmp/{}", "a".repeat(120)));
    let refused = Server::start(&long, Arc::new(Robot::default()));
    assert!(matches!(
        refused,
        Err(ServeError::TooLong { length: 125, .. })
    ));
}

#[test]
fn a_parameter_is_listed_changed_and_kept() {
    let folder = Folder::new("parameter");
    let (_robot, server) = start(&folder);
    let ask = |request: Request| ask_for(server.path(), &request).unwrap();
    let changed = ask(Request::set("drive.trim", 0.9, true));
    assert!(changed.ok && changed.parameters[0].value == 0.9);
    assert_eq!(changed.kept.as_deref(), Some("/state/calibration.toml"));
    let listed = ask(Request::parameters());
    assert!(listed.ok && listed.parameters == changed.parameters && listed.kept.is_none());
    let refused = ask(Request::set("drive.trom", 0.9, false));
    assert!(!refused.ok && refused.refusals[0].contains("drive.trom"));
    let mut incomplete = Request::set("drive.trim", 0.9, false);
    incomplete.value = None;
    let error = ask(incomplete).error.unwrap();
    assert!(error.contains("needs its name and a value"), "{error}");
    let mut strange = Request::new(Action::Estop);
    strange.parameter = Some("drive.trim".into());
    let error = ask(strange).error.unwrap();
    assert!(error.contains("only `set` takes a parameter"), "{error}");
}

#[test]
fn one_connection_drives_at_a_time_and_the_e_stop_is_everybodys() {
    let folder = Folder::new("drive");
    let (robot, server) = start(&folder);
    let mut first = Session::open(server.path()).unwrap();
    let mut second = Session::open(server.path()).unwrap();
    assert!(first.ask(&Request::drive(0.2, -1.0)).unwrap().ok);
    assert!(first.ask(&Request::drive(0.3, 0.0)).unwrap().ok);
    assert_eq!(*robot.driven.lock().unwrap(), [(0.2, -1.0), (0.3, 0.0)]);
    for request in [Request::drive(1.0, 0.0), Request::new(Action::Handback)] {
        let refused = second.ask(&request).unwrap();
        assert!(!refused.ok && refused.refusals[0].contains("somebody else"));
    }
    assert!(second.ask(&Request::new(Action::Estop)).unwrap().ok);
    assert!(first.ask(&Request::new(Action::Handback)).unwrap().ok);
    assert!(robot.driven.lock().unwrap().is_empty());
    assert!(
        second.ask(&Request::drive(1.0, 0.0)).unwrap().ok,
        "it is free"
    );
    let error = first
        .ask(&Request::new(Action::Drive))
        .unwrap()
        .error
        .unwrap();
    assert!(error.contains("needs x in m/s"), "{error}");
}
