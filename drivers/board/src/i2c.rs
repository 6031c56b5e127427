//! A device on an I2C bus.

use crate::backend;
use crate::claim::Claim;
use crate::statistics::Counters;
use crate::{BoardError, BusError};
use embedded_hal::i2c::{ErrorType, I2c, Operation};
use std::sync::Arc;

/// The right to talk to one address of a bus.
#[derive(Clone, Debug)]
pub struct I2cClaim {
    pub(crate) claim: Claim,
    pub(crate) i2c: Arc<dyn backend::I2c>,
    pub(crate) bus: u8,
    pub(crate) address: u8,
    pub(crate) collecting: bool,
}

impl I2cClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// The claimed address, for drivers that want it said.
    #[must_use]
    pub const fn address(&self) -> u8 {
        self.address
    }

    /// Opens the way to the device; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`BoardError`] on a board that only collects claims.
    pub fn open(&self) -> Result<I2cHandle, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        Ok(I2cHandle {
            i2c: Arc::clone(&self.i2c),
            bus: self.bus,
            address: self.address,
            counters: self.claim.counters(),
        })
    }
}

/// An open way to one device. It is an embedded-hal bus, so that any driver takes it, but answers only for the
/// address that was claimed.
#[derive(Debug)]
pub struct I2cHandle {
    i2c: Arc<dyn backend::I2c>,
    bus: u8,
    address: u8,
    counters: Arc<Counters>,
}

impl ErrorType for I2cHandle {
    type Error = BusError;
}

impl I2c for I2cHandle {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        self.counters.transactions.add(1);
        let done = if address == self.address {
            self.i2c.transaction(self.bus, address, operations)
        } else {
            Err(BusError::NotClaimed {
                bus: self.bus,
                claimed: self.address,
                asked: address,
            })
        };
        done.inspect_err(|_| self.counters.bus_errors.add(1))
    }
}
