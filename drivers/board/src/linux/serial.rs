//! Serial ports.

use super::refusal::{Device, refused};
use super::rs485;
use crate::backend::{Serial, SerialLine};
use crate::{BoardError, Parity, SerialSettings, StopBits};
use std::os::fd::{AsRawFd, BorrowedFd};
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
        if let Some(setting) = settings.rs485 {
            // SAFETY: the descriptor belongs to `stream`, which outlives this.
            #[allow(
                unsafe_code,
                reason = "the crate lends its descriptor as a number only"
            )]
            let file = unsafe { BorrowedFd::borrow_raw(stream.as_raw_fd()) };
            let set = rs485::switch_on(file, setting);
            set.map_err(|error| no_rs485(port, &error))?;
        }
        Ok(Box::new(stream))
    }
}

fn no_rs485(port: &str, error: &std::io::Error) -> BoardError {
    BoardError::Unavailable {
        what: format!("serial port {port} as RS-485"),
        why: format!(
            "its driver does not switch a transmitter ({error}); take an adapter or transceiver that switches by itself, and leave \
             rs485 away"
        ),
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
