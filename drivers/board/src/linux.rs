//! The Linux backend: in this release serial ports and the clock. The rest refuses, and says what to do.

use crate::backend::{Backends, Clock, Serial, SerialLine};
use crate::unavailable::Unavailable;
use crate::{BoardError, Parity, SerialSettings, StopBits, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use std::time::Duration;
use tokio_serial::{SerialPortBuilderExt, SerialStream};

const REFUSAL: Unavailable = Unavailable {
    why: "the linux board offers serial ports only in this release; GPIO, PWM and I2C come with the next one. \
          Use `--board mock`, which also takes real serial ports under [board.ports]",
};

/// The backends of a Linux computer.
#[must_use]
pub fn backends() -> Backends {
    Backends {
        name: "linux",
        simulated: false,
        clock: Arc::new(Monotonic),
        gpio: Arc::new(REFUSAL),
        pwm: Arc::new(REFUSAL),
        i2c: Arc::new(REFUSAL),
        serial: Arc::new(Ports),
    }
}

/// `CLOCK_MONOTONIC`, which also stamps the kernel's GPIO events.
#[derive(Debug)]
struct Monotonic;

impl Clock for Monotonic {
    fn now(&self) -> Timestamp {
        let time = clock_gettime(ClockId::Monotonic);
        let nanos = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
        Timestamp::from_nanos(nanos)
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "real hardware waits in real time; simulation has a clock of its own"
    )]
    fn delay(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Serial ports by their path: `/dev/ttyUSB0`, `/dev/serial/by-id/...`, a pseudo-terminal.
#[derive(Debug)]
struct Ports;

impl Serial for Ports {
    fn open(
        &self,
        port: &str,
        settings: SerialSettings,
    ) -> Result<Box<dyn SerialLine>, BoardError> {
        if !port.starts_with('/') {
            return Err(BoardError::Unavailable {
                what: format!("serial port {port}"),
                why: format!(
                    "no device is mapped to it; say which in robot.toml: [board.ports] {port} = \"/dev/ttyUSB0\""
                ),
            });
        }
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BoardError::Unavailable {
                what: format!("serial port {port}"),
                why: "it must be opened inside a tokio runtime with I/O enabled".to_owned(),
            });
        }
        let stream = open(port, settings).map_err(|error| BoardError::System {
            doing: "open",
            what: format!("serial port {port} at {} baud", settings.baud),
            source: error.into(),
        })?;
        Ok(Box::new(stream))
    }
}

/// Not exclusive (no TIOCEXCL, which serialport sets by default): a guardian must be able to hold the port too.
fn open(port: &str, settings: SerialSettings) -> Result<SerialStream, tokio_serial::Error> {
    tokio_serial::new(port, settings.baud)
        .exclusive(false)
        .parity(match settings.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Even => tokio_serial::Parity::Even,
            Parity::Odd => tokio_serial::Parity::Odd,
        })
        .stop_bits(match settings.stop_bits {
            StopBits::One => tokio_serial::StopBits::One,
            StopBits::Two => tokio_serial::StopBits::Two,
        })
        .open_native_async()
}
