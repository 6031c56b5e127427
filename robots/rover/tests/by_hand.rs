//! The rover driven by hand, as a person does it: at a terminal, key by key.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "in a test a failed step is a failed test"
)]

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A folder for sockets and files, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let name = format!("rover-by-hand-{}-{test}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn rover(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rover"));
        command.args(line.split_whitespace()).current_dir(&self.0);
        command.env("XDG_RUNTIME_DIR", &self.0).env("NO_COLOR", "1");
        command
    }

    fn ask(&self, line: &str) -> Output {
        self.rover(line).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A program that is killed at the end, whatever happens.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A rover that runs beside the test.
fn running(folder: &Folder, line: &str) -> Program {
    let child = folder.rover(line).stdout(Stdio::null()).spawn().unwrap();
    let program = Program(child);
    for _ in 0..500 {
        if folder.ask("ctl status").status.success() {
            return program;
        }
        pause();
    }
    panic!("the rover does not answer");
}

#[allow(clippy::disallowed_methods, reason = "waits for another process")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// A program at a terminal: what it shows, and the keys.
struct Terminal {
    program: Program,
    keys: File,
    shown: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    #[allow(
        clippy::disallowed_methods,
        reason = "a terminal is read beside the test"
    )]
    fn open(mut command: Command) -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        let name = ptsname(&controller, Vec::new()).unwrap();
        let mut both_ways = File::options();
        both_ways.read(true).write(true);
        let device = both_ways.open(name.to_str().unwrap()).unwrap();
        command.stdin(device.try_clone().unwrap());
        command.stdout(device.try_clone().unwrap()).stderr(device);
        let program = Program(command.env("TERM", "xterm").spawn().unwrap());
        drop(command);
        let keys = File::from(controller);
        let mut screen = keys.try_clone().unwrap();
        let (tell, shown) = channel();
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            // It ends with an error when nobody has the other end open any more.
            while let Ok(length) = screen.read(&mut part) {
                if tell.send(part[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            program,
            keys,
            shown,
            seen: String::new(),
        }
    }

    /// Waits until this is shown, later than what was waited for before.
    fn wait_for(&mut self, wanted: &str) {
        let patience = Duration::from_secs(20);
        loop {
            if let Some(place) = self.seen.find(wanted) {
                self.seen.drain(..place + wanted.len());
                return;
            }
            let part = self.shown.recv_timeout(patience);
            let part = part.unwrap_or_else(|_| panic!("{wanted:?} is not in {:?}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&part));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    fn code(mut self) -> Option<i32> {
        self.program.0.wait().unwrap().code()
    }
}

#[test]
fn a_motor_turns_while_a_key_is_held_and_not_before_the_wheels_are_in_the_air() {
    let folder = Folder::new("jog");
    let mut terminal = Terminal::open(folder.rover("jog left"));
    terminal.wait_for("Type yes:");
    terminal.press("yes\n");
    terminal.wait_for("at rest (strength 10 %)");
    terminal.press("w");
    terminal.wait_for("left H-bridge: driven at +10 %");
    // Nobody says the key again: its lease ends.
    terminal.wait_for("at rest");
    terminal.press("++++++++++++");
    terminal.wait_for("strength 20 %");
    terminal.press("\x1b[B");
    terminal.wait_for("driven at -20 %");
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));

    let mut terminal = Terminal::open(folder.rover("jog left"));
    terminal.wait_for("Type yes:");
    terminal.press("y\n");
    terminal.wait_for("lift the wheels");
    assert_eq!(terminal.code(), Some(1));
    let mut terminal = Terminal::open(folder.rover("jog wheel"));
    terminal.wait_for("there are: left H-bridge, right H-bridge");
    assert_eq!(terminal.code(), Some(1));
}

#[test]
fn a_motor_of_a_real_board_is_refused_before_anybody_lifts_it() {
    let folder = Folder::new("real");
    let mut terminal = Terminal::open(folder.rover("jog left --board linux"));
    terminal.wait_for("guardian");
    assert_eq!(terminal.code(), Some(1));
}

#[test]
fn a_person_drives_through_the_keyboard_and_the_pilot_waits_to_be_given_it_back() {
    let folder = Folder::new("teleop");
    let _rover = running(&folder, "--seconds 1000 --speed 1");
    let mut terminal = Terminal::open(folder.rover("teleop"));
    terminal.wait_for("+0.00 m/s +0.00 rad/s, 50 %");
    terminal.press("a");
    terminal.wait_for("+0.00 m/s +1.00 rad/s");
    terminal.wait_for("+0.00 m/s +0.00 rad/s");
    // Nobody else drives meanwhile, and anybody may stop it.
    let other = Terminal::open(folder.rover("teleop"));
    assert_eq!(other.code(), Some(1));
    assert!(folder.ask("ctl estop").status.success());
    terminal.press("m");
    terminal.wait_for("reset");
    terminal.press("r");
    terminal.wait_for("reset: done");
    terminal.press("m");
    terminal.wait_for("arm: done");
    terminal.press("p");
    assert_eq!(terminal.code(), Some(0));
    let status = folder.ask("ctl status");
    let text = String::from_utf8(status.stdout).unwrap();
    assert!(text.contains("armed"), "{text}");
}

#[test]
fn a_parameter_is_changed_while_it_runs_and_kept_for_the_next_start() {
    let folder = Folder::new("set");
    let text = |output: Output| {
        let both = [output.stdout, output.stderr].concat();
        String::from_utf8(both).unwrap()
    };
    {
        let line = "--seconds 1000 --speed 1 --calibration calibration.toml";
        let _rover = running(&folder, line);
        let all = text(folder.ask("set"));
        assert!(all.contains("drive.left.trim = 1 (0.5 to 1)"), "{all}");
        let kept = text(folder.ask("set drive.left.trim 0.9 --save"));
        assert!(kept.contains("kept in calibration.toml"), "{kept}");
        let refused = folder.ask("set drive.left.trim 1.1");
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(refused).contains("0.5 to 1"));
    }
    let missing = folder.ask("check --calibration absent.toml");
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(missing).contains("absent.toml"));
    for no_number in ["nan", "1e999", "much"] {
        let refused = folder.ask(&format!("set drive.left.trim {no_number}"));
        assert_eq!(refused.status.code(), Some(2), "{no_number}");
    }
    let again = text(folder.ask("--seconds 1 --calibration calibration.toml"));
    assert!(again.contains("calibrated by calibration.toml"), "{again}");
    let _rover = running(&folder, "--seconds 1000 --speed 1");
    let lost = text(folder.ask("set drive.left.trim 0.9 --save"));
    assert!(
        lost.contains("not kept") && lost.contains("--calibration FILE"),
        "{lost}"
    );
}

#[test]
fn a_rover_whose_sonar_never_spoke_is_armed_by_nobody_and_says_why() {
    let folder = Folder::new("deaf");
    let faults = "[[fault]]\nat_s = 0.0\nkind = \"unplug\"\npart = \"sonar\"\n";
    std::fs::write(folder.0.join("faults.toml"), faults).unwrap();
    let why = "nothing came from \"sonar\" yet";
    {
        let _rover = running(&folder, "--seconds 600 --speed 1 --faults faults.toml");
        let refused = folder.ask("ctl arm");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1));
        assert!(told.contains(why), "{told}");
    }
    let ran = folder.ask("--seconds 2 --json --faults faults.toml --picture r.svg");
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(told.contains(&format!("it never armed: {why}")), "{told}");
}
