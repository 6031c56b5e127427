//! The language of a chip on an I2C bus that drives motors, as register writes.

use crate::{Duty, SafeAction};
use std::fmt::Debug;
use std::ops::Deref;
use std::time::Duration;

/// Which registers do what. Numbers alone: nothing here waits, allocates or reads a clock, because the guardian speaks it too.
///
/// Everything that one method gives is one transaction, in which each register is written by a message of its own. So it depends on
/// no pointer that counts up, bank or mode of the chip, and writing it once more changes nothing.
///
/// Its `Debug` must say everything by which two chips differ, but for bus and address: program and guardian compare it.
pub trait MotorChip: Debug + Send + Sync {
    /// How many motors there are, at most [`MOST_MOTORS`](crate::MOST_MOTORS).
    fn motors(&self) -> usize;

    /// Drives a motor by the number that is printed at its terminals, from 1; zero lets it go.
    fn drive(&self, motor: usize, duty: Duty) -> RegisterWrites;

    /// Carries out a safe action; what is left of a ramp at its end is to let go.
    fn rest(&self, motor: usize, action: SafeAction) -> RegisterWrites;

    /// What sets the chip up, one transaction after another, its motors at rest.
    fn setup(&self) -> Vec<RegisterWrites>;

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

/// Registers and what is written to each, carried out by the chip at the end of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterWrites {
    pairs: [[u8; 2]; Self::MOST],
    count: usize,
}

impl RegisterWrites {
    /// More registers than this has none.
    pub const MOST: usize = 12;

    /// These pairs of register and value after one another; what is beyond [`RegisterWrites::MOST`] is none.
    #[must_use]
    pub fn of(parts: &[&[[u8; 2]]]) -> Option<Self> {
        let mut writes = Self {
            pairs: [[0; 2]; Self::MOST],
            count: 0,
        };
        for part in parts {
            let room = writes.pairs.get_mut(writes.count..)?;
            room.get_mut(..part.len())?.copy_from_slice(part);
            writes.count += part.len();
        }
        Some(writes)
    }
}

/// Register and value.
impl Deref for RegisterWrites {
    type Target = [[u8; 2]];
    fn deref(&self) -> &[[u8; 2]] {
        &self.pairs[..self.count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_their_parts_and_never_more_than_have_room() {
        let writes =
            RegisterWrites::of(&[&[[1, 2]], &[], &[[3, 4], [5, 6]]]).expect("there is room");
        assert_eq!(*writes, [[1, 2], [3, 4], [5, 6]]);
        assert!(RegisterWrites::of(&[&[[0; 2]; RegisterWrites::MOST]]).is_some());
        assert_eq!(
            RegisterWrites::of(&[&[[0; 2]; RegisterWrites::MOST], &[[0; 2]]]),
            None
        );
    }
}
