//! RS-485: the kernel's driver raises the transmitter's enable line (RTS) while it sends.
//!
//! Source: Documentation/driver-api/serial/serial-rs485.rst and include/uapi/linux/serial.h of Linux.

use crate::Rs485;
use rustix::ioctl::{Opcode, Setter};
use std::io;
use std::os::fd::AsFd;

const TIOCSRS485: u32 = 0x542F;
const ENABLED: u32 = 1 << 0;
const RTS_ON_SEND: u32 = 1 << 1;
const RTS_AFTER_SEND: u32 = 1 << 2;
const RX_DURING_TX: u32 = 1 << 4;

/// `struct serial_rs485`.
#[repr(C)]
#[derive(Debug, Default)]
struct Setting {
    flags: u32,
    /// In milliseconds.
    delay_rts_before_send: u32,
    delay_rts_after_send: u32,
    padding: [u32; 5],
}

/// Has the driver of an open port switch between sending and receiving.
///
/// # Errors
///
/// What the kernel says, if the driver cannot.
#[allow(unsafe_code, reason = "no crate has this call")]
pub(super) fn switch_on(port: impl AsFd, rs485: Rs485) -> io::Result<()> {
    let level = if rs485.rts_high_on_send {
        RTS_ON_SEND
    } else {
        RTS_AFTER_SEND
    };
    let echo = if rs485.hears_itself { RX_DURING_TX } else { 0 };
    let setting = Setting {
        flags: ENABLED | level | echo,
        delay_rts_before_send: u32::from(rs485.before_send_ms),
        delay_rts_after_send: u32::from(rs485.after_send_ms),
        padding: [0; 5],
    };
    // SAFETY: the call reads a `struct serial_rs485`, which `Setting` is, and keeps nothing of it; another kind of file refuses it.
    let set = unsafe {
        let request = Setter::<{ TIOCSRS485 as Opcode }, Setting>::new(setting);
        rustix::ioctl::ioctl(port, request)
    };
    Ok(set?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_is_as_large_as_the_kernels() {
        assert_eq!(size_of::<Setting>(), 32);
    }
}
