//! A motor controller that is not there: another process behind a pseudo-terminal, which reads at the pace of its line and
//! understands nothing but whole packets.
//!
//! ```text
//! controller FOLDER      makes FOLDER/motors, a link to the terminal, and says what motors 1 and 2 do through the named pipes
//!                        FOLDER/M1 and FOLDER/M2: each change as a little-endian `f64`, the duty; in FOLDER/ahead how
//!                        many bytes stood before the last stop
//! ```
//!
//! It is the twin of `sinew-mock` in real time. Before it stands the queue of a port, which a pseudo-terminal does not have: 4 kB
//! that leave at line pace, that are flushed with the terminal (packet mode tells of it, ioctl_tty(2)), and into which no more
//! goes. A flush of the terminal does not reach what its line discipline holds (`pty_flush_buffer`, drivers/tty/pty.c),
//! so that is thrown away here.
#![allow(
    clippy::print_stdout,
    reason = "a program that is asked by others, on its standard output"
)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the stand-in for hardware keeps real time"
)]

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("pseudo-terminals are Linux's here");
}

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    controller::main()
}

#[cfg(target_os = "linux")]
mod controller {
    use rustix::fs::{Mode, OFlags};
    use rustix::ioctl::{Opcode, Setter};
    use rustix::pty::OpenptFlags;
    use sinew_board::backend::{MotorPort, Serial as _};
    use sinew_board::{SerialSettings, Timestamp};
    use sinew_mock::{BridgeState, Mock, RoboclawTwin};
    use std::collections::VecDeque;
    use std::fs::File;
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant};

    const BAUD: u32 = 115_200;
    /// Bytes that wait in a port (`UART_XMIT_SIZE`, include/linux/serial_core.h).
    const QUEUE: usize = 4096;
    /// Bytes that a terminal's line discipline holds at most (`N_TTY_BUF_SIZE`, include/linux/tty.h).
    const HELD: usize = 4096;
    /// What ends a packet that was cut off, before each stop.
    const CUT_OFF: [u8; 6] = [0; 6];
    /// ioctl_tty(2), "Packet mode".
    const TIOCPKT: Opcode = 0x5420;
    const TIOCPKT_FLUSHWRITE: u8 = 2;

    /// The terminal, the twin behind it, and what was said of its motors.
    struct Line {
        terminal: File,
        /// What waits to be sent.
        queue: VecDeque<u8>,
        /// Whether the terminal was flushed and no stop has come since.
        was_flushed: bool,
        /// How many bytes were thrown away since then, and the last few of them.
        dropped: usize,
        thrown_away: Vec<u8>,
        /// Where it is said how much of it stood before the last stop.
        says_ahead: PathBuf,
        port: Box<dyn MotorPort>,
        mock: Mock,
        twin: RoboclawTwin,
        said: [File; 2],
        last: [f64; 2],
    }

    pub(super) fn main() -> Result<(), Box<dyn std::error::Error>> {
        let folder = std::env::args().nth(1).ok_or("controller FOLDER")?;
        let folder = Path::new(&folder);
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let terminal = rustix::pty::openpt(flags)?;
        rustix::pty::grantpt(&terminal)?;
        rustix::pty::unlockpt(&terminal)?;
        let name = rustix::pty::ptsname(&terminal, Vec::new())?;
        // Held open, or the terminal would hang up when nobody else has it.
        let open = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let _held = rustix::fs::open(name.as_c_str(), open, Mode::empty())?;
        rustix::fs::fcntl_setfl(&terminal, OFlags::NONBLOCK)?;
        tell_of_flushes(&terminal)?;
        let pipe = |name| File::options().write(true).open(folder.join(name));
        let said = [pipe("M1")?, pipe("M2")?];
        let mock = Mock::new(0);
        let twin = mock.roboclaw("motors", "motors", BAUD, 0x80);
        let port = mock.motor_port("motors", SerialSettings::new(BAUD))?;
        let link = folder.join("motors");
        std::os::unix::fs::symlink(name.to_str()?, link)?;
        println!("ready");
        Line {
            terminal: terminal.into(),
            queue: VecDeque::with_capacity(QUEUE),
            was_flushed: false,
            dropped: 0,
            thrown_away: Vec::new(),
            says_ahead: folder.join("ahead"),
            port,
            mock,
            twin,
            said,
            last: [f64::NAN; 2],
        }
        .serve()
    }

    #[allow(unsafe_code, reason = "no crate has this call")]
    fn tell_of_flushes(terminal: &impl std::os::fd::AsFd) -> std::io::Result<()> {
        // SAFETY: the call reads one `int`; another kind of file refuses it.
        let set = unsafe { rustix::ioctl::ioctl(terminal, Setter::<TIOCPKT, i32>::new(1)) };
        Ok(set?)
    }

    impl Line {
        fn serve(&mut self) -> Result<(), Box<dyn std::error::Error>> {
            let (start, byte) = (Instant::now(), SerialSettings::new(BAUD).byte_time());
            // When the next byte may be sent: never earlier than a byte after the last.
            let mut next = Duration::ZERO;
            loop {
                let now = start.elapsed();
                self.take()?;
                while next <= now {
                    let Some(sent) = self.queue.pop_front() else {
                        next = now;
                        break;
                    };
                    self.port.write(&[sent])?;
                    next += byte;
                    self.mock.advance(Timestamp::ZERO + next);
                    self.say()?;
                }
                self.mock.advance(Timestamp::ZERO + now);
                self.say()?;
                self.answer()?;
                std::thread::sleep(byte * 2);
            }
        }

        /// Takes what was written to the terminal into the queue, and empties that when the terminal was flushed.
        fn take(&mut self) -> std::io::Result<()> {
            let mut room = [0; 1024];
            // A stop may have come in two parts, of which the first was thrown away.
            let mut taken = std::mem::take(&mut self.thrown_away);
            loop {
                match self.terminal.read(&mut room) {
                    Ok(length) if length > 0 && room[0] == 0 => taken.extend(&room[1..length]),
                    Ok(_) if room[0] & TIOCPKT_FLUSHWRITE != 0 => {
                        self.queue.clear();
                        taken.clear();
                        self.was_flushed = true;
                        self.dropped = 0;
                    }
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            self.put(&taken)
        }

        /// Puts bytes into the queue. After a flush those come first that the line discipline held, which a port's flush takes with
        /// it: all before the last stop.
        fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
            let stop = bytes.windows(CUT_OFF.len()).rposition(|it| it == CUT_OFF);
            let first = match (self.was_flushed, stop) {
                (false, _) => 0,
                (true, Some(stop)) => stop,
                // It never holds more: what comes beyond was written since.
                (true, None) if self.dropped + bytes.len() > HELD => 0,
                (true, None) => {
                    self.dropped += bytes.len();
                    let kept = bytes.len().saturating_sub(CUT_OFF.len() - 1);
                    self.thrown_away = bytes[kept..].to_vec();
                    return Ok(());
                }
            };
            self.was_flushed = false;
            if let Some(stop) = stop {
                let ahead = self.queue.len() + stop - first;
                std::fs::write(&self.says_ahead, ahead.to_string())?;
            }
            let free = QUEUE - self.queue.len();
            self.queue.extend(bytes[first..].iter().take(free));
            Ok(())
        }

        /// Says what changed.
        fn say(&mut self) -> std::io::Result<()> {
            for motor in 0..2 {
                let duty = match self.twin.output(motor + 1) {
                    BridgeState::Drive(duty) => duty.ratio(),
                    BridgeState::Brake | BridgeState::Coast => 0.0,
                };
                if duty.to_bits() != self.last[motor].to_bits() {
                    self.last[motor] = duty;
                    self.said[motor].write_all(&duty.to_le_bytes())?;
                }
            }
            Ok(())
        }

        fn answer(&mut self) -> std::io::Result<()> {
            let mut room = [0; 64];
            let count = self.port.read(&mut room)?;
            match self.terminal.write(&room[..count]) {
                // Nobody reads any more, as nobody would at the end of a cable.
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
                other => other.map(drop),
            }
        }
    }
}
