//! What a computer must offer to be a board: one small object-safe trait per kind of hardware.
//!
//! Claims, leases, safe actions and statistics stand above these traits, once for all backends.

mod gpio;

#[cfg(target_os = "linux")]
pub use crate::wire::{Encoding, Wire};
pub use gpio::{Gpio, InputLine, InputLines, OpenDrainLine, OutputLine, WatchedLines};

use crate::{
    BoardError, Burst, BusError, InputDeviceInfo, InputEvent, PwmChannel, SerialSettings,
    SpiSettings,
};
use embedded_hal::i2c::Operation;
use embedded_hal::spi;
use sinew_messages::{Hertz, Timestamp};
use std::fmt::Debug;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// The board's time.
pub trait Clock: Debug + Send + Sync {
    /// Now, on the clock that stamps edges.
    fn now(&self) -> Timestamp;
    /// Blocks for at least `time`. A simulated clock charges it to the simulated chips instead.
    fn delay(&self, time: Duration);
}

/// The refusal of a backend whose lines live in this process alone.
#[cfg(target_os = "linux")]
fn not_handed_on(what: &dyn std::fmt::Display) -> BoardError {
    BoardError::Unavailable {
        what: format!("{what} for a motion output"),
        why: "its backend has no line that a guardian could hold".to_owned(),
    }
}

/// Hardware PWM.
pub trait Pwm: Debug + Send + Sync {
    /// Whether nothing real is behind it.
    fn is_simulated(&self) -> bool {
        false
    }

    /// Opens a channel at duty 0, enabled.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the channel does not exist, cannot be had, or cannot make `frequency`.
    fn channel(
        &self,
        channel: PwmChannel,
        frequency: Hertz,
    ) -> Result<Box<dyn PwmLine>, BoardError>;

    /// Opens a channel as [`Pwm::channel`] does, as a file that another process can hold as well.
    ///
    /// # Errors
    ///
    /// [`BoardError`] as there, or because it cannot be handed on.
    #[cfg(target_os = "linux")]
    fn wire(&self, channel: PwmChannel, frequency: Hertz) -> Result<Wire, BoardError> {
        let _ = frequency;
        Err(not_handed_on(&channel))
    }
}

/// An open PWM channel.
pub trait PwmLine: Debug + Send {
    /// Sets the part of each period that is high, 0 to 1.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the channel was lost.
    fn set_duty(&mut self, duty: f64) -> Result<(), BoardError>;
}

/// I2C controllers.
pub trait I2c: Debug + Send + Sync {
    /// Whether nothing real is behind it.
    fn is_simulated(&self) -> bool {
        false
    }

    /// Carries out one transaction (repeated starts between its operations) and blocks until it ended.
    ///
    /// # Errors
    ///
    /// [`BusError`] with the kind of failure: no acknowledge, arbitration lost, time-out, no such bus.
    fn transaction(
        &self,
        bus: u8,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError>;

    /// Says that there are motors on a bus: from now on it gives up after 20 ms.
    fn carry_motion(&self, bus: u8) {
        let _ = bus;
    }

    /// The clock of a bus, as far as its backend knows it.
    fn clock(&self, bus: u8) -> Hertz {
        let _ = bus;
        Hertz(100_000.0)
    }

    /// Opens a bus as a file that another process can hold as well: what a motion output needs. It gives up after 20 ms.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if there is no such bus, or it cannot be handed on.
    #[cfg(target_os = "linux")]
    fn wire(&self, bus: u8) -> Result<std::os::fd::OwnedFd, BoardError> {
        Err(not_handed_on(&format_args!("I2C{bus}")))
    }

    /// Whether a transaction keeps its thread waiting, so that whoever awaits one has it done on another. A simulated bus
    /// does not: its time is the simulation's.
    fn blocks(&self) -> bool {
        true
    }
}

/// A chip that drives motors, on a bus.
pub trait MotorBus: Debug + Send + Sync {
    /// Sees to it that the bus is given up after 20 ms, whoever has told it otherwise.
    ///
    /// # Errors
    ///
    /// [`BusError`] if it cannot be told so.
    fn hurry(&self) -> Result<(), BusError> {
        Ok(())
    }

    /// Writes registers by one message.
    ///
    /// # Errors
    ///
    /// [`BusError`] with the kind of failure.
    fn write(&self, burst: &Burst) -> Result<(), BusError>;

    /// Reads a register.
    ///
    /// # Errors
    ///
    /// [`BusError`] with the kind of failure.
    fn read(&self, register: u8) -> Result<u8, BusError>;

    /// The bus, and the chip's address on it.
    fn place(&self) -> (u8, u8);
}

/// SPI controllers.
pub trait Spi: Debug + Send + Sync {
    /// Opens a chip by its bus and chip select, with its clock and mode.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if there is no such bus or chip select, or the controller cannot speak so.
    fn open(
        &self,
        bus: u8,
        select: u8,
        settings: SpiSettings,
    ) -> Result<Box<dyn SpiLine>, BoardError>;

    /// Whether a transaction keeps its thread waiting, as [`I2c::blocks`].
    fn blocks(&self) -> bool {
        true
    }
}

/// An open chip on an SPI bus.
pub trait SpiLine: Debug + Send {
    /// Carries out one transaction, the chip selected from its begin to its end, and blocks until it ended. A `Transfer` whose
    /// directions differ in length is as long as the longer: zeros are sent, what is read beyond is dropped.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the bus failed.
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), BoardError>;
}

/// Serial ports.
pub trait Serial: Debug + Send + Sync {
    /// Opens a port, without exclusive mode, so that a guardian can hold it as well.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the port does not exist or cannot be had with these settings.
    fn open(&self, port: &str, settings: SerialSettings)
    -> Result<Box<dyn SerialLine>, BoardError>;

    /// Opens a port for a motion output of this process alone, as a simulated one is.
    ///
    /// # Errors
    ///
    /// [`BoardError`] as for [`Serial::open`], or because a guardian has to hold it.
    fn motor_port(
        &self,
        port: &str,
        settings: SerialSettings,
    ) -> Result<Box<dyn MotorPort>, BoardError> {
        let _ = settings;
        Err(BoardError::Unavailable {
            what: format!("serial port {port} for a motion output"),
            why: "its backend has none that is simulated".to_owned(),
        })
    }

    /// Opens a port as a file that another process can hold as well, and that waits for nobody: what a motion output needs.
    ///
    /// # Errors
    ///
    /// [`BoardError`] as for [`Serial::open`], or because it cannot be handed on.
    #[cfg(target_os = "linux")]
    fn wire(
        &self,
        port: &str,
        settings: SerialSettings,
    ) -> Result<std::os::fd::OwnedFd, BoardError> {
        let _ = settings;
        Err(not_handed_on(&format_args!("serial port {port}")))
    }

    /// Whether its ports are simulated; asked where a board mixes ports of several backends.
    fn is_simulated(&self) -> bool {
        false
    }
}

/// An open serial port that a motion output writes. Nothing here waits.
pub trait MotorPort: Debug + Send + Sync {
    /// Takes bytes to be sent; how many of them found room.
    ///
    /// # Errors
    ///
    /// What the system said of a port that is lost.
    fn write(&self, bytes: &[u8]) -> std::io::Result<usize>;

    /// Gives bytes that came; none if none did.
    ///
    /// # Errors
    ///
    /// What the system said of a port that is lost.
    fn read(&self, into: &mut [u8]) -> std::io::Result<usize>;

    /// Throws away what was written and has not been sent.
    ///
    /// # Errors
    ///
    /// What the system said of a port that is lost.
    fn discard(&self) -> std::io::Result<()>;

    /// How many bytes wait to be sent, as far as its driver tells; 0 if it does not.
    fn queued(&self) -> usize;
}

/// An open serial port: bytes in both directions.
pub trait SerialLine: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> SerialLine for T {}

/// What people hold in their hands: gamepads, keyboards, remote controls.
pub trait InputDevices: Debug + Send + Sync {
    /// Opens a device. Must happen inside a tokio runtime where the backend is real.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the device does not exist or cannot be had.
    fn open(&self, device: &str) -> Result<Box<dyn InputDeviceLine>, BoardError>;

    /// Whether nothing real is behind it.
    fn is_simulated(&self) -> bool {
        false
    }
}

/// An open device of that kind.
pub trait InputDeviceLine: Debug + Send {
    /// What it has.
    fn info(&self) -> &InputDeviceInfo;

    /// The next event, in the order in which they happened. Registers the waker if there is none.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<InputEvent, BoardError>>;
}

/// One backend for each kind of hardware; a board may mix them.
#[derive(Clone, Debug)]
pub struct Backends {
    /// What a user calls them: `mock`, `linux`, `pi`.
    pub name: &'static str,
    /// Whether these backends are simulated; a real one moves nothing without a guardian.
    pub simulated: bool,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Digital lines.
    pub gpio: Arc<dyn Gpio>,
    /// The digital lines of motion outputs: of the kernel, so that another process can hold them as well.
    pub motion: Arc<dyn Gpio>,
    /// Hardware PWM.
    pub pwm: Arc<dyn Pwm>,
    /// I2C controllers.
    pub i2c: Arc<dyn I2c>,
    /// SPI controllers.
    pub spi: Arc<dyn Spi>,
    /// Serial ports.
    pub serial: Arc<dyn Serial>,
    /// What people hold in their hands.
    pub input_devices: Arc<dyn InputDevices>,
}
