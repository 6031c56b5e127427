//! A motor controller that is not there: another process behind a pseudo-terminal, which reads at the pace of its line and
//! understands nothing but whole packets.
//!
//! ```text
//! controller FOLDER      makes FOLDER/motors, a link to the terminal, and says what motors 1 and 2 do through the named pipes
//!                        FOLDER/M1 and FOLDER/M2: each change as a little-endian `f64`, the duty; in FOLDER/ahead the most
//!                        bytes that ever stood before a stop
//! ```
//!
//! It is the twin of `sinew-mock` in real time. Before it stands the queue of a port, which a pseudo-terminal does not have: 4 kB
//! that leave at line pace, that are flushed with the terminal (packet mode tells of it, ioctl_tty(2)), and into which no more
//! goes. What the terminal itself holds is taken at once: a flush does not reach what its line discipline has (`pty_flush_buffer`,
//! drivers/tty/pty.c).
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
        /// The most of it that ever stood before a stop, and where that is said.
        ahead: usize,
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
            ahead: 0,
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
            loop {
                match self.terminal.read(&mut room) {
                    Ok(length) if length > 0 && room[0] == 0 => {
                        let stop = room[1..length].windows(CUT_OFF.len());
                        if stop.into_iter().any(|part| part == CUT_OFF) {
                            self.stop_stands_behind(self.queue.len())?;
                        }
                        let free = QUEUE - self.queue.len();
                        self.queue.extend(room[1..length].iter().take(free));
                    }
                    Ok(_) if room[0] & TIOCPKT_FLUSHWRITE != 0 => self.queue.clear(),
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
        }

        /// A stop has to wait for so many bytes: says the most that was ever seen.
        fn stop_stands_behind(&mut self, bytes: usize) -> std::io::Result<()> {
            self.ahead = self.ahead.max(bytes);
            std::fs::write(&self.says_ahead, self.ahead.to_string())
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
