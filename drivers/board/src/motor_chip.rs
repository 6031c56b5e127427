//! The language of a chip on an I2C bus that drives motors, as register writes.

use crate::{Duty, SafeAction};
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// Which registers do what. Numbers alone: nothing here waits, allocates or reads a clock, because the guardian speaks it too.
///
/// Each [`Burst`] is one transaction of one message: i2c-bcm2835, the driver of most Pis, promises nothing of several short messages
/// in one. It is carried out by the chip at its end, and writing it once more changes nothing. One that breaks off has written its first registers:
/// none of their beginnings may drive a motor harder than before and after.
///
/// Its `Debug` must say everything by which two chips differ, but for bus and address: program and guardian compare it.
pub trait MotorChip: Debug + Send + Sync {
    /// How many motors there are, at most [`MOST_MOTORS`](crate::MOST_MOTORS).
    fn motors(&self) -> usize;

    /// Drives a motor by the number that is printed at its terminals, from 1; zero lets it go.
    fn drive(&self, motor: usize, duty: Duty) -> Burst;

    /// Carries out a safe action: first one register that stops the motor whatever mode the chip is in, then all of it. What is left of a
    /// ramp at its end is to let go.
    fn rest(&self, motor: usize, action: SafeAction) -> [Burst; 2];

    /// What sets the chip up, one transaction after another, its motors at rest.
    fn setup(&self) -> Vec<Burst>;

    /// How long it takes then until it is ready.
    fn settles(&self) -> Duration;

    /// By what it shows that it is set up; the first says whether its supply broke down since.
    fn shows(&self) -> &[ReadBack];
}

/// What stands in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// Which register.
    pub register: u8,
    /// The bits that count.
    pub mask: u8,
    /// What these bits are.
    pub value: u8,
}

/// A register, and what is written from it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Burst {
    /// More bytes than this has none, that of the register included.
    pub const LONGEST: usize = 17;

    /// These values from this register on; what is beyond [`Burst::LONGEST`] is none.
    #[must_use]
    pub fn of(register: u8, values: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::LONGEST];
        bytes[0] = register;
        bytes.get_mut(1..=values.len())?.copy_from_slice(values);
        let length = 1 + values.len();
        Some(Self { bytes, length })
    }
}

/// The bytes of the message.
impl Deref for Burst {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The kernel's interface wants bytes that it could change.
impl DerefMut for Burst {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_its_register_and_values_and_never_more_than_have_room() {
        let burst = Burst::of(7, &[1, 2]).expect("there is room");
        assert_eq!(*burst, [7, 1, 2]);
        assert!(Burst::of(0, &[0; Burst::LONGEST - 1]).is_some());
        assert_eq!(Burst::of(0, &[0; Burst::LONGEST]), None);
    }
}
