//! What of a board can be claimed, and when two claims want the same.

use crate::{Pin, PwmChannel};
use serde::Serialize;
use std::fmt;

/// Something of a board that one part has for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum Resource {
    /// A line of the GPIO controller.
    Pin(Pin),
    /// A channel of the hardware PWM, and the pin that it drives.
    Pwm(PwmChannel),
    /// A device's place on an I2C bus; the bus owns its two pins.
    I2c {
        /// The bus, 1 on the header.
        bus: u8,
        /// The device's seven-bit address.
        address: u8,
    },
    /// A chip's place on an SPI bus; the bus owns its three pins, and each chip that of its select.
    Spi {
        /// The bus, 0 on the header.
        bus: u8,
        /// The chip select, 0 or 1.
        select: u8,
    },
    /// A serial port; the first UART owns its two pins.
    Serial {
        /// What the robot calls it.
        port: String,
        /// Which device stands behind it, if it was mapped.
        device: Option<String>,
    },
    /// What somebody holds: a gamepad, a keyboard.
    InputDevice {
        /// What the robot calls it.
        name: String,
        /// Which device stands behind it, if it was mapped.
        device: Option<String>,
    },
    /// A motor of the chip at an address of an I2C bus.
    ChipMotor {
        /// The bus, 1 on the header.
        bus: u8,
        /// The chip's seven-bit address.
        address: u8,
        /// Which of the chip's motors, from 1.
        motor: usize,
    },
    /// A motor of the controller on a serial port.
    Motor {
        /// What the robot calls the port.
        port: String,
        /// Which of the controller's motors, from 1.
        motor: usize,
    },
}

/// SDA1 and SCL1 (BCM2835 ARM Peripherals, section 6.2, alternate function 0).
const I2C1_PINS: [Pin; 2] = [Pin::GPIO2, Pin::GPIO3];
/// MOSI, MISO and SCLK of SPI0, and its chip selects (the same source).
const SPI0_PINS: [Pin; 3] = [Pin::GPIO10, Pin::GPIO9, Pin::GPIO11];
const SPI0_SELECTS: [Pin; 2] = [Pin::GPIO8, Pin::GPIO7];
/// TXD and RXD of the first UART (the same source).
const UART_PINS: [Pin; 2] = [Pin::GPIO14, Pin::GPIO15];
/// The names under which Linux offers the UART on these pins (Raspberry Pi documentation, "Configure UARTs").
const UART_DEVICES: [&str; 3] = ["/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0"];

impl Resource {
    /// The pins of the header that it occupies.
    #[must_use]
    pub fn pins(&self) -> Vec<Pin> {
        match self {
            Self::Pin(pin) => vec![*pin],
            Self::Pwm(channel) => vec![channel.pin()],
            Self::I2c { bus: 1, .. } => I2C1_PINS.to_vec(),
            Self::Spi { bus: 0, select } => {
                let select = SPI0_SELECTS.get(usize::from(*select));
                SPI0_PINS.iter().chain(select).copied().collect()
            }
            Self::Serial { port, device } => {
                let device = device.as_deref().unwrap_or(port);
                if UART_DEVICES.contains(&device) {
                    UART_PINS.to_vec()
                } else {
                    Vec::new()
                }
            }
            Self::I2c { .. }
            | Self::Spi { .. }
            | Self::InputDevice { .. }
            | Self::Motor { .. }
            | Self::ChipMotor { .. } => Vec::new(),
        }
    }

    /// What two claims both want, if they cannot both have it.
    pub(crate) fn contested(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::I2c { bus, .. }, Self::I2c { bus: same, .. }) if bus == same => {
                (self == other).then(|| self.clone())
            }
            (Self::Spi { bus, .. }, Self::Spi { bus: same, .. }) if bus == same => {
                (self == other).then(|| self.clone())
            }
            (
                Self::Serial { port, device },
                Self::Serial {
                    port: other_port,
                    device: other_device,
                },
            ) => {
                let real = device.as_ref().unwrap_or(port);
                let other_real = other_device.as_ref().unwrap_or(other_port);
                (port == other_port || is_one(real, other_real)).then(|| self.clone())
            }
            (
                Self::InputDevice { name, device },
                Self::InputDevice {
                    name: other_name,
                    device: other_device,
                },
            ) => {
                let real = device.as_ref().unwrap_or(name);
                let other_real = other_device.as_ref().unwrap_or(other_name);
                (name == other_name || is_one(real, other_real)).then(|| self.clone())
            }
            _ if self == other => Some(self.clone()),
            _ => {
                let theirs = other.pins();
                let pin = self.pins().into_iter().find(|pin| theirs.contains(pin))?;
                Some(Self::Pin(pin))
            }
        }
    }

    /// What a user does when two parts want it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Pin(_) => "move one of them to a free pin",
            Self::Pwm(_) => "there are two channels, PWM0 and PWM1: give each part its own",
            Self::I2c { .. } => "set the address strap of one of them, or use another bus",
            Self::Spi { .. } => "give one of them the other chip select, 0 or 1",
            Self::Serial { .. } => "give each part a port of its own",
            Self::InputDevice { .. } => "give each part a device of its own",
            Self::Motor { .. } | Self::ChipMotor { .. } => "give each part a motor of its own",
        }
    }
}

/// `GPIO17 (header pin 11)`, `PWM0 (GPIO12, header pin 32)`, `I2C1 address 0x68`,
/// `SPI0 chip select 1`, `serial port gnss`, `motor 1 on serial port motors`, `motor 1 at I2C1 address 0x60`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(pin) => write!(f, "{pin} (header pin {})", pin.header_pin()),
            Self::Pwm(channel) => {
                let pin = channel.pin();
                write!(f, "{channel} ({pin}, header pin {})", pin.header_pin())
            }
            Self::I2c { bus, address } => write!(f, "I2C{bus} address {address:#04x}"),
            Self::Spi { bus, select } => write!(f, "SPI{bus} chip select {select}"),
            Self::Serial { port, device: None } => write!(f, "serial port {port}"),
            Self::Serial {
                port,
                device: Some(device),
            } => write!(f, "serial port {port} ({device})"),
            Self::InputDevice { name, device: None } => write!(f, "input device {name}"),
            Self::InputDevice {
                name,
                device: Some(device),
            } => write!(f, "input device {name} ({device})"),
            Self::ChipMotor {
                bus,
                address,
                motor,
            } => write!(f, "motor {motor} at I2C{bus} address {address:#04x}"),
            Self::Motor { port, motor } => write!(f, "motor {motor} on serial port {port}"),
        }
    }
}

/// Whether two names are one device: a link to it is another name of it.
fn is_one(one: &str, other: &str) -> bool {
    let device = |name: &str| std::fs::canonicalize(name).ok();
    let is_path = one.starts_with('/') && other.starts_with('/');
    one == other || (is_path && device(one).is_some_and(|it| Some(it) == device(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(port: &str, device: Option<&str>) -> Resource {
        Resource::Serial {
            port: port.to_owned(),
            device: device.map(str::to_owned),
        }
    }

    #[test]
    fn a_bus_and_a_pwm_channel_own_their_pins_in_either_order() {
        let imu = Resource::I2c {
            bus: 1,
            address: 0x68,
        };
        for (function, pin) in [
            (imu, Pin::GPIO3),
            (Resource::Pwm(PwmChannel::PWM1), Pin::GPIO13),
            (port("gnss", Some("/dev/serial0")), Pin::GPIO15),
            (port("/dev/ttyAMA0", None), Pin::GPIO14),
        ] {
            let pin = Resource::Pin(pin);
            assert_eq!(function.contested(&pin), Some(pin.clone()));
            assert_eq!(pin.contested(&function), Some(pin.clone()));
        }
    }

    #[test]
    fn what_does_not_touch_is_not_contested() {
        let at = |bus, address| Resource::I2c { bus, address };
        assert_eq!(at(1, 0x68).contested(&at(1, 0x40)), None);
        assert_eq!(at(1, 0x68).contested(&at(3, 0x68)), None);
        assert_eq!(at(3, 0x68).contested(&Resource::Pin(Pin::GPIO2)), None);
        let usb = port("gnss", Some("/dev/ttyUSB0"));
        assert_eq!(usb.contested(&Resource::Pin(Pin::GPIO14)), None);
        assert_eq!(usb.contested(&port("lidar", Some("/dev/ttyUSB1"))), None);
    }

    #[test]
    #[cfg(unix)]
    fn a_device_and_a_link_to_it_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let (device, stable) = (folder.path().join("ttyUSB0"), folder.path().join("by-id"));
        std::fs::write(&device, "").unwrap();
        std::os::unix::fs::symlink(&device, &stable).unwrap();
        let [device, stable] = [device, stable].map(|it| it.display().to_string());
        let first = port("gnss", Some(&device));
        assert!(first.contested(&port("lidar", Some(&stable))).is_some());
        let other = format!("{device}1");
        assert!(first.contested(&port("lidar", Some(&other))).is_none());
    }

    #[test]
    fn one_device_behind_two_ports_is_contested() {
        let first = port("gnss", Some("/dev/ttyUSB0"));
        assert!(
            first
                .contested(&port("lidar", Some("/dev/ttyUSB0")))
                .is_some()
        );
        assert!(first.contested(&port("/dev/ttyUSB0", None)).is_some());
    }
}
