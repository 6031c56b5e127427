//! Serial ports.

use super::only_holder::only_holder;
use super::refusal::{Device, refused};
use super::rs485;
use super::serial_ports::{serial_ports, there_are};
use crate::backend::{Serial, SerialLine};
use crate::{BoardError, Parity, SerialSettings, StopBits};
use rustix::fs::OFlags;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use tokio_serial::{SerialPortBuilder, SerialPortBuilderExt};

/// Serial ports by their path: `/dev/ttyUSB0`, `/dev/serial/by-id/...`, a pseudo-terminal.
#[derive(Debug)]
pub(super) struct Ports;

impl Serial for Ports {
    fn open(
        &self,
        port: &str,
        settings: SerialSettings,
    ) -> Result<Box<dyn SerialLine>, BoardError> {
        must_be_mapped(port)?;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BoardError::Unavailable {
                what: format!("serial port {port}"),
                why: "it must be opened inside a tokio runtime with I/O enabled".to_owned(),
            });
        }
        let stream = builder(port, settings).open_native_async();
        let stream = stream.map_err(|error| not_opened(port, settings, error.into()))?;
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

    fn wire(&self, port: &str, settings: SerialSettings) -> Result<OwnedFd, BoardError> {
        must_be_mapped(port)?;
        let opened = builder(port, settings).open_native();
        let opened = opened.map_err(|error| not_opened(port, settings, error.into()))?;
        // SAFETY: the number is that of the port which was just opened, and whose owner this becomes.
        #[allow(
            unsafe_code,
            reason = "the crate gives its descriptor as a number only"
        )]
        let file = unsafe { OwnedFd::from_raw_fd(opened.into_raw_fd()) };
        only_holder(&file, || format!("serial port {port}"))?;
        if let Some(setting) = settings.rs485 {
            let set = rs485::switch_on(&file, setting);
            set.map_err(|error| no_rs485(port, &error))?;
        }
        // It would wait for room, and nobody who makes motors safe may wait.
        let set = rustix::fs::fcntl_setfl(&file, OFlags::NONBLOCK);
        set.map_err(|errno| not_opened(port, settings, errno.into()))?;
        Ok(file)
    }
}

fn must_be_mapped(port: &str) -> Result<(), BoardError> {
    if port.starts_with('/') {
        return Ok(());
    }
    Err(BoardError::Unavailable {
        what: format!("serial port {port}"),
        why: format!(
            "no device is mapped to it; say which in robot.toml: [board.ports] {port} = \"/dev/ttyUSB0\" (`ports` lists those of \
             this computer)"
        ),
    })
}

fn not_opened(port: &str, settings: SerialSettings, error: std::io::Error) -> BoardError {
    let what = format!("serial port {port} at {} baud", settings.baud);
    if error.kind() == std::io::ErrorKind::NotFound {
        return BoardError::System {
            doing: "open",
            what,
            remedy: there_are(&serial_ports()),
            source: error,
        };
    }
    refused("open", what, error, Device::Serial)
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
fn builder(port: &str, settings: SerialSettings) -> SerialPortBuilder {
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
}
