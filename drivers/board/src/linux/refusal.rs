//! What the kernel's refusals mean, and what to do about them.

use crate::BoardError;
use std::io;

/// What kind of device refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// A line of a GPIO chip.
    Gpio,
    /// An I2C bus.
    I2c,
    /// A chip on an SPI bus.
    Spi,
    /// A PWM channel.
    Pwm,
    /// A serial port.
    Serial,
    /// What somebody holds.
    #[cfg_attr(not(feature = "evdev"), allow(dead_code, reason = "nothing opens one"))]
    Input,
}

/// The error for what the kernel refused.
pub(super) fn refused(
    doing: &'static str,
    what: String,
    source: io::Error,
    device: Device,
) -> BoardError {
    let remedy = remedy(
        device,
        source
            .raw_os_error()
            .map(rustix::io::Errno::from_raw_os_error),
    );
    BoardError::System {
        doing,
        what,
        remedy: remedy.to_owned(),
        source,
    }
}

/// What a user does about an error number. The numbers of a chip that does not answer are `BusError`'s.
pub(super) fn remedy(device: Device, errno: Option<rustix::io::Errno>) -> &'static str {
    use Device::{Gpio, I2c, Input, Pwm, Serial, Spi};
    use rustix::io::Errno;
    match (device, errno) {
        (Input, Some(errno)) => of_input(errno),
        (Gpio, Some(Errno::ACCESS | Errno::PERM)) => {
            "add the user to the group gpio (sudo usermod -aG gpio $USER) and log in again"
        }
        (I2c, Some(Errno::ACCESS | Errno::PERM)) => {
            "add the user to the group i2c (sudo usermod -aG i2c $USER) and log in again"
        }
        (Spi, Some(Errno::ACCESS | Errno::PERM)) => {
            "add the user to the group spi (sudo usermod -aG spi $USER) and log in again"
        }
        (Pwm, Some(Errno::ACCESS | Errno::PERM)) => {
            "the group gpio owns PWM channels on Raspberry Pi OS: sudo usermod -aG gpio $USER, and log in again; \
             elsewhere a udev rule must give /sys/class/pwm to a group"
        }
        (Serial, Some(Errno::ACCESS | Errno::PERM)) => {
            "add the user to the group dialout (sudo usermod -aG dialout $USER) and log in again"
        }
        (Gpio, Some(Errno::NOENT | Errno::NODEV)) => {
            "this computer has no such GPIO chip: gpiodetect lists those that it has"
        }
        (I2c, Some(Errno::NOENT | Errno::NODEV)) => {
            "switch the bus on (sudo raspi-config nonint do_i2c 0, or dtparam=i2c_arm=on) and load i2c-dev"
        }
        (Spi, Some(Errno::NOENT | Errno::NODEV | Errno::NXIO)) => {
            "switch the bus on (sudo raspi-config nonint do_spi 0, or dtparam=spi=on); it has chip selects 0 and 1"
        }
        (Pwm, Some(Errno::NOENT | Errno::NODEV)) => {
            "switch the hardware PWM on (dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4 in config.txt)"
        }
        (Serial, Some(Errno::NOENT | Errno::NODEV | Errno::NXIO)) => {
            "it is not plugged in, or has another name: ls -l /dev/serial/by-id"
        }
        (Gpio, Some(Errno::BUSY)) => "something else has the line: gpioinfo names its consumer",
        (I2c, Some(Errno::BUSY)) => {
            "a driver of the kernel has the address: i2cdetect shows UU there; unload it, or remove its overlay"
        }
        (Pwm, Some(Errno::BUSY)) => {
            "something else has the channel: unexport it, or remove its overlay"
        }
        (Spi, Some(Errno::BUSY)) => {
            "a driver of the kernel has the chip select: remove its overlay"
        }
        (Spi, Some(Errno::MSGSIZE)) => {
            "the kernel takes 4096 bytes in a transaction: use several, or spidev.bufsiz=65536 in cmdline.txt"
        }
        (Spi, Some(Errno::INVAL)) => "the controller cannot make this clock or mode",
        (Serial, Some(Errno::BUSY)) => {
            "another program has it for itself: a login console (raspi-config, Serial Port) or ModemManager"
        }
        (Gpio, Some(Errno::INVAL | Errno::OPNOTSUPP)) => {
            "the chip cannot do that: not every one has a pull resistor, or reports edges"
        }
        (Pwm, Some(Errno::INVAL | Errno::RANGE)) => "the chip cannot make this period",
        (Serial, Some(Errno::INVAL | Errno::NOTTY)) => {
            "the device is no serial port, or cannot be set so: try a usual baud rate"
        }
        (_, Some(Errno::MFILE | Errno::NFILE)) => "too many files are open: ulimit -n",
        (_, Some(Errno::IO)) => "the device was unplugged, or its driver failed: dmesg says more",
        _ => "dmesg may say more",
    }
}

fn of_input(errno: rustix::io::Errno) -> &'static str {
    use rustix::io::Errno;
    match errno {
        Errno::ACCESS | Errno::PERM => {
            "add the user to the group input (sudo usermod -aG input $USER) and log in again"
        }
        Errno::NOENT | Errno::NODEV | Errno::NXIO => {
            "it is not plugged in or not paired, or has another path: ls -l /dev/input/by-id"
        }
        Errno::BUSY => "another program has it for itself",
        Errno::NOTTY | Errno::INVAL => "the file is no input device",
        _ => "dmesg may say more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn what_a_newcomer_meets_first_has_a_remedy_of_its_own() {
        for device in [
            Device::Gpio,
            Device::I2c,
            Device::Spi,
            Device::Pwm,
            Device::Serial,
            Device::Input,
        ] {
            for errno in [
                Errno::ACCESS,
                Errno::PERM,
                Errno::NOENT,
                Errno::NODEV,
                Errno::BUSY,
            ] {
                let remedy = remedy(device, Some(errno));
                assert_ne!(remedy, "dmesg may say more", "{device:?} {errno:?}");
            }
        }
    }

    #[test]
    fn an_error_says_what_was_tried_on_which_device_and_what_to_do() {
        let source = io::Error::from_raw_os_error(Errno::ACCESS.raw_os_error());
        let error = refused("open", "/dev/i2c-1".to_owned(), source, Device::I2c);
        let text = error.to_string();
        for part in ["open", "/dev/i2c-1", "usermod -aG i2c"] {
            assert!(text.contains(part), "{text}");
        }
        let cause = std::error::Error::source(&error).expect("the kernel's words");
        assert!(cause.to_string().contains("ermission denied"), "{cause}");
    }
}
