//! The linux board on devices of a real kernel, simulated or not: prints a line of TAP for each promise.
//!
//! `kernel --sim LABEL=FOLDER [--i2c] [--pwm]`: LABEL is that of a gpio-sim chip, FOLDER its place under `/sys/devices`;
//! `--i2c` expects a TMP105 at 0x48 and an LSM303DLHC's magnetometer at 0x1e on bus 1, nothing at 0x30, and an M25P80 on SPI, `--pwm` a
//! chip under `/sys/class/pwm`, `--host PORT` a serial port at whose other end `cargo xtask pi` answers. As an ordinary user it expects to be refused: `--as-nobody`.
#![allow(clippy::print_stdout, reason = "its result is a report")]

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("1..0 # skip there is no Linux here");
}

#[cfg(target_os = "linux")]
mod linux {
    use embedded_hal::i2c::I2c as _;
    use embedded_hal::spi;
    use sinew_board::InputSettings;
    use sinew_board::backend::Backends;
    use sinew_board::linux::{Devices, backends_at};
    use sinew_board::{
        Bias, Board, BoardError, BusError, Level, Pin, PwmChannel, SerialSettings, SpiSettings,
    };
    use sinew_messages::Hertz;
    use std::fmt::Debug;
    use std::fs;
    use std::future::poll_fn;
    use std::os::unix::process::CommandExt;
    use std::path::PathBuf;
    use std::pin::Pin as Pinned;
    use std::process::{Command, ExitCode};
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    type Check = Result<(), String>;

    /// What it was told on its command line.
    #[derive(Debug, Default)]
    struct Told {
        chip: Option<PathBuf>,
        folder: PathBuf,
        i2c: bool,
        pi: bool,
        pwm: bool,
        host: Option<String>,
        nobody: bool,
        hold: bool,
    }

    struct Report {
        told: Told,
        done: u32,
        failed: u32,
    }

    pub(super) fn main() -> ExitCode {
        let told = match told() {
            Ok(told) => told,
            Err(text) => {
                println!("Bail out! {text}");
                return ExitCode::FAILURE;
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("tokio runs here");
        runtime.block_on(async {
            if told.hold {
                return hold(&told).await;
            }
            let mut report = Report {
                told,
                done: 0,
                failed: 0,
            };
            report.all().await;
            println!("1..{}", report.done);
            match report.failed {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::FAILURE,
            }
        })
    }

    fn told() -> Result<Told, String> {
        let mut told = Told::default();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--sim" => {
                    let sim = words.next().ok_or("--sim wants CHIP=FOLDER")?;
                    let (chip, folder) = sim.split_once('=').ok_or("--sim wants CHIP=FOLDER")?;
                    told.chip = Some(PathBuf::from(chip));
                    told.folder = PathBuf::from(folder);
                }
                "--i2c" => told.i2c = true,
                "--pwm" => told.pwm = true,
                "--pi" => told.pi = true,
                "--host" => told.host = Some(words.next().ok_or("--host wants a port")?),
                "--as-nobody" => told.nobody = true,
                "--hold" => told.hold = true,
                other => return Err(format!("{other} is not known")),
            }
        }
        Ok(told)
    }

    impl Told {
        fn backends(&self) -> Backends {
            let mut devices = Devices::default();
            devices.gpio_chip.clone_from(&self.chip);
            backends_at(devices)
        }

        fn board(&self) -> Board {
            Board::new(self.backends())
        }

        /// Pulls a simulated line from outside.
        fn pull(&self, pin: Pin, level: Level) -> Check {
            let pull = if level.is_high() {
                "pull-up"
            } else {
                "pull-down"
            };
            let path = self.folder.join(format!("sim_gpio{}/pull", pin.number()));
            fs::write(&path, pull).map_err(|error| format!("{}: {error}", path.display()))
        }

        /// What a simulated line shows outside.
        fn value(&self, pin: Pin) -> Result<String, String> {
            let path = self.folder.join(format!("sim_gpio{}/value", pin.number()));
            let text = fs::read_to_string(&path);
            text.map(|text| text.trim().to_owned())
                .map_err(|error| format!("{}: {error}", path.display()))
        }

        /// This program once more, with these words.
        fn again(&self, words: &[&str]) -> Result<Command, String> {
            let program = std::env::current_exe().map_err(|error| error.to_string())?;
            let mut command = Command::new(program);
            if let Some(chip) = &self.chip {
                let sim = format!("{}={}", chip.display(), self.folder.display());
                command.args(["--sim", &sim]);
            }
            command.args(words);
            Ok(command)
        }
    }

    impl Report {
        async fn all(&mut self) {
            if self.told.nobody {
                let refused = as_nobody(&self.told);
                self.line(
                    "a user outside of the groups is told how to get in",
                    refused,
                );
                return;
            }
            if self.told.chip.is_some() {
                self.gpio().await;
            }
            if self.told.i2c {
                self.i2c();
            }
            if let Some(port) = self.told.host.clone() {
                self.serial(&port).await;
            }
            if self.told.pi {
                self.line(
                    "the registers of a Pi drive a line that the kernel holds",
                    registers(),
                );
            }
            if self.told.pwm {
                let driven = pwm(&self.told);
                self.line(
                    "a channel is set up at nothing, driven, and never disabled",
                    driven,
                );
            }
        }

        async fn gpio(&mut self) {
            let driven = output(&self.told);
            self.line(
                "an output drives its line, and ends at its safe level",
                driven,
            );
            self.line("an input follows its line", input(&self.told));
            let pulled = bias(&self.told);
            self.line("a pull resistor holds a line that nobody drives", pulled);
            let together = together(&self.told);
            self.line("five lines are read at one moment", together);
            let ordered = ordered(&self.told).await;
            self.line(
                "the edges of three lines come in the order in which they happened",
                ordered,
            );
            self.line(
                "an open-drain line is pulled low and let go of",
                drained(&self.told),
            );
            let edges = edges(&self.told).await;
            self.line(
                "each edge comes once, in order, with the kernel's time and number",
                edges,
            );
            let bounces = bounces(&self.told).await;
            self.line(
                "a contact that bounces gives one edge, once it rests",
                bounces,
            );
            let flood = flood(&self.told).await;
            self.line(
                "what a flood overruns is known by the numbers that are missing",
                flood,
            );
            let twice = twice(&self.told);
            self.line("a line that is open already names its owner", twice);
            let held = held(&self.told);
            self.line("a line that another process holds names its owner", held);
            let refused = ask_nobody(&self.told);
            self.line("a user outside of the groups is refused", refused);
        }

        fn i2c(&mut self) {
            let read = magnetometer(&self.told);
            self.line("a register is read behind a repeated start", read);
            self.line("a thermometer answers", thermometer(&self.told));
            let flash = flash(&self.told);
            self.line("a chip on SPI says who it is", flash);
            let selects = no_select(&self.told);
            self.line("a chip select that is not there says so", selects);
            let absent = absent(&self.told);
            self.line("an address where nobody is does not acknowledge", absent);
            self.line("a bus that is not there says so", no_bus(&self.told));
        }

        async fn serial(&mut self, port: &str) {
            let carried = serial(&self.told, port).await;
            self.line("a serial port carries every byte both ways", carried);
            let measured = warmer(&self.told, port).await;
            self.line("what changes outside is measured inside", measured);
            let lost = unplugged(&self.told).await;
            self.line(
                "a port that is unplugged is lost by its name, and is there again when it is plugged in",
                lost,
            );
            let switched = rs485(&self.told, port);
            self.line(
                "the chip's UART switches the transmitter of an RS-485 line",
                switched,
            );
        }

        fn line(&mut self, name: &str, check: Check) {
            self.done += 1;
            match check {
                Ok(()) => println!("ok {} - {name}", self.done),
                Err(why) => {
                    self.failed += 1;
                    println!("not ok {} - {name}\n  # {why}", self.done);
                }
            }
        }
    }

    fn text(error: impl std::error::Error) -> String {
        match error.source() {
            Some(source) => format!("{error} ({source})"),
            None => error.to_string(),
        }
    }

    fn equal<T: PartialEq + Debug>(what: &str, found: &T, wanted: &T) -> Check {
        if found == wanted {
            return Ok(());
        }
        Err(format!("{what}: {found:?} instead of {wanted:?}"))
    }

    fn says(error: &BoardError, parts: &[&str]) -> Check {
        let text = text(error);
        match parts.iter().find(|part| !text.contains(**part)) {
            None => Ok(()),
            Some(part) => Err(format!("no {part:?} in: {text}")),
        }
    }

    fn refusal<T: Debug>(result: Result<T, BoardError>) -> Result<BoardError, String> {
        match result {
            Err(error) => Ok(error),
            Ok(opened) => Err(format!("it was opened: {opened:?}")),
        }
    }

    /// What the kernel shows of a line of the header: who holds it, in which direction, at which level.
    fn shown(pin: Pin) -> Result<String, String> {
        let path = "/sys/kernel/debug/gpio";
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let name = format!("({pin} ");
        let mut lines = text.lines().filter(|line| line.contains(&name));
        let line = lines.next().ok_or(format!("{pin} is not in {text}"))?;
        Ok(line.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// On the chip's own header: what is stored in a register is what the kernel shows.
    fn registers() -> Check {
        let named = sinew_board::named("pi").ok_or("there is no board `pi`")?;
        equal("the note", &named.note, &None)?;
        equal("the board", &named.backends.name, &"pi")?;
        let board = Board::new(named.backends);
        let claim = board.indicator("LED", Pin::GPIO23, Level::High);
        let claim = claim.map_err(text)?;
        let mut led = claim.open().map_err(text)?;
        for (level, word) in [
            (Level::High, "out hi"),
            (Level::Low, "out lo"),
            (Level::High, "out hi"),
        ] {
            led.set(level).map_err(text)?;
            let line = shown(Pin::GPIO23)?;
            if !line.contains("sinew") || !line.ends_with(word) {
                return Err(format!("the kernel shows {line:?}, not {word:?}"));
            }
        }
        // Another owner is refused by the kernel, which rppal would not have asked.
        let other = Board::new(sinew_board::linux::backends());
        let held = other
            .indicator("LED", Pin::GPIO23, Level::Low)
            .map_err(text)?
            .open();
        says(&refusal(held)?, &["GPIO23", "sinew"])?;
        drop(led);
        let line = shown(Pin::GPIO23).unwrap_or_default();
        equal("held after the end", &line.contains("sinew"), &false)?;
        claim.open().map(drop).map_err(text)
    }

    fn output(told: &Told) -> Check {
        let claim = told
            .board()
            .indicator("LED", Pin::GPIO17, Level::Low)
            .map_err(text)?;
        let mut led = claim.open().map_err(text)?;
        equal("at first", &told.value(Pin::GPIO17)?, &"0".to_owned())?;
        for (level, shown) in [(Level::High, "1"), (Level::Low, "0"), (Level::High, "1")] {
            led.set(level).map_err(text)?;
            equal("driven", &told.value(Pin::GPIO17)?, &shown.to_owned())?;
        }
        drop(led);
        // The line is let go after that: what it shows then is the chip's affair.
        let mut led = claim.open().map_err(text)?;
        equal("opened again", &told.value(Pin::GPIO17)?, &"0".to_owned())?;
        led.set(Level::High).map_err(text)
    }

    fn input(told: &Told) -> Check {
        told.pull(Pin::GPIO22, Level::Low)?;
        let claim = told
            .board()
            .input("button", Pin::GPIO22, Bias::None)
            .map_err(text)?;
        let button = claim.open().map_err(text)?;
        for level in [Level::High, Level::Low, Level::High, Level::Low] {
            told.pull(Pin::GPIO22, level)?;
            equal("level", &button.level().map_err(text)?, &level)?;
        }
        Ok(())
    }

    /// The sensors of a line follower, each pattern by one call.
    fn together(told: &Told) -> Check {
        let pins = [7, 8, 9, 10, 11].map(|number| Pin::gpio(number).expect("it is on the header"));
        let claim = told.board().inputs("line sensors", &pins, Bias::None);
        let mut sensors = claim.map_err(text)?.open().map_err(text)?;
        for pattern in [0b00000_u8, 0b10101, 0b01010, 0b11111, 0b00100] {
            let wanted = [0, 1, 2, 3, 4].map(|place| Level::from(pattern >> place & 1 == 1));
            for (pin, level) in pins.iter().zip(wanted) {
                told.pull(*pin, level)?;
            }
            equal("the levels", &sensors.levels().map_err(text)?, &&wanted[..])?;
        }
        drop(sensors);
        // Each of them is held as asked, one alone as well.
        for pins in [&pins[..], &pins[..1]] {
            for (bias, level) in [(Bias::PullUp, Level::High), (Bias::PullDown, Level::Low)] {
                let claim = told.board().inputs("line sensors", pins, bias);
                let mut sensors = claim.map_err(text)?.open().map_err(text)?;
                let wanted = vec![level; pins.len()];
                equal("the pulls", &sensors.levels().map_err(text)?, &&wanted[..])?;
            }
        }
        Ok(())
    }

    /// What the host pulls up the board pulls down, and lets go of at its end. In between the kernel lets go by making the line an
    /// input (drivers/gpio/gpiolib.c, `gpio_set_open_drain_value_commit`), which gpio-sim does not notice: it shows on what the line is.
    fn drained(told: &Told) -> Check {
        let pin = Pin::GPIO25;
        told.pull(pin, Level::High)?;
        let claim = told.board().open_drain("humidity", pin, Bias::None);
        let claim = claim.map_err(text)?;
        let mut wire = claim.open().map_err(text)?;
        equal("released", &wire.level().map_err(text)?, &Level::High)?;
        wire.set(Level::Low).map_err(text)?;
        equal("pulled", &wire.level().map_err(text)?, &Level::Low)?;
        equal("outside", &told.value(pin)?, &"0".to_owned())?;
        let chip = told.chip.clone().ok_or("no chip was named")?;
        let chip = gpiocdev::chip::Chip::from_path(chip).map_err(text)?;
        let info = chip.line_info(u32::from(pin.number())).map_err(text)?;
        let drive = Some(gpiocdev::line::Drive::OpenDrain);
        equal("the kernel's word", &info.drive, &drive)?;
        wire.set(Level::High).map_err(text)?;
        wire.set(Level::Low).map_err(text)?;
        drop(wire);
        equal("outside at the end", &told.value(pin)?, &"1".to_owned())?;
        let mut again = claim.open().map_err(text)?;
        equal(
            "released again",
            &again.level().map_err(text)?,
            &Level::High,
        )
    }

    /// The channels of an encoder: their edges in the order in which the host pulled them.
    async fn ordered(told: &Told) -> Check {
        let pins = [7, 8, 9].map(|number| Pin::gpio(number).expect("it is on the header"));
        for pin in pins {
            told.pull(pin, Level::Low)?;
        }
        let claim = told.board().inputs("channels", &pins, Bias::None);
        let mut channels = claim.map_err(text)?.open_with_edges().map_err(text)?;
        let mut edges = channels.edges();
        let mut last = told.board().now();
        for number in 1..=30_u32 {
            // Each line again and again, in an order that is not theirs.
            let pin = pins[number as usize * 2 % 3];
            let level = Level::from((number - 1) / 3 % 2 == 0);
            told.pull(pin, level)?;
            let found = next(&mut edges).await?;
            equal("line", &found.pin, &pin)?;
            equal("level", &found.edge.level, &level)?;
            equal("number", &found.edge.sequence, &number)?;
            if found.edge.at <= last {
                return Err(format!("{found:?} is not later than {last:?}"));
            }
            last = found.edge.at;
        }
        equal("lost edges", &channels.lost_edges(), &0)?;
        equal(
            "levels",
            &channels.levels().map_err(text)?,
            &&[Level::Low; 3][..],
        )
    }

    fn bias(told: &Told) -> Check {
        for (bias, level) in [(Bias::PullUp, Level::High), (Bias::PullDown, Level::Low)] {
            let claim = told
                .board()
                .input("button", Pin::GPIO23, bias)
                .map_err(text)?;
            let button = claim.open().map_err(text)?;
            equal("level", &button.level().map_err(text)?, &level)?;
        }
        Ok(())
    }

    /// The next edge of a stream.
    async fn next<S, E>(edges: &mut S) -> Result<E, String>
    where
        S: futures_core::Stream<Item = Result<E, sinew_board::BoardError>> + Unpin,
    {
        let next = poll_fn(|cx| futures_core::Stream::poll_next(Pinned::new(edges), cx));
        let next = tokio::time::timeout(Duration::from_secs(5), next);
        match next.await {
            Ok(Some(Ok(edge))) => Ok(edge),
            Ok(Some(Err(error))) => Err(text(error)),
            Ok(None) => Err("the stream has ended".to_owned()),
            Err(_) => Err("no edge within five seconds".to_owned()),
        }
    }

    async fn edges(told: &Told) -> Check {
        told.pull(Pin::GPIO24, Level::Low)?;
        let board = told.board();
        let claim = board.input("echo", Pin::GPIO24, Bias::None).map_err(text)?;
        let echo = claim.open().map_err(text)?;
        let mut edges = echo.edges();
        let mut last = board.now();
        for number in 1..=40 {
            let level = Level::from(number % 2 == 1);
            told.pull(Pin::GPIO24, level)?;
            let edge = next(&mut edges).await?;
            equal("level", &edge.level, &level)?;
            equal("number", &edge.sequence, &number)?;
            let now = board.now();
            if edge.at < last || edge.at > now {
                return Err(format!(
                    "edge {number} at {:?}, not from {last:?} to {now:?}",
                    edge.at
                ));
            }
            last = now;
        }
        equal("lost", &echo.lost_edges(), &0)
    }

    /// Far longer than this machine needs from bounce to bounce.
    const DEBOUNCE: std::time::Duration = std::time::Duration::from_millis(100);

    async fn bounces(told: &Told) -> Check {
        told.pull(Pin::GPIO26, Level::Low)?;
        let board = told.board();
        let claim = board
            .input("button", Pin::GPIO26, Bias::None)
            .map_err(text)?;
        let button = claim.debounced(DEBOUNCE).open().map_err(text)?;
        let mut edges = button.edges();
        for press in [Level::High, Level::Low, Level::High] {
            for _ in 0..3 {
                told.pull(Pin::GPIO26, press)?;
                told.pull(Pin::GPIO26, !press)?;
            }
            told.pull(Pin::GPIO26, press)?;
            let rested = board.now();
            equal("before it rests", &button.level().map_err(text)?, &!press)?;
            let edge = next(&mut edges).await?;
            equal("level", &edge.level, &press)?;
            let after = edge.at.since(rested);
            // The work of the kernel's queue comes late, never before its time but for the last pull's own.
            if after < DEBOUNCE / 2 {
                return Err(format!("the edge came {after:?} after the last bounce"));
            }
        }
        equal("lost", &button.lost_edges(), &0)
    }

    /// More edges than the kernel keeps for a line (1,024), far enough apart for gpio-sim to see most.
    async fn flood(told: &Told) -> Check {
        told.pull(Pin::GPIO25, Level::Low)?;
        let claim = told
            .board()
            .input("encoder", Pin::GPIO25, Bias::None)
            .map_err(text)?;
        let encoder = claim.open().map_err(text)?;
        let mut edges = encoder.edges();
        told.pull(Pin::GPIO25, Level::High)?;
        equal("number", &next(&mut edges).await?.sequence, &1)?;
        for number in 0..1_400 {
            told.pull(Pin::GPIO25, Level::from(number % 2 == 1))?;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let mut found = Vec::new();
        encoder.drain_edges(&mut found).map_err(text)?;
        let last = found.last().ok_or("no edge came")?.sequence;
        let lost = encoder.lost_edges();
        equal(
            "found and lost",
            &(found.len() as u64 + lost),
            &u64::from(last - 1),
        )?;
        if lost == 0 {
            return Err(format!(
                "{} edges of 1,400 came, and none was lost",
                found.len()
            ));
        }
        // The kernel keeps the newest: what it has stands in a row.
        let numbers = found
            .windows(2)
            .map(|pair| pair[1].sequence - pair[0].sequence);
        equal("steps", &numbers.max(), &Some(1))
    }

    fn twice(told: &Told) -> Check {
        let backends = told.backends();
        let first = backends
            .gpio
            .output(Pin::GPIO17, Level::Low)
            .map_err(text)?;
        let second = refusal(
            backends
                .gpio
                .input(Pin::GPIO17, InputSettings::new(Bias::None)),
        )?;
        drop(first);
        says(&second, &["GPIO17", "sinew", "has the line"])
    }

    fn held(told: &Told) -> Check {
        let mut holder = told.again(&["--hold"])?;
        let mut holder = holder
            .stdout(std::process::Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut line = String::new();
        let out = holder.stdout.take().ok_or("it has no output")?;
        let read = std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line);
        read.map_err(|error| error.to_string())?;
        let refused = refusal(told.backends().gpio.output(Pin::GPIO5, Level::Low));
        // SIGKILL: the kernel lets its lines go.
        holder.kill().map_err(|error| error.to_string())?;
        holder.wait().map_err(|error| error.to_string())?;
        says(&refused?, &["GPIO5", "has the line", "free pin"])?;
        let after = told.backends().gpio.output(Pin::GPIO5, Level::Low);
        after.map(drop).map_err(text)
    }

    /// Holds a line until it is killed.
    async fn hold(told: &Told) -> ExitCode {
        let held = told.backends().gpio.output(Pin::GPIO5, Level::High);
        println!("{}", if held.is_ok() { "held" } else { "refused" });
        std::future::pending().await
    }

    fn ask_nobody(told: &Told) -> Check {
        let mut again = told.again(&["--as-nobody"])?;
        let output = again.uid(65_534).gid(65_534).output();
        let output = output.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(())
        } else {
            Err(said)
        }
    }

    fn as_nobody(told: &Told) -> Check {
        let gpio = refusal(told.backends().gpio.output(Pin::GPIO5, Level::Low))?;
        says(&gpio, &["GPIO5", "usermod -aG gpio", "ermission denied"])
    }

    fn handle(told: &Told, bus: u8, address: u8) -> Result<sinew_board::I2cHandle, String> {
        let claim = told.board().i2c("chip", bus, address).map_err(text)?;
        claim.open().map_err(text)
    }

    /// The identification registers A to C of an LSM303DLHC say "H43" (datasheet, 7.2.15); emulators may lack the third.
    fn magnetometer(told: &Told) -> Check {
        let mut id = [0; 2];
        let mut chip = handle(told, 1, 0x1e)?;
        chip.write_read(0x1e, &[0x0a], &mut id).map_err(text)?;
        equal("id", &id, b"H4")
    }

    /// A TMP105 at rest: register 0 is a temperature, in steps of 1/256 degree; the limits' defaults are 75 and 80
    /// degrees (datasheet, table 7).
    fn thermometer(told: &Told) -> Check {
        let mut chip = handle(told, 1, 0x48)?;
        let mut limits = [[0; 2]; 2];
        for (register, limit) in [2, 3].into_iter().zip(&mut limits) {
            chip.write_read(0x48, &[register], limit).map_err(text)?;
        }
        equal("limits", &limits, &[[75, 0], [80, 0]])?;
        chip.write(0x48, &[3, 90, 0]).map_err(text)?;
        let mut limit = [0; 2];
        chip.write_read(0x48, &[3], &mut limit).map_err(text)?;
        equal("a limit that was written", &limit, &[90, 0])?;
        chip.write(0x48, &[3, 80, 0]).map_err(text)
    }

    /// A flash memory says maker, kind and size (JEDEC, command 0x9F): Micron's M25P80 20, 20, 14.
    fn flash(told: &Told) -> Check {
        let settings = SpiSettings::new(500_000);
        let claim = told.board().spi("flash", 0, 0, settings).map_err(text)?;
        let mut flash = claim.open().map_err(text)?;
        let mut id = [0; 3];
        let mut operations = [
            spi::Operation::Write(&[0x9F]),
            spi::Operation::Read(&mut id),
        ];
        spi::SpiDevice::transaction(&mut flash, &mut operations).map_err(text)?;
        equal("id", &id, &[0x20, 0x20, 0x14])
    }

    fn no_select(told: &Told) -> Check {
        let settings = SpiSettings::new(500_000);
        let claim = told.board().spi("radio", 0, 1, settings).map_err(text)?;
        says(
            &refusal(claim.open())?,
            &["SPI0 chip select 1", "dtparam=spi=on"],
        )
    }

    fn absent(told: &Told) -> Check {
        match handle(told, 1, 0x30)?.write(0x30, &[0]) {
            Err(BusError::NoAcknowledge {
                bus: 1,
                address: 0x30,
                ..
            }) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }

    fn no_bus(told: &Told) -> Check {
        match handle(told, 9, 0x30)?.write(0x30, &[0]) {
            Err(BusError::NoSuchBus { bus: 9, why }) if why.contains("i2c-9") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }

    /// Says a line to the host; what it answers.
    /// That the driver takes it; what its RTS does, this machine does not show.
    fn rs485(told: &Told, port: &str) -> Check {
        let settings = SerialSettings::new(115_200).rs485(sinew_board::Rs485::default());
        let claim = told.board().serial("servos", port, settings);
        claim.map_err(text)?.open().map(drop).map_err(text)
    }

    async fn ask_host(told: &Told, port: &str, line: &str) -> Result<String, String> {
        let claim = told
            .board()
            .serial("host", port, SerialSettings::new(115_200))
            .map_err(text)?;
        let mut port = claim.open().map_err(text)?;
        let sent = format!("{line}\n");
        port.write_all(sent.as_bytes())
            .await
            .map_err(|error| error.to_string())?;
        let mut answer = Vec::new();
        while answer.last() != Some(&b'\n') {
            let mut bytes = [0; 64];
            let read = tokio::time::timeout(Duration::from_secs(10), port.read(&mut bytes)).await;
            let read = read.map_err(|_| format!("{line}: no answer, but {answer:?}"))?;
            let read = read.map_err(|error| error.to_string())?;
            answer.extend_from_slice(&bytes[..read]);
        }
        let answer = String::from_utf8_lossy(&answer);
        // An emulated UART may begin with bytes that nobody sent.
        Ok(answer.trim_matches(['\0', '\n', '\r']).to_owned())
    }

    async fn serial(told: &Told, port: &str) -> Check {
        for length in [1, 16, 200, 1_000] {
            let line: String = ('!'..='~').cycle().take(length).collect();
            let answer = ask_host(told, port, &format!("echo {line}")).await?;
            equal("answer", &answer, &line)?;
        }
        Ok(())
    }

    /// Register 0 of the TMP105: the temperature in steps of 1/16 degree, in the upper twelve bits (datasheet, table 4).
    async fn warmer(told: &Told, port: &str) -> Check {
        for (millidegrees, wanted) in [(25_500, [0x19, 0x80]), (-10_000, [0xf6, 0x00])] {
            let line = format!("temperature {millidegrees}");
            equal(&line, &ask_host(told, port, &line).await?.as_str(), &"done")?;
            let mut found = [0; 2];
            let mut chip = handle(told, 1, 0x48)?;
            // Twelve bits (configuration, R1 and R0).
            chip.write(0x48, &[1, 0x60]).map_err(text)?;
            chip.write_read(0x48, &[0], &mut found).map_err(text)?;
            equal(&line, &found, &wanted)?;
        }
        Ok(())
    }

    /// Waits until a file is there, or is not.
    async fn until(path: &str, there: bool) -> Check {
        for _ in 0..500 {
            if fs::exists(path).is_ok_and(|found| found == there) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(format!(
            "{path} did not {}",
            if there { "come" } else { "go" }
        ))
    }

    /// The kernel is told to let go of a USB adapter and to take it again: what it does too when somebody pulls the plug.
    async fn unplugged(told: &Told) -> Check {
        const ADAPTER: &str = "/dev/ttyUSB0";
        let plug = |what: &str| {
            let path = format!("/sys/bus/usb/drivers/usb/{what}");
            fs::write(&path, "1-1").map_err(|error| format!("{path}: {error}"))
        };
        for _ in 0..3 {
            until(ADAPTER, true).await?;
            let claim = told
                .board()
                .serial("adapter", ADAPTER, SerialSettings::new(9_600))
                .map_err(text)?;
            let mut port = claim.open().map_err(text)?;
            plug("unbind")?;
            let mut bytes = [0; 16];
            let read = tokio::time::timeout(Duration::from_secs(10), port.read(&mut bytes)).await;
            match read {
                Err(_) => return Err("a read still waits".to_owned()),
                Ok(Ok(0)) => {}
                Ok(Ok(read)) => return Err(format!("{read} bytes came")),
                Ok(Err(error)) if error.to_string().contains(ADAPTER) => {}
                Ok(Err(error)) => return Err(format!("no name in: {error}")),
            }
            drop(port);
            until(ADAPTER, false).await?;
            says(&refusal(claim.open())?, &[ADAPTER, "No such file"])?;
            plug("bind")?;
        }
        Ok(())
    }

    fn pwm(told: &Told) -> Check {
        let mut line = told
            .backends()
            .pwm
            .channel(PwmChannel::PWM0, Hertz(20_000.0))
            .map_err(text)?;
        let chip = fs::read_dir("/sys/class/pwm").map_err(|error| error.to_string())?;
        let chip = chip.flatten().next().ok_or("there is no PWM chip")?.path();
        let read = |name: &str| {
            let text = fs::read_to_string(chip.join("pwm0").join(name));
            text.map(|text| text.trim().to_owned())
                .map_err(|error| format!("{name}: {error}"))
        };
        let shows = |duty: &str| {
            equal("period", &read("period")?.as_str(), &"50000")?;
            equal("duty", &read("duty_cycle")?.as_str(), &duty)?;
            equal("enabled", &read("enable")?.as_str(), &"1")
        };
        shows("0")?;
        for (duty, nanos) in [(0.5, "25000"), (1.0, "50000"), (0.0, "0"), (0.25, "12500")] {
            line.set_duty(duty).map_err(text)?;
            shows(nanos)?;
        }
        line.set_duty(0.0).map_err(text)
    }
}
