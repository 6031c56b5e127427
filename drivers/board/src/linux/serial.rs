//! Serial ports.

use super::refusal::{Device, refused};
use crate::backend::{Serial, SerialLine};
use crate::{BoardError, Parity, SerialSettings, StopBits};
use tokio_serial::{SerialPortBuilderExt, SerialStream};

/// Serial ports by their path: `/dev/ttyUSB0`, `/dev/serial/by-id/...`, a pseudo-terminal.
#[derive(Debug)]
pub(super) struct Ports;

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
        let stream = open(port, settings).map_err(|error| {
            let what = format!("serial port {port} at {} baud", settings.baud);
            refused("open", what, error.into(), Device::Serial)
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
