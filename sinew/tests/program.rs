//! The programs of the example robots `toy` and `stubborn`, run as a user runs them.
#![allow(
    clippy::unwrap_used,
    reason = "in a test a failed step is a failed test"
)]

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A built example of this package; `cargo test -p sinew` builds them first.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        built.exists(),
        "build it first: cargo build -p sinew --examples"
    );
    built
}

/// An empty folder, so that no robot.toml of anybody is read; removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let folder =
            std::env::temp_dir().join(format!("sinew-program-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, name: &str, line: &str) -> Command {
        let mut command = Command::new(program(name));
        command.current_dir(&self.0).args(line.split_whitespace());
        // Each test its own socket: tests run side by side.
        command.env("XDG_RUNTIME_DIR", &self.0).env("NO_COLOR", "1");
        command
            .env_remove("STATE_DIRECTORY")
            .env_remove("INVOCATION_ID")
            .env("XDG_STATE_HOME", &self.0);
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command("toy", line).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", out(output)))
}

#[test]
fn json_is_one_object_with_the_promised_keys_and_everything_else_is_on_stderr() {
    let folder = Folder::new("json");
    let output = folder.run("--json --seconds 20 --seed 8 --picture p.svg");
    assert!(output.status.success(), "{}", err(&output));
    let object = json(&output);
    for key in [
        "seconds_simulated",
        "seconds_real",
        "distance_m",
        "coverage",
        "closest_approach_m",
        "collisions",
        "messages",
        "failures",
        "faults_injected",
        "seed",
        "trace_hash",
        "picture",
    ] {
        assert!(!object[key].is_null(), "{key} in {object}");
    }
    assert_eq!(object.as_object().unwrap().len(), 12);
    assert_eq!(
        (&object["seed"], &object["seconds_simulated"]),
        (&8.into(), &20.0.into())
    );
    assert!(
        object["distance_m"].as_f64().unwrap() > 0.5,
        "it drives: {object}"
    );
    assert!(err(&output).contains("simulated"));
    let picture = std::fs::read_to_string(folder.0.join("p.svg")).unwrap();
    assert!(picture.starts_with("<svg"));
}

#[test]
fn the_same_seed_gives_the_same_run_at_any_speed_and_another_seed_another() {
    let folder = Folder::new("seeds");
    let hash = |line: &str| json(&folder.run(line))["trace_hash"].clone();
    let first = hash("--json --seconds 5 --seed 3");
    assert_eq!(hash("run --json --seconds 5 --seed 3 --speed 100"), first);
    assert_ne!(hash("--json --seconds 5 --seed 4"), first);
}

#[test]
fn without_a_terminal_it_says_that_it_simulates_and_ends_with_a_summary_and_a_picture() {
    let folder = Folder::new("plain");
    let output = folder.run("--seconds 5 --picture here.svg");
    let text = out(&output);
    assert!(output.status.success());
    for part in [
        "all hardware is simulated",
        "the robot's defaults",
        "driven",
        "here.svg",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        !text.contains('\x1b'),
        "no control sequences without a terminal"
    );
}

#[test]
fn a_broken_configuration_is_told_whole_and_nothing_runs() {
    let folder = Folder::new("broken");
    folder.write(
        "robot.toml",
        "[sonar]\ntriger = \"GPIO4\"\necho = 5\n[timid]\nturn_at = \"far\"\n",
    );
    for line in ["check", "run --json", "--seconds 5"] {
        let output = folder.run(line);
        assert_eq!(output.status.code(), Some(1), "{line}");
        let told = err(&output);
        for part in [
            "robot.toml:2:1",
            "did you mean `trigger`?",
            "robot.toml:3:8",
            "robot.toml:5:11",
            "must be a number",
        ] {
            assert!(told.contains(part), "{line}: {part} is missing in\n{told}");
        }
        assert!(!out(&output).contains("driven"));
    }
    let object = json(&folder.run("check --json"));
    assert_eq!(object["ok"], false);
    assert_eq!(object["findings"].as_array().unwrap().len(), 3);
    assert_eq!(object["findings"][0]["line"], 2);
}

#[test]
fn a_sound_robot_passes_its_check_with_any_sound_file() {
    let folder = Folder::new("sound");
    let config = folder.write("other.toml", "[timid]\nturn_at = 0.8\n");
    let output = folder.run(&format!("check --config {}", config.display()));
    assert!(output.status.success(), "{}", err(&output));
    assert!(out(&output).contains("nothing wrong") && out(&output).contains("other.toml"));
}

#[test]
fn files_that_cannot_be_read_are_named_with_what_to_do() {
    let folder = Folder::new("unreadable");
    for (line, name) in [
        ("--config no.toml", "no.toml"),
        ("check --world no.world", "no.world"),
        ("--world .", "world file"),
    ] {
        let output = folder.run(line);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            err(&output).contains(name) && err(&output).contains("help:"),
            "{}",
            err(&output)
        );
    }
    std::fs::write(folder.0.join("robot.toml"), b"[sonar]\n\xff\xfe").unwrap();
    assert!(err(&folder.run("check")).contains("not UTF-8 text: see line 2"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_never_ends_is_read_up_to_the_limit_only() {
    let folder = Folder::new("endless");
    for line in ["check --config /dev/zero", "check --world /dev/zero"] {
        let output = folder.run(line);
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains("longer than the limit of 1048576 bytes"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_told_and_no_success() {
    let folder = Folder::new("full");
    for line in ["graph", "--seconds 1 --json"] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = folder.command("toy", line).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains("cannot write to standard output"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn in_a_service_the_guardian_is_another_unit_and_nobody_types_an_allowance() {
    let folder = Folder::new("service");
    for (line, part) in [
        ("--board linux", "a unit of its own"),
        (
            "--board linux --allow-simulated-inputs",
            "for a person at the robot",
        ),
    ] {
        let mut command = folder.command("toy", line);
        command.env("INVOCATION_ID", "0").stdin(Stdio::null());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(err(&output).contains(part), "{line}: {}", err(&output));
    }
}

#[test]
fn a_negative_number_is_refused_with_what_is_wanted() {
    let folder = Folder::new("negative");
    for line in ["--seconds -1", "--speed -1"] {
        let output = folder.run(line);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("such as"), "{}", err(&output));
    }
}

#[test]
fn the_graph_is_drawn_in_three_forms() {
    let folder = Folder::new("graph");
    assert!(out(&folder.run("graph")).contains("Twist ==> drive  lease 250 ms"));
    assert!(out(&folder.run("graph --format mermaid")).starts_with("flowchart LR\n"));
    assert!(folder.run("graph --svg --output g.svg").status.success());
    assert!(
        std::fs::read_to_string(folder.0.join("g.svg"))
            .unwrap()
            .contains("DifferentialDrive")
    );
}

#[test]
fn the_wiring_is_a_table_and_a_picture() {
    let folder = Folder::new("wiring");
    let text = out(&folder.run("wiring"));
    assert!(text.contains("PWM0 drive: left H-bridge, speed") && text.contains("dtoverlay=pwm"));
    let written = folder.run("wiring --format svg --output w.svg");
    assert!(written.status.success());
    let picture = std::fs::read_to_string(folder.0.join("w.svg")).unwrap();
    assert_eq!(picture.matches("<circle").count(), 40);
}

/// Which there are differs between computers; on the emulated Pi it is known.
#[test]
#[cfg(target_os = "linux")]
fn the_serial_ports_are_listed_or_there_are_none() {
    let folder = Folder::new("ports");
    let output = folder.run("ports");
    let (listed, told) = (out(&output), err(&output));
    match output.status.code() {
        Some(0) => assert!(listed.lines().all(|line| line.starts_with("/dev/"))),
        Some(1) => assert!(told.contains("no serial port now"), "{told}"),
        other => panic!("{other:?}: {listed}{told}"),
    }
}

#[test]
fn devices_are_tested_without_arming_and_what_is_wrong_is_told_with_its_remedy() {
    let folder = Folder::new("devices");
    let output = folder.run("test-devices --json");
    assert!(output.status.success(), "{}", err(&output));
    let report: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let devices = report["devices"].as_array().unwrap();
    let is_ok =
        |device: &serde_json::Value| device["simulated"] == true && device["wrong"].is_null();
    assert!(!devices.is_empty() && devices.iter().all(is_ok), "{report}");
    // No computer that runs tests has the chips of this robot, and its motors stay closed.
    let output = folder.run("test-devices --board linux --seconds 0.5 --report report.md");
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("WRONG  drive"), "{}", out(&output));
    let report = std::fs::read_to_string(folder.0.join("report.md")).unwrap();
    assert!(report.contains("| WRONG | drive: left H-bridge |") && report.contains("* kernel: "));
}

#[test]
fn a_real_board_refuses_motors_clearly_and_simulates_nothing() {
    let folder = Folder::new("real");
    for board in ["linux", "pi"] {
        let output = folder.run(&format!("--seconds 1 --board {board}"));
        assert_eq!(output.status.code(), Some(1));
        let told = err(&output);
        assert!(
            told.contains("no guardian") && told.contains("GPIO"),
            "{told}"
        );
        assert!(!out(&output).contains("simulated"), "{}", out(&output));
    }
}

#[test]
fn a_recording_changes_nothing_of_what_it_records() {
    let folder = Folder::new("tap");
    let hash = |more: &str| {
        let output = folder.run(&format!("--json --seconds 5 --picture p.svg {more}"));
        assert!(output.status.success(), "{}", err(&output));
        json(&output)["trace_hash"].clone()
    };
    let plain = hash("");
    assert!(plain.is_string());
    assert_eq!(hash("--vcd toy.vcd"), plain);
    assert!(std::fs::metadata(folder.0.join("toy.vcd")).unwrap().len() > 1_000);
}

#[test]
fn a_run_suffers_the_faults_of_a_file_and_says_what_is_wrong_with_it() {
    let folder = Folder::new("faults");
    let fault = "[[fault]]\nat_s = 2\nlasts_s = 1\nkind = \"hang\"\nnode = \"drive\"\n";
    folder.write("faults.toml", fault);
    let output = folder.run("--json --seconds 5 --faults faults.toml --picture p.svg");
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(json(&output)["faults_injected"], 1);
    for (text, part) in [
        (
            "[[fault]]\nkind = \"melt\"\n",
            "fault 1: unknown variant `melt`",
        ),
        (
            "[[fault]]\nkind = \"hang\"\nnode = \"wing\"\n",
            "no such node; there are",
        ),
        ("[[fault", "line 1"),
    ] {
        folder.write("faults.toml", text);
        let output = folder.run("--seconds 1 --faults faults.toml");
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(err(&output).contains(part), "{}", err(&output));
    }
    let output = folder.run("--seconds 1 --faults nowhere.toml");
    assert!(err(&output).contains("nowhere.toml"), "{}", err(&output));
}

#[test]
fn without_a_running_robot_ctl_says_so_and_exits_with_3() {
    let folder = Folder::new("nobody");
    let output = folder.run("ctl status --json");
    assert_eq!(output.status.code(), Some(3));
    assert!(out(&output).is_empty() && !err(&output).is_empty());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::process::{Child, Stdio};
    use std::time::Duration;

    /// A robot that runs beside the test; killed at its end, whatever happens.
    struct Running<'f>(Option<Child>, &'f Folder, &'static str);

    impl<'f> Running<'f> {
        fn start(folder: &'f Folder, name: &'static str, line: &str) -> Running<'f> {
            let mut command = folder.command(name, line);
            let child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let running = Running(Some(child), folder, name);
            running.wait_for(|status| status["seconds"].as_f64().unwrap() > 0.0);
            running
        }

        fn ctl(&self, action: &str) -> Output {
            self.1
                .command(self.2, &format!("ctl {action} --json"))
                .output()
                .unwrap()
        }

        /// Asks until its status is as wanted, for at most ten seconds.
        fn wait_for(&self, wanted: impl Fn(&Value) -> bool) -> Value {
            for _ in 0..500 {
                let output = self.ctl("status");
                if output.status.success() {
                    let status = json(&output)["status"].clone();
                    if wanted(&status) {
                        return status;
                    }
                }
                pause();
            }
            panic!("its status is {}", out(&self.ctl("status")));
        }

        fn signal(&self, signal: rustix::process::Signal) {
            let id = self.0.as_ref().unwrap().id();
            let process = rustix::process::Pid::from_raw(id as i32).unwrap();
            rustix::process::kill_process(process, signal).unwrap();
        }

        /// Waits for its end, for at most ten seconds.
        fn end(mut self) -> Output {
            let mut child = self.0.take().unwrap();
            for _ in 0..500 {
                if child.try_wait().unwrap().is_some() {
                    return child.wait_with_output().unwrap();
                }
                pause();
            }
            child.kill().unwrap();
            panic!(
                "it does not end: {}",
                err(&child.wait_with_output().unwrap())
            );
        }
    }

    impl Drop for Running<'_> {
        fn drop(&mut self) {
            if let Some(mut child) = self.0.take() {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }

    #[allow(clippy::disallowed_methods, reason = "waits for another process")]
    fn pause() {
        std::thread::sleep(Duration::from_millis(20));
    }

    #[test]
    fn a_signal_stops_a_run_in_order_and_it_still_sums_up() {
        use rustix::process::Signal;
        for (signal, name) in [(Signal::INT, "Ctrl-C"), (Signal::TERM, "SIGTERM")] {
            let folder = Folder::new(name);
            let robot = Running::start(
                &folder,
                "toy",
                "--json --seconds 1000 --speed 5 --picture p.svg",
            );
            robot.signal(signal);
            let output = robot.end();
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            assert!(
                err(&output).contains(&format!("stopped by {name}")),
                "{}",
                err(&output)
            );
            let seconds = json(&output)["seconds_simulated"].as_f64().unwrap();
            assert!(seconds > 0.0 && seconds < 999.0);
            assert!(folder.0.join("p.svg").exists());
            assert!(!folder.0.join("sinew-toy.sock").exists());
        }
    }

    #[test]
    fn ctl_explains_why_an_output_has_its_value() {
        let folder = Folder::new("explain");
        let robot = Running::start(&folder, "toy", "--seconds 1000 --speed 5");
        robot.wait_for(|status| status["motion"][0]["duty"] != 0.0);
        let explained = robot.ctl("explain left");
        assert!(explained.status.success(), "{}", out(&explained));
        let report = &json(&explained)["explanation"];
        assert_eq!(report["part"], "left H-bridge");
        assert_eq!(
            (&report["real"], &report["state"]),
            (&false.into(), &"armed".into())
        );
        assert_eq!(report["owner"], "drive");
        let command = &report["commands"][0];
        assert!(command["taken"].as_u64() > Some(0), "{report}");
        assert!(command["last_age_s"].is_number(), "{report}");
        assert_eq!(report["safe_actions"][0], "lease end: brake");
        assert!(robot.ctl("estop").status.success());
        let explained = robot.ctl("explain left");
        let report = &json(&explained)["explanation"];
        assert_eq!(
            (&report["state"], &report["duty"]),
            (&"e-stopped".into(), &0.0.into())
        );
        assert_eq!(report["last_safe"], "e-stop");
        assert!(report["refusals"][0].as_str().unwrap().contains("e-stop"));
        let which = json(&robot.ctl("explain"))["refusals"].to_string();
        assert!(which.contains("left H-bridge, right H-bridge"), "{which}");
        assert!(!robot.ctl("explain wing").status.success());
    }

    #[test]
    fn the_last_stop_is_told_whether_the_robot_runs_or_not() {
        let folder = Folder::new("last-stop");
        let output = folder.run("ctl last-stop");
        assert!(out(&output).starts_with("toy: no stop is noted: the guardian never had to act"));
        let state = folder.0.join("sinew/toy");
        std::fs::create_dir_all(&state).unwrap();
        let entry = r#"{"v":1,"why":"death","what":"the robot's process ended","unix_s":7,"robot_pid":3,"epoch":9,"took_us":120,"all_safe":true}"#;
        std::fs::write(state.join("last-stop"), entry).unwrap();
        let output = folder.run("ctl last-stop");
        assert!(out(&output).contains("within 120 us"), "{}", out(&output));
        let robot = Running::start(&folder, "toy", "--seconds 1000 --speed 5");
        let answer = json(&robot.ctl("last-stop"));
        assert_eq!(answer["last_stop"]["why"], "death");
        std::fs::write(state.join("last-stop"), "half an ent").unwrap();
        let output = folder.run("ctl last-stop");
        assert_eq!(output.status.code(), Some(1));
    }

    #[test]
    fn ctl_disarms_stops_refuses_and_arms_a_running_robot() {
        let folder = Folder::new("ctl");
        let robot = Running::start(&folder, "toy", "--seconds 1000 --speed 5");
        let status = robot.wait_for(|status| {
            status["motion"][0]["duty"] != 0.0 || status["motion"][1]["duty"] != 0.0
        });
        assert_eq!(
            (&status["simulated"], &status["armed"]),
            (&true.into(), &true.into())
        );
        assert!(robot.ctl("disarm").status.success());
        let rests = |status: &Value| {
            status["motion"]
                .as_array()
                .unwrap()
                .iter()
                .all(|output| output["duty"] == 0.0)
        };
        let status = robot.wait_for(|_| true);
        assert!(status["armed"] == false && rests(&status), "{status}");
        assert!(robot.ctl("estop").status.success());
        let refused = robot.ctl("arm");
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            json(&refused)["refusals"][0]
                .as_str()
                .unwrap()
                .contains("reset")
        );
        assert!(robot.ctl("reset").status.success() && robot.ctl("arm").status.success());
        robot.wait_for(|status| status["armed"] == true && !rests(status));
        let text = folder.command("toy", "ctl status").output().unwrap();
        assert!(
            out(&text).starts_with("toy: simulated hardware, armed"),
            "{}",
            out(&text)
        );
    }

    #[test]
    fn the_estop_and_a_second_signal_work_while_a_handler_never_returns() {
        use rustix::process::Signal;
        let folder = Folder::new("stubborn");
        let robot = Running::start(&folder, "stubborn", "--seconds 1000 --speed 5");
        // It hangs at 0.6 s of its own time, with the wheels turning.
        let hangs = |status: &Value| status["seconds"].as_f64().unwrap() >= 0.599;
        robot.wait_for(hangs);
        let turning = robot.wait_for(hangs);
        assert!(
            turning["motion"][0]["duty"].as_f64().unwrap() > 0.0,
            "{turning}"
        );
        assert!(robot.ctl("estop").status.success());
        let status = robot.wait_for(|_| true);
        assert_eq!(
            (&status["estopped"], &status["motion"][0]["duty"]),
            (&true.into(), &0.0.into())
        );
        robot.signal(Signal::INT);
        pause();
        assert!(
            robot.ctl("status").status.success(),
            "the first signal waits for the handler"
        );
        robot.signal(Signal::INT);
        let output = robot.end();
        assert_eq!(output.status.code(), Some(130));
        assert!(
            err(&output).contains("made safe: left H-bridge, right H-bridge"),
            "{}",
            err(&output)
        );
    }

    #[test]
    fn a_second_signal_alone_makes_the_outputs_safe() {
        use rustix::process::Signal;
        let folder = Folder::new("second");
        let robot = Running::start(&folder, "stubborn", "--seconds 1000 --speed 5");
        robot.wait_for(|status| status["seconds"].as_f64().unwrap() >= 0.599);
        robot.signal(Signal::TERM);
        pause();
        robot.signal(Signal::TERM);
        let output = robot.end();
        assert_eq!(output.status.code(), Some(143));
        assert!(
            err(&output).contains("made safe: left H-bridge"),
            "{}",
            err(&output)
        );
    }

    #[test]
    fn a_second_run_of_the_same_robot_leaves_the_first_ones_socket_alone() {
        let folder = Folder::new("two");
        let first = Running::start(&folder, "toy", "--seconds 1000 --speed 5");
        let second = folder.run("--json --seconds 1");
        assert!(second.status.success(), "{}", err(&second));
        assert!(
            err(&second).contains("does not reach this run"),
            "{}",
            err(&second)
        );
        assert!(first.ctl("status").status.success());
        let named = folder.run("--json --seconds 1 --socket sinew-toy.sock");
        assert_eq!(
            named.status.code(),
            Some(1),
            "a socket that was asked for is needed"
        );
    }

    #[test]
    fn a_socket_that_a_killed_robot_left_is_replaced() {
        let folder = Folder::new("killed");
        let robot = Running::start(&folder, "toy", "--seconds 1000 --speed 5");
        robot.signal(rustix::process::Signal::KILL);
        assert_eq!(robot.end().status.code(), None);
        assert!(folder.0.join("sinew-toy.sock").exists());
        let again = Running::start(&folder, "toy", "--seconds 1000 --speed 5");
        assert!(again.ctl("status").status.success());
    }

    /// A pseudo-terminal: its controlling end, and the path of the other.
    #[cfg(target_os = "linux")]
    fn terminal() -> (std::fs::File, String) {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        let device = ptsname(&controller, Vec::new())
            .unwrap()
            .into_string()
            .unwrap();
        (controller.into(), device)
    }

    /// One epoch as a receiver sends it (NMEA 0183: the checksum is the exclusive or of what stands between $ and *).
    #[cfg(target_os = "linux")]
    fn epoch(second: u32) -> String {
        let sentences = [
            format!("GPRMC,1235{second:02},A,4807.038,N,01131.000,E,022.4,084.4,230324,,"),
            format!("GPGGA,1235{second:02},4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"),
        ];
        let line = |text: &String| {
            format!(
                "${text}*{:02X}\r\n",
                text.bytes().fold(0, |sum, byte| sum ^ byte)
            )
        };
        sentences.iter().map(line).collect()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn one_real_port_on_a_simulated_robot_is_named_and_read_at_the_speed_of_the_world() {
        use std::io::Write;
        let folder = Folder::new("port");
        let (mut controller, device) = terminal();
        folder.write(
            "robot.toml",
            &format!("[board.ports]\ngnss = \"{device}\"\n"),
        );
        let robot = Running::start(&folder, "toy", "--json --seconds 1000");
        let fixes = |status: &Value| status["nodes"][2]["handled"].as_u64().unwrap();
        let status = robot.wait_for(|status| status["nodes"][1]["state"] == "running");
        assert_eq!(
            (&status["simulated"], &status["real"][0]),
            (&false.into(), &format!("gnss: {device}").into())
        );
        assert_eq!(fixes(&status), 0, "nothing is simulated on that port");
        for second in 10..15 {
            controller.write_all(epoch(second).as_bytes()).unwrap();
        }
        robot.wait_for(|status| fixes(status) >= 4);
        robot.signal(rustix::process::Signal::INT);
        let output = robot.end();
        assert!(
            err(&output).contains("all other hardware is simulated"),
            "{}",
            err(&output)
        );
        let object = json(&output);
        assert!(object["trace_hash"].is_null());
        let (simulated, real) = (
            object["seconds_simulated"].as_f64().unwrap(),
            object["seconds_real"].as_f64().unwrap(),
        );
        assert!(
            (simulated - real).abs() < 0.3,
            "{simulated} s took {real} s"
        );
    }

    /// Runs on a terminal of 80 columns, sends as many signals, and gives back the exit code and all that was shown.
    #[cfg(target_os = "linux")]
    fn watch(folder: &Folder, name: &str, line: &str, signals: usize) -> (Option<i32>, String) {
        use std::io::Read;
        let (mut controller, device) = terminal();
        let screen = std::fs::File::options()
            .read(true)
            .write(true)
            .open(&device)
            .unwrap();
        let child = folder
            .command(name, line)
            .env("TERM", "xterm")
            .stdout(screen.try_clone().unwrap())
            .stderr(screen)
            .spawn()
            .unwrap();
        let id = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
        let mut running = Running(
            Some(child),
            folder,
            if name == "toy" { "toy" } else { "stubborn" },
        );
        let mut shown = Vec::new();
        let mut sent = 0;
        let mut part = [0; 4096];
        // Reading ends with an error when nobody has the other end open any more.
        while let Ok(length) = controller.read(&mut part) {
            shown.extend_from_slice(&part[..length]);
            let frames = shown
                .windows(3)
                .filter(|window| window == b"\x1b[H")
                .count();
            if sent < signals && frames > 5 + 2 * sent {
                sent += 1;
                rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
            }
        }
        let code = running.0.take().unwrap().wait().unwrap().code();
        (code, String::from_utf8_lossy(&shown).into_owned())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn on_a_terminal_a_map_is_watched_at_ten_times_real_time_and_the_terminal_is_given_back() {
        let folder = Folder::new("map");
        for (line, signals) in [
            ("--seconds 5 --picture p.svg", 0),
            ("--seconds 1000 --picture p.svg", 1),
        ] {
            let (code, shown) = watch(&folder, "toy", line, signals);
            assert_eq!(code, Some(0), "{shown}");
            let (live, after) = shown.split_once("\x1b[?1049l").unwrap();
            assert!(
                live.contains("\x1b[?1049h")
                    && live.contains("all hardware is simulated, 10 times real time")
            );
            assert!(
                live.contains('⡇') && live.contains("m driven"),
                "there is a map"
            );
            assert!(
                after.contains("p.svg") && !after.contains("\x1b[?1049h"),
                "{after}"
            );
            assert_eq!(after.contains("stopped by Ctrl-C"), signals == 1);
        }
    }

    #[test]
    fn a_port_that_is_not_there_is_told_and_tried_again_while_the_rest_runs() {
        let folder = Folder::new("absent");
        folder.write(
            "robot.toml",
            "[board.ports]\ngnss = \"/dev/no-such-port\"\n",
        );
        let output = folder.run("--json --seconds 1 --seed 8");
        assert!(output.status.success(), "{}", err(&output));
        assert!(
            err(&output).contains("node \"gnss\" failed")
                && err(&output).contains("/dev/no-such-port"),
            "{}",
            err(&output)
        );
        assert!(json(&output)["distance_m"].as_f64().unwrap() > 0.0);
        let fast = folder.run("--seconds 1 --speed 10");
        assert_eq!(
            fast.status.code(),
            Some(1),
            "a real device keeps its own time"
        );
    }

    #[test]
    fn paths_are_made_and_kept_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new("private");
        let _robot = Running::start(&folder, "toy", "--seconds 1000 --speed 5");
        let mode =
            |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.0.join("sinew-toy.sock")), 0o600);
    }
}
