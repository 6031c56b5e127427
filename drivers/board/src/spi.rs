//! A chip on an SPI bus.

use crate::backend;
use crate::claim::Claim;
use crate::statistics::Counters;
use crate::{BoardError, SpiSettings};
use embedded_hal::spi::{ErrorType, Operation, SpiDevice};
use std::sync::Arc;

/// The right to a chip select of a bus.
#[derive(Clone, Debug)]
pub struct SpiClaim {
    pub(crate) claim: Claim,
    pub(crate) spi: Arc<dyn backend::Spi>,
    pub(crate) bus: u8,
    pub(crate) select: u8,
    pub(crate) settings: SpiSettings,
    pub(crate) collecting: bool,
}

impl SpiClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// Opens the way to the chip; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the board has no such bus or chip select, cannot speak so, or only collects claims.
    pub fn open(&self) -> Result<SpiHandle, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        Ok(SpiHandle {
            line: self.spi.open(self.bus, self.select, self.settings)?,
            counters: self.claim.counters(),
        })
    }
}

/// An open way to one chip: an embedded-hal device, so that any driver takes it. Each transaction blocks until it ended, with
/// the chip selected all the while.
#[derive(Debug)]
pub struct SpiHandle {
    line: Box<dyn backend::SpiLine>,
    counters: Arc<Counters>,
}

impl ErrorType for SpiHandle {
    type Error = BoardError;
}

impl SpiDevice for SpiHandle {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), BoardError> {
        self.counters.transactions.add(1);
        let done = self.line.transaction(operations);
        done.inspect_err(|_| self.counters.bus_errors.add(1))
    }
}
