//! What goes wrong while a board is used.

use crate::Pin;
use embedded_hal::i2c::{self, NoAcknowledgeSource};
use std::io;

/// Why something of a board could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoardError {
    /// The backend does not offer this.
    #[error("{what} cannot be had: {why}")]
    Unavailable {
        /// What was asked for, such as `GPIO17 (header pin 11)`.
        what: String,
        /// Why not, and what to do.
        why: String,
    },
    /// It was open and is gone, or gives no answer any more.
    #[error("{what} was lost: {why}")]
    Lost {
        /// What was lost.
        what: String,
        /// How that showed.
        why: String,
    },
    /// A line is open already.
    #[error("{pin} (header pin {}) is open already; close it before it is opened again", pin.header_pin())]
    InUse {
        /// The line.
        pin: Pin,
    },
    /// A motion output of a real board, and nothing that makes it safe when the program dies.
    #[error(
        "{part:?} is a motion output and the board {board:?} is real: it stays closed without a guardian, which `run` \
         starts or finds"
    )]
    NoGuardian {
        /// The part.
        part: String,
        /// The board.
        board: &'static str,
    },
    /// The hardware PWM cannot make this frequency.
    #[error("{channel} cannot make {hertz} Hz")]
    Frequency {
        /// The channel.
        channel: crate::PwmChannel,
        /// What was asked for.
        hertz: f64,
    },
    /// The operating system refused.
    #[error("could not {doing} {what}; {remedy}")]
    System {
        /// What was being done, as a verb.
        doing: &'static str,
        /// What it was done to.
        what: String,
        /// What to do about it.
        remedy: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// All kinds are `Other`: embedded-hal knows no better word for a lost line.
impl embedded_hal::digital::Error for BoardError {
    fn kind(&self) -> embedded_hal::digital::ErrorKind {
        embedded_hal::digital::ErrorKind::Other
    }
}

/// All kinds are `Other`: a chip on SPI acknowledges nothing, so only the controller can fail.
impl embedded_hal::spi::Error for BoardError {
    fn kind(&self) -> embedded_hal::spi::ErrorKind {
        embedded_hal::spi::ErrorKind::Other
    }
}

/// How a transaction on an I2C bus failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// Nobody acknowledged the address, or the data.
    #[error(
        "I2C{bus} address {address:#04x} did not acknowledge; check its power, wiring and address (i2cdetect -y {bus})"
    )]
    NoAcknowledge {
        /// The bus.
        bus: u8,
        /// The seven-bit address.
        address: u8,
        /// What was not acknowledged.
        of: NoAcknowledgeSource,
    },
    /// Another controller or a stuck line won.
    #[error("arbitration was lost on I2C{bus} at address {address:#04x}")]
    ArbitrationLost {
        /// The bus.
        bus: u8,
        /// The seven-bit address.
        address: u8,
    },
    /// The bus did not finish in time.
    #[error("I2C{bus} timed out at address {address:#04x}; a chip may hold the clock or data line")]
    TimedOut {
        /// The bus.
        bus: u8,
        /// The seven-bit address.
        address: u8,
    },
    /// The board has no such bus.
    #[error("there is no bus I2C{bus}: {why}")]
    NoSuchBus {
        /// The bus.
        bus: u8,
        /// Why not, and what to do.
        why: String,
    },
    /// A driver spoke to an address that its part did not claim.
    #[error(
        "a driver spoke to address {asked:#04x} on I2C{bus}, but its claim is for {claimed:#04x}"
    )]
    NotClaimed {
        /// The bus.
        bus: u8,
        /// The claimed address.
        claimed: u8,
        /// The address that the driver spoke to.
        asked: u8,
    },
    /// Anything else, such as an access that a simulated chip does not model.
    #[error("I2C{bus} address {address:#04x}: {why}")]
    Other {
        /// The bus.
        bus: u8,
        /// The seven-bit address.
        address: u8,
        /// What happened.
        why: String,
    },
}

impl i2c::Error for BusError {
    fn kind(&self) -> i2c::ErrorKind {
        match self {
            Self::NoAcknowledge { of, .. } => i2c::ErrorKind::NoAcknowledge(*of),
            Self::ArbitrationLost { .. } => i2c::ErrorKind::ArbitrationLoss,
            Self::TimedOut { .. } | Self::NoSuchBus { .. } => i2c::ErrorKind::Bus,
            Self::NotClaimed { .. } | Self::Other { .. } => i2c::ErrorKind::Other,
        }
    }
}
