//! `guard`: the guardian process, for a unit of its own or as a child of `run`.

use crate::arguments::GuardArguments;
use crate::config::RobotConfig;
use crate::robot::Robot;

#[cfg(not(target_os = "linux"))]
pub(super) fn run<C: RobotConfig>(_: Robot<C>, _: &GuardArguments) -> Result<(), u8> {
    crate::out::error("the guardian needs Linux; there are no real outputs to guard here");
    Err(super::WRONG)
}

#[cfg(target_os = "linux")]
pub(super) use linux::run;

#[cfg(target_os = "linux")]
mod linux {
    use super::super::{WRONG, count, tell};
    use super::{GuardArguments, Robot, RobotConfig};
    use crate::board::{GuardianParts, claim_for_guardian};
    use crate::check::{Files, check};
    use crate::config::calibration;
    use crate::ctl::path;
    use crate::guard::claimed;
    use crate::out;
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use sinew_safety::guardian::{Guardian, Progress, Settings, Why, refuse};
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// How many robots may wait at the door: one.
    const WAITING: i32 = 1;

    pub(in super::super) fn run<C: RobotConfig>(
        robot: Robot<C>,
        arguments: &GuardArguments,
    ) -> Result<(), u8> {
        if arguments.child {
            // Why it does not guard was told to the robot, which tells the person.
            return guard_parent(robot, arguments).map_err(|_| WRONG);
        }
        guard_all(robot, arguments).map_err(|why| {
            out::error(&why);
            WRONG
        })
    }

    /// Guards the process that started this one, over the socket that it left as the standard input.
    fn guard_parent<C: RobotConfig>(
        robot: Robot<C>,
        arguments: &GuardArguments,
    ) -> Result<(), String> {
        let socket = io::stdin().as_fd().try_clone_to_owned();
        let socket = socket.map_err(|error| format!("the robot's socket is gone: {error}"))?;
        // A session of its own: what ends the terminal's does not end this one. It leads none yet, for it was just started.
        let _ = rustix::process::setsid();
        let told = signals().inspect_err(|why| refuse(socket.as_fd(), why))?;
        let set_up = prepared(robot, arguments);
        let mut guardian = set_up.inspect_err(|why| refuse(socket.as_fd(), why))?;
        let door =
            Door::open(robot.name, arguments).inspect_err(|why| refuse(socket.as_fd(), why))?;
        guardian.ask_for_privileges();
        guardian.admit(socket).map_err(|error| error.to_string())?;
        while !told.load(Ordering::Acquire)
            && guardian.turn(Some(door.1.as_fd())) == Progress::Watches
        {}
        if guardian.has_acted() && !told.load(Ordering::Acquire) {
            say(&format!(
                "{}: {}. The guardian (process {}) made the motion outputs safe and holds them until the robot is started again; \
                 without it nobody does: lift the robot or cut its motors' supply before you end it (kill {})",
                robot.name,
                guardian.last().map_or("it ended", Why::sentence),
                std::process::id(),
                std::process::id(),
            ));
            // It is the next robot's guardian as well, until one leaves in order.
            while !told.load(Ordering::Acquire) && !guardian.was_left() {
                guardian.turn(Some(door.1.as_fd()));
            }
        }
        drop(door);
        conclude(robot.name, guardian);
        Ok(())
    }

    /// Guards whichever process of the robot comes, one after the other, until it is told to end.
    fn guard_all<C: RobotConfig>(
        robot: Robot<C>,
        arguments: &GuardArguments,
    ) -> Result<(), String> {
        let told = signals()?;
        let mut guardian = prepared(robot, arguments)?;
        let door = Door::open(robot.name, arguments)?;
        out::note(&format!(
            "{}: the guardian holds the motion outputs, and waits for the robot at {}",
            robot.name,
            door.0.display()
        ));
        guardian.ask_for_privileges();
        while !told.load(Ordering::Acquire) {
            guardian.turn(Some(door.1.as_fd()));
        }
        drop(door);
        conclude(robot.name, guardian);
        Ok(())
    }

    /// Says something, if the terminal takes it now: one that was stopped (Ctrl-S) must not hold the guardian.
    fn say(text: &str) {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let errors = io::stderr();
        let mut files = [PollFd::new(&errors, PollFlags::OUT)];
        if poll(&mut files, Some(&now)).is_ok() && files[0].revents().contains(PollFlags::OUT) {
            out::note(text);
        }
    }

    /// Ends the watch, and says what it did.
    fn conclude(robot: &str, guardian: Guardian) {
        if let Some(why) = guardian.end() {
            say(&format!(
                "{robot}: the guardian made the motion outputs safe: {}",
                why.sentence()
            ));
        }
    }

    /// SIGTERM ends it; what a terminal sends does not.
    fn signals() -> Result<Arc<AtomicBool>, String> {
        let told = Arc::new(AtomicBool::new(false));
        let ignored = Arc::new(AtomicBool::new(false));
        for (signal, flag) in [(SIGTERM, &told), (SIGINT, &ignored), (SIGHUP, &ignored)] {
            signal_hook::flag::register(signal, Arc::clone(flag))
                .map_err(|error| format!("cannot listen for signals: {error}"))?;
        }
        Ok(told)
    }

    /// A guardian that holds the outputs of this robot, as its configuration says.
    fn prepared<C: RobotConfig>(
        robot: Robot<C>,
        arguments: &GuardArguments,
    ) -> Result<Guardian, String> {
        let files = Files {
            config: arguments.config.as_deref(),
            calibration: arguments.calibration.as_deref(),
            makes_calibration: true,
            board: arguments.board,
            ..Files::default()
        };
        let checked = check(robot, files);
        if !checked.findings.is_empty() {
            tell(&checked.findings);
            let number = count(checked.findings.len(), "finding");
            return Err(format!("nothing is guarded: {number} in its configuration"));
        }
        let loaded = checked.loaded;
        let backend = arguments.board.unwrap_or(loaded.board.backend);
        let board = claimed(robot, backend, &loaded).map_err(|error| error.to_string())?;
        let parts = claim_for_guardian(&board, &loaded.board).map_err(|error| error.to_string())?;
        let settings = settings(robot.name, &parts)?;
        Guardian::new(&board, settings).map_err(|error| error.to_string())
    }

    fn settings(robot: &str, parts: &GuardianParts) -> Result<Settings, String> {
        let mut settings = Settings::default();
        settings.state = Some(state(robot)?);
        let desk = path::estop(robot);
        path::prepare_folder(&desk).map_err(|error| error.to_string())?;
        settings.desk = Some(desk);
        if let Some((claim, closed)) = &parts.switch {
            let line = claim.open().map_err(|error| error.to_string())?;
            settings.switch = Some((line, *closed));
        }
        if let Some(claim) = &parts.heartbeat {
            settings.heartbeat = Some(claim.open().map_err(|error| error.to_string())?);
        }
        Ok(settings)
    }

    /// The robot's state folder, made if need be.
    fn state(robot: &str) -> Result<PathBuf, String> {
        let folder = calibration::state_of(robot).ok_or_else(|| {
            "there is no place for the e-stop's latch: set $HOME, or $STATE_DIRECTORY as systemd does with StateDirectory="
                .to_owned()
        })?;
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        Ok(folder)
    }

    /// Where a robot comes in. Dropping it removes its socket.
    struct Door(PathBuf, OwnedFd);

    impl Door {
        fn open(robot: &str, arguments: &GuardArguments) -> Result<Self, String> {
            let path = arguments.socket.clone();
            let path = path.unwrap_or_else(|| path::guardian(robot));
            match door(&path) {
                Ok(socket) => Ok(Self(path, socket)),
                Err(error) => Err(format!(
                    "cannot serve the guardian's socket {}: {error}; name another place with --socket PATH",
                    path.display()
                )),
            }
        }
    }

    impl Drop for Door {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn door(path: &Path) -> io::Result<OwnedFd> {
        path::prepare_folder(path)?;
        // A guardian that lives holds the outputs, and this one would not have come so far.
        let _ = std::fs::remove_file(path);
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let door =
            rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        rustix::net::bind(&door, &SocketAddrUnix::new(path)?)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, mode)?;
        rustix::net::listen(&door, WAITING)?;
        Ok(door)
    }
}
