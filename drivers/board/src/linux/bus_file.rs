//! An I2C bus as a file that a motion output writes, and that another process can hold as well.

use super::i2c::{PATIENCE_WITH_MOTORS, failed, set_patience};
use crate::BusError;
use crate::backend::MotorBus;
use crate::motor_chip::Burst;
use rustix::ioctl::{Opcode, Updater};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// Carries out a transaction (`I2C_RDWR` of Linux, include/uapi/linux/i2c-dev.h).
const I2C_RDWR: Opcode = 0x0707;
/// A message that is read (`I2C_M_RD`, include/uapi/linux/i2c.h).
const I2C_M_RD: u16 = 1;

/// `struct i2c_msg`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Message {
    address: u16,
    flags: u16,
    length: u16,
    bytes: *mut u8,
}

/// `struct i2c_rdwr_ioctl_data`.
#[repr(C)]
struct Transaction {
    messages: *mut Message,
    count: u32,
}

/// A chip on an open bus.
#[derive(Debug)]
pub(crate) struct BusFile {
    file: OwnedFd,
    bus: u8,
    address: u8,
}

impl BusFile {
    /// The chip at this address of the bus that was opened as [`crate::backend::I2c::wire`] does.
    pub(crate) fn new(file: OwnedFd, bus: u8, address: u8) -> Self {
        Self { file, bus, address }
    }

    fn message(&self, flags: u16, bytes: &mut [u8]) -> Message {
        Message {
            address: u16::from(self.address),
            flags,
            // None is longer than a burst.
            length: bytes.len() as u16,
            bytes: bytes.as_mut_ptr(),
        }
    }

    /// Carries the messages out, joined by repeated starts. Allocates nothing.
    #[allow(unsafe_code, reason = "no crate does this on an open file")]
    fn carry_out(&self, messages: &mut [Message]) -> Result<(), BusError> {
        let mut transaction = Transaction {
            messages: messages.as_mut_ptr(),
            // The kernel takes 42.
            count: messages.len() as u32,
        };
        // SAFETY: both structures are those of the kernel's header; each message points to as many bytes as it says, which its caller
        // keeps until this returns; another kind of file refuses the call.
        let done = unsafe {
            let call = Updater::<I2C_RDWR, Transaction>::new(&mut transaction);
            rustix::ioctl::ioctl(self.file.as_fd(), call)
        };
        done.map_err(|errno| failed(self.bus, self.address, io::Error::from(errno)))
    }
}

impl MotorBus for BusFile {
    fn hurry(&self) -> Result<(), BusError> {
        let set = set_patience(self.file.as_fd(), PATIENCE_WITH_MOTORS);
        set.map_err(|error| failed(self.bus, self.address, error))
    }

    fn write(&self, burst: &Burst) -> Result<(), BusError> {
        let mut bytes = *burst;
        let mut messages = [self.message(0, &mut bytes)];
        self.carry_out(&mut messages)
    }

    fn read(&self, register: u8) -> Result<u8, BusError> {
        let (mut asks, mut answer) = ([register], [0]);
        let mut messages = [
            self.message(0, &mut asks),
            self.message(I2C_M_RD, &mut answer),
        ];
        self.carry_out(&mut messages)?;
        Ok(answer[0])
    }

    fn place(&self) -> (u8, u8) {
        (self.bus, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_bus_refuses_and_nothing_breaks() {
        let file = tempfile::tempfile().unwrap();
        let bus = BusFile::new(file.into(), 1, 0x60);
        let burst = Burst::of(0, &[1, 2]).unwrap();
        let hurried = bus.hurry().err();
        for done in [bus.write(&burst).err(), bus.read(0).err(), hurried] {
            let text = done.unwrap().to_string();
            assert!(text.contains("I2C1 address 0x60"), "{text}");
        }
    }
}
