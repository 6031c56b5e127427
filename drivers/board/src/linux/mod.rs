//! The Linux backend: whatever the kernel offers as a character device or under `/sys`, and nothing that belongs to one
//! model of computer.
//!
//! GPIO goes through the character device (`/dev/gpiochipN`), so the kernel knows who has which line and refuses a second
//! owner; its edges carry the kernel's own time and number. I2C goes through `/dev/i2c-N`, one ioctl for a whole
//! transaction, and SPI likewise through `/dev/spidevB.S`. PWM goes through `/sys/class/pwm`. Whatever is opened stays open as long as its handle.

mod bus_file;
mod clock;
mod gpio;
mod gpio_events;
mod gpio_group;
mod gpio_output;
mod i2c;
mod input_devices;
mod only_holder;
mod port_file;
mod pwm;
mod refusal;
mod rs485;
mod serial;
mod serial_ports;
mod spi;

pub(crate) use bus_file::BusFile;
pub(crate) use port_file::PortFile;
pub use serial_ports::{SerialPortInfo, serial_ports};

use crate::backend::Backends;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Where the devices of a Linux computer are, if not where they are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Devices {
    /// The GPIO chip by its path, such as `/dev/gpiochip0`. If nothing is said: the one with a line of the pin's name
    /// (`GPIO17`), else the one with the label of a Raspberry Pi's header.
    pub gpio_chip: Option<PathBuf>,
    /// Where I2C buses and chips on SPI are: `i2c-1` and `spidev0.0` are looked for in it.
    pub buses: PathBuf,
    /// Where PWM chips are.
    pub pwm: PathBuf,
    /// How long a transaction on I2C may keep its thread, 250 ms if nothing is said: beyond it the bus hangs, and its thread is
    /// worth more. At 100 kHz that are 2,700 bytes. It is the adapter's, so other programs get it too.
    pub i2c_patience: Duration,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            gpio_chip: None,
            buses: PathBuf::from("/dev"),
            pwm: PathBuf::from("/sys/class/pwm"),
            i2c_patience: i2c::PATIENCE,
        }
    }
}

/// The backends of this computer.
#[must_use]
pub fn backends() -> Backends {
    backends_at(Devices::default())
}

/// The backends of this computer, with its devices at these places.
#[must_use]
pub fn backends_at(devices: Devices) -> Backends {
    let lines = Arc::new(gpio::Lines::new(devices.gpio_chip));
    Backends {
        name: "linux",
        simulated: false,
        clock: Arc::new(clock::Monotonic),
        gpio: lines.clone(),
        motion: lines,
        pwm: Arc::new(pwm::Channels::new(devices.pwm)),
        i2c: Arc::new(i2c::Buses::new(devices.buses.clone(), devices.i2c_patience)),
        spi: Arc::new(spi::Chips::new(devices.buses)),
        serial: Arc::new(serial::Ports),
        input_devices: Arc::new(input_devices::Devices),
    }
}
