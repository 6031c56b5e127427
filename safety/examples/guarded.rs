//! A robot and its guardian, two processes, over lines that are pipes: what the tests kill in every way.
//!
//! ```text
//! guarded robot FOLDER [WAY]     drives two motors without end, or fails in some way once it was told to; `strict`: only under a
//!                                guardian that has every privilege
//! guarded bare FOLDER            the same without a guardian: what happens then
//! guarded loop FOLDER            that robot, and the simplest watch there is: wait for its end, write what is safe
//! guarded guardian FOLDER        is started by the robot
//! guarded look FOLDER            what stands in the registers of the chip
//! ```
//!
//! The way `again` drives without end as well, and arms again when the robot was disarmed, as a person would on a machine whose other work
//! keeps a guardian from its turn.
//!
//! Where FOLDER has a link `motors` to a serial port (see `controller.rs`), two more motors are driven through it; the way `flood`
//! does so too, and fills the port with commands, past everything that keeps a robot from it.
//!
//! Where FOLDER has a file `bus` with the number of an I2C bus, two more motors are registers of the DS1338 at 0x68, whose memory
//! is a chip with registers and nothing else: what was written there last can be seen, and nothing turns.
//!
//! Where FOLDER has a file `ramps`, the left motor must not stop at once when the robot dies.
//!
//! FOLDER has a named pipe for each line, of which somebody holds the other end. The robot prints a line when its motors
//! turn, reads a line, and then fails in the given way.
#![allow(
    clippy::print_stdout,
    reason = "a program that is asked by others, on its standard output"
)]

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the guardian needs Linux");
}

#[cfg(target_os = "linux")]
#[global_allocator]
static COUNTED: counted::Counted = counted::Counted;

/// Counts what is allocated, so that the guardian can be held to allocating nothing.
#[cfg(target_os = "linux")]
mod counted {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::sync::atomic::{AtomicU64, Ordering};

    pub(super) static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

    pub(super) struct Counted;

    // SAFETY: all is the system's own allocator, and counting changes nothing of it.
    #[allow(unsafe_code, reason = "an allocator that counts")]
    unsafe impl GlobalAlloc for Counted {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            // SAFETY: as the caller of this promises.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            // SAFETY: as the caller of this promises.
            unsafe { System.dealloc(at, layout) }
        }
    }
}

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    guarded::main()
}

#[cfg(target_os = "linux")]
mod guarded {
    use sinew_board::backend::{
        Encoding, Gpio, InputLine, InputLines, OutputLine, Pwm, PwmLine, Wire,
    };
    use sinew_board::{
        Applied, Backends, Board, BoardError, Bridge, BridgeClaim, BridgePins, Burst, Cause, Duty,
        InputSettings, Level, MotionSafety, MotionWires, MotorChip, Pin, PwmChannel, ReadBack,
        Refused, SafeAction, linux,
    };
    use sinew_devices::RoboclawConfig;
    use sinew_messages::Hertz;
    use sinew_safety::guardian::{GuardLink, Guardian, Progress, Settings};
    use sinew_safety::{Allowances, Arming};
    use std::error::Error;
    use std::fs::OpenOptions;
    use std::io::{self, Write as _};
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    type Outcome<T = ()> = Result<T, Box<dyn Error>>;

    const LEASE: Duration = Duration::from_millis(100);
    const PERIOD: Duration = Duration::from_millis(5);

    /// Lines that are pipes in a folder.
    #[derive(Clone, Debug)]
    struct Pipes(PathBuf);

    impl Pipes {
        fn open(&self, name: &str) -> Result<Wire, BoardError> {
            let path = self.0.join(name);
            // Reading as well: a pipe whose reader comes later can be opened all the same.
            let mut options = OpenOptions::new();
            options.read(true).write(true);
            options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
            let file = options
                .open(&path)
                .map_err(|error| BoardError::Unavailable {
                    what: path.display().to_string(),
                    why: error.to_string(),
                })?;
            Ok(Wire::new(file.into(), Encoding::Record))
        }
    }

    fn only_wires<T>(what: impl ToString) -> Result<T, BoardError> {
        Err(BoardError::Unavailable {
            what: what.to_string(),
            why: "there are motion outputs only".to_owned(),
        })
    }

    impl Gpio for Pipes {
        fn input(&self, pin: Pin, _: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
            only_wires(pin)
        }
        fn inputs(&self, _: &[Pin], _: InputSettings) -> Result<Box<dyn InputLines>, BoardError> {
            only_wires("GPIO")
        }
        fn output(&self, pin: Pin, _: Level) -> Result<Box<dyn OutputLine>, BoardError> {
            only_wires(pin)
        }
        fn wire(&self, pin: Pin, _: Level) -> Result<Wire, BoardError> {
            self.open(&pin.to_string())
        }
    }

    impl Pwm for Pipes {
        fn channel(&self, channel: PwmChannel, _: Hertz) -> Result<Box<dyn PwmLine>, BoardError> {
            only_wires(channel)
        }
        fn wire(&self, channel: PwmChannel, _: Hertz) -> Result<Wire, BoardError> {
            self.open(&channel.to_string())
        }
    }

    fn board(folder: &Path) -> Board {
        let pipes = Arc::new(Pipes(folder.to_owned()));
        Board::new(Backends {
            name: "pipes",
            motion: pipes.clone(),
            pwm: pipes,
            ..linux::backends()
        })
    }

    /// Two motors: one brakes for every cause, which leaves its lines high; the other coasts, which leaves them low. And those
    /// behind the port, if there is one.
    fn motors(board: &Board, folder: &Path) -> Outcome<Vec<BridgeClaim>> {
        let pins = |pwm, forward, backward| BridgePins {
            pwm,
            forward,
            backward,
        };
        let safety = MotionSafety::new(LEASE)?;
        let causes = [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death];
        let coasting = causes.into_iter().fold(safety, |safety, cause| {
            safety.with(cause, SafeAction::Coast)
        });
        let ramping = if folder.join("ramps").exists() {
            safety.with(Cause::Death, SafeAction::Ramp)
        } else {
            safety
        };
        let left = pins(PwmChannel::PWM0, Pin::GPIO5, Pin::GPIO6);
        let right = pins(PwmChannel::PWM1, Pin::GPIO16, Pin::GPIO26);
        let mut motors = vec![
            board.bridge("left motor", left, ramping)?,
            board.bridge("right motor", right, coasting)?,
        ];
        if let Ok(port) = port(folder) {
            let mut at = RoboclawConfig::default();
            at.port = port;
            let controller = at.claim(board, "controller")?;
            motors.push(controller.motor("third motor", 1, safety)?);
            motors.push(controller.motor("fourth motor", 2, safety)?);
        }
        if let Ok(bus) = bus(folder) {
            let controller = board.motor_chip("chip", (bus, CHIP), Arc::new(Memory))?;
            motors.push(controller.motor("fifth motor", 1, safety)?);
            motors.push(controller.motor("sixth motor", 2, coasting)?);
        }
        Ok(motors)
    }

    /// A DS1338 (Maxim, "DS1338", table 2: RAM at 08h to 3Fh).
    const CHIP: u8 = 0x68;
    const RAM: u8 = 0x08;

    /// Two motors in a chip's memory: a register for how hard, one for each direction.
    #[derive(Debug)]
    struct Memory;

    impl Memory {
        fn of(motor: usize, values: &[u8]) -> Burst {
            let first = RAM + 3 * (motor as u8 - 1);
            Burst::of(first, values).unwrap_or_else(|| unreachable!("three are few"))
        }
    }

    impl MotorChip for Memory {
        fn motors(&self) -> usize {
            2
        }

        fn drive(&self, motor: usize, duty: Duty) -> Burst {
            let forward = u8::from(duty.ratio() > 0.0);
            let hard = (duty.magnitude() * 100.0) as u8;
            Self::of(motor, &[hard, forward, 1 - forward])
        }

        fn rest(&self, motor: usize, action: SafeAction) -> [Burst; 2] {
            let value = u8::from(action == SafeAction::Brake);
            [Self::of(motor, &[value]), Self::of(motor, &[value; 3])]
        }

        fn setup(&self) -> Vec<Burst> {
            let marked = Burst::of(SET_UP.register, &[SET_UP.value]);
            marked.into_iter().collect()
        }

        fn settles(&self) -> Duration {
            Duration::ZERO
        }

        fn shows(&self) -> &[ReadBack] {
            &[SET_UP]
        }
    }

    /// At the end of the memory.
    const SET_UP: ReadBack = ReadBack {
        register: 0x3F,
        mask: 0xFF,
        value: 0x5A,
    };

    fn bus(folder: &Path) -> Outcome<u8> {
        Ok(std::fs::read_to_string(folder.join("bus"))?
            .trim()
            .parse()?)
    }

    /// What the motors of the chip do.
    fn look(folder: &Path) -> Outcome {
        use embedded_hal::i2c::I2c as _;
        let claim = Board::new(linux::backends()).i2c("chip", bus(folder)?, CHIP)?;
        let mut values = [0; 6];
        claim.open()?.write_read(CHIP, &[RAM], &mut values)?;
        println!("{values:?}");
        Ok(())
    }

    /// The port of the controller.
    fn port(folder: &Path) -> io::Result<String> {
        let device = std::fs::read_link(folder.join("motors"))?;
        Ok(device.display().to_string())
    }

    pub(super) fn main() -> Outcome {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words[..] {
            ["guardian", folder] => guardian(Path::new(folder)),
            ["robot", folder] => robot(Path::new(folder), "drive"),
            ["robot", folder, way] => robot(Path::new(folder), way),
            ["bare", folder] => bare(Path::new(folder)),
            ["look", folder] => look(Path::new(folder)),
            ["loop", folder] => bare_loop(Path::new(folder)),
            _ => Err(
                "guarded robot FOLDER [WAY] | bare FOLDER | loop FOLDER | guardian FOLDER | look FOLDER".into(),
            ),
        }
    }

    fn guardian(folder: &Path) -> Outcome {
        use std::os::fd::AsFd as _;
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        let _ = rustix::process::setsid();
        let board = board(folder);
        motors(&board, folder)?;
        let mut settings = Settings::default();
        settings.state = Some(folder.to_owned());
        settings.desk = Some(folder.join("desk"));
        let mut guardian = Guardian::new(&board, settings)?;
        guardian.ask_for_privileges();
        guardian.admit(socket)?;
        let before = super::counted::ALLOCATIONS.load(Ordering::Relaxed);
        while guardian.turn(None) == Progress::Watches {}
        let after = super::counted::ALLOCATIONS.load(Ordering::Relaxed);
        std::fs::write(folder.join("allocations"), (after - before).to_string())?;
        Ok(())
    }

    fn robot(folder: &Path, way: &str) -> Outcome {
        let plan = board(folder);
        let plans = motors(&plan, folder)?;
        let plans: Vec<_> = plans.iter().map(|motor| motor.plan()).collect();
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("guardian").arg(folder);
        let (link, guarded) = GuardLink::start(command, &plans)?;
        let link = Arc::new(link);
        let board = board(folder).guarded_by(guarded);
        let motors = motors(&board, folder)?;
        let motors = motors.iter().map(BridgeClaim::open);
        let mut motors: Vec<Bridge> = motors.collect::<Result<_, _>>()?;
        watch(&link, &board);
        let mut allowances = Allowances::default();
        // A container may deny its root to spare a process, or to run it first.
        allowances.unprivileged_guardian = way != "strict";
        allowances.uncovered_bus = true;
        let arming = Arming::new(&board)
            .guarded_by(Arc::clone(&link))
            .allowing(allowances);
        arm(&arming)?;
        let floods = (way == "flood").then(|| port(folder)).transpose()?;
        // On a machine with other work a guardian, or a stand-in for a controller, may be kept from its turn, and the robot disarms: a
        // person would arm it again.
        let again = matches!(way, "again" | "flood").then_some(&arming);
        let told = drive_until_told(&board, &mut motors, floods.as_deref(), again)?;
        match way {
            "drive" | "again" | "flood" => loop {
                if let (Some(arming), false) = (again, board.safety().is_armed()) {
                    let _ = arming.arm();
                }
                drive(&board, &mut motors);
                #[allow(clippy::disallowed_methods, reason = "the motors turn in real time")]
                std::thread::sleep(PERIOD);
            },
            _ => fail(way, &told, &arming, &link),
        }
    }

    /// Fills a port with commands, and keeps it full.
    fn flood(port: &str) -> Outcome {
        let flags = (rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK).bits() as i32;
        let mut port = OpenOptions::new()
            .write(true)
            .custom_flags(flags)
            .open(port)?;
        std::thread::spawn(move || {
            let controller = sinew_chips::Roboclaw::at(0x80);
            let motors = [
                sinew_chips::roboclaw::Motor::M1,
                sinew_chips::roboclaw::Motor::M2,
            ];
            let mut commands = Vec::new();
            for motor in motors {
                let full = controller.map(|it| it.drive(motor, Duty::nearest(1.0)));
                commands.extend(full.iter().flat_map(|it| it.as_bytes()));
            }
            let commands = commands.repeat(100);
            loop {
                // What finds no room is lost, and the rest of it is no packet.
                let _ = port.write(&commands);
                #[allow(clippy::disallowed_methods, reason = "a port is filled in real time")]
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Ok(())
    }

    /// Arms, as a person does who tries again: a stand-in for hardware may be kept from its turn for a while.
    fn arm(arming: &Arming) -> Outcome {
        for _ in 0..20 {
            if arming.arm().is_ok() {
                return Ok(());
            }
            #[allow(clippy::disallowed_methods, reason = "a person takes real time")]
            std::thread::sleep(PERIOD);
        }
        arming.arm().map_err(|refusals| {
            let texts: Vec<_> = refusals.iter().map(ToString::to_string).collect();
            texts.join("; ").into()
        })
    }

    /// Fails, or leaves in order.
    fn fail(way: &str, told: &str, arming: &Arming, link: &GuardLink) -> Outcome {
        match way {
            "leave" => {
                arming.disarm();
                link.leave();
                Ok(())
            }
            "estop" => {
                arming.estop();
                let released = arming.reset().is_ok();
                println!("reset {released} {}", arming.state());
                wait()
            }
            "abort" => std::process::abort(),
            "panic" => panic!("{told}"),
            "exit" => std::process::exit(3),
            "memory" => std::alloc::handle_alloc_error(std::alloc::Layout::new::<u64>()),
            "fault" => fault(),
            "hog" => hog(),
            "thread" => {
                // A thread of a library that ends the process, while all others go on.
                std::thread::spawn(|| std::process::exit(4));
                wait()
            }
            "handler" => wait(),
            "heir" => {
                // A child that holds every file of the robot, and lives on.
                for file in 3..64 {
                    inherit(file);
                }
                let child = Command::new("sleep").arg("600").spawn()?;
                println!("child {}", child.id());
                std::process::abort()
            }
            other => Err(format!("no way to fail is called {other}").into()),
        }
    }

    #[allow(unsafe_code, reason = "files of others by their numbers")]
    fn inherit(file: i32) {
        // SAFETY: a number that is no open file is refused by the kernel, and the others are open throughout.
        let file = unsafe { rustix::fd::BorrowedFd::borrow_raw(file) };
        let _ = rustix::io::fcntl_setfd(file, rustix::io::FdFlags::empty());
    }

    /// Writes where there is no memory (SIGSEGV; one that is merely sent is taken by Rust's own handler).
    #[allow(unsafe_code, reason = "what no safe code can do")]
    fn fault() -> Outcome {
        // SAFETY: there is none: the kernel ends this process here, which is what is wanted.
        unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) };
        Ok(())
    }

    /// Takes memory until the kernel ends this process for it, and gives up at a gigabyte.
    fn hog() -> Outcome {
        let mut all = Vec::new();
        for _ in 0..1024 {
            // Touched, or it would be no memory yet.
            all.push(vec![1_u8; 1 << 20]);
        }
        Err(format!("nobody minded {} megabytes", all.len()).into())
    }

    /// A handler that never returns.
    fn wait() -> Outcome {
        io::stdout().flush()?;
        loop {
            std::thread::park();
        }
    }

    fn watch(link: &Arc<GuardLink>, board: &Board) {
        let (link, board) = (Arc::clone(link), board.clone());
        std::thread::spawn(move || link.watch(&board, || true));
    }

    /// The same motors without a guardian: this process alone holds the lines.
    fn bare(folder: &Path) -> Outcome {
        let board = board(folder);
        let mut wires = Vec::new();
        for motor in motors(&board, folder)? {
            wires.extend(motor.hold()?);
        }
        for motor in &wires {
            let MotionWires::Bridge(motor) = motor else {
                motor.drive(Duty::nearest(0.75))?;
                continue;
            };
            motor.backward.put(0.0)?;
            motor.forward.put(1.0)?;
            motor.pwm.put(0.75)?;
        }
        println!("drives");
        wait()
    }

    /// What the guardian's reaction is compared with: nothing but a wait for the end of a process, and the writes.
    fn bare_loop(folder: &Path) -> Outcome {
        use rustix::event::{PollFd, PollFlags, poll};
        let mut wires = Vec::new();
        for motor in motors(&board(folder), folder)? {
            wires.extend(motor.hold()?);
        }
        let child = Command::new(std::env::current_exe()?)
            .arg("bare")
            .arg(folder)
            .spawn()?;
        let process = rustix::process::pidfd_open(
            rustix::process::Pid::from_child(&child),
            rustix::process::PidfdFlags::empty(),
        )?;
        println!("child {}", child.id());
        poll(&mut [PollFd::new(&process, PollFlags::IN)], None)?;
        for (motor, action) in wires.iter().zip([SafeAction::Brake, SafeAction::Coast]) {
            motor.rest(action)?;
        }
        Ok(())
    }

    /// Drives until a line comes, and gives it.
    fn drive_until_told(
        board: &Board,
        motors: &mut [Bridge],
        floods: Option<&str>,
        again: Option<&Arming>,
    ) -> Outcome<String> {
        let (sender, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = io::stdin().read_line(&mut line);
            let _ = sender.send(line);
        });
        let mut announced = false;
        let mut refused = false;
        loop {
            if drive(board, motors) && !announced {
                println!("drives");
                announced = true;
                floods.map(flood).transpose()?;
            }
            if !board.safety().is_armed() {
                if let Some(arming) = again {
                    let _ = arming.arm();
                } else if !refused {
                    println!("refused");
                    refused = true;
                }
            }
            if let Ok(line) = told.recv_timeout(PERIOD) {
                return Ok(line);
            }
        }
    }

    /// Drives all motors for one lease; whether they turn.
    fn drive(board: &Board, motors: &mut [Bridge]) -> bool {
        static TURN: AtomicU64 = AtomicU64::new(0);
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let duty = Duty::nearest(if turn.is_multiple_of(2) { 0.75 } else { 0.5 });
        let until = board.now() + LEASE;
        let mut turns = true;
        for motor in motors {
            let driven = motor.drive(duty, until);
            turns &= matches!(
                driven,
                Ok(Applied::Driven(_) | Applied::Refused(Refused::Busy))
            );
        }
        turns
    }
}
