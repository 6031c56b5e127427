//! The I2C buses on which motors are.

use crate::sync::lock;
use crate::{BusError, backend};
use embedded_hal::i2c::Operation;
use sinew_messages::Hertz;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// No transaction on such a bus takes longer: a stop waits behind it.
pub(crate) const LONGEST_TRANSACTION: Duration = Duration::from_millis(5);
/// A start, the address with its direction, and the acknowledge (NXP UM10204, section 3.1.10).
const ADDRESS_BITS: usize = 10;
/// A byte and its acknowledge.
const BYTE_BITS: usize = 9;

/// Which buses of a board these are, and the clock of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct MotionBuses(Arc<Mutex<BTreeMap<u8, Hertz>>>);

impl MotionBuses {
    /// A motor is on this one from now on.
    pub(crate) fn add(&self, bus: u8, i2c: &dyn backend::I2c) {
        i2c.carry_motion(bus);
        lock(&self.0).insert(bus, i2c.clock(bus));
    }

    /// Refuses a transaction behind which a stop would wait too long.
    pub(crate) fn check(
        &self,
        (bus, address): (u8, u8),
        operations: &[Operation<'_>],
    ) -> Result<(), BusError> {
        let Some(clock) = lock(&self.0).get(&bus).copied() else {
            return Ok(());
        };
        let bits: usize = operations.iter().map(bits).sum();
        let takes = Duration::from_secs_f64(bits as f64 / clock.0.max(1.0));
        if takes <= LONGEST_TRANSACTION {
            return Ok(());
        }
        let why = format!(
            "a transaction that takes {:.1} ms, on a bus with motors, where a stop waits for {} ms at most: use shorter ones, a faster \
             clock (dtparam=i2c_arm_baudrate=400000), or another bus",
            takes.as_secs_f64() * 1e3,
            LONGEST_TRANSACTION.as_millis()
        );
        Err(BusError::Other { bus, address, why })
    }
}

fn bits(operation: &Operation<'_>) -> usize {
    let bytes = match operation {
        Operation::Read(bytes) => bytes.len(),
        Operation::Write(bytes) => bytes.len(),
    };
    ADDRESS_BITS + BYTE_BITS * bytes
}
