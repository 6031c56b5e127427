//! A chip on an SPI bus.

use crate::backend;
use crate::bus_thread::{BusThreads, Job};
use crate::claim::Claim;
use crate::exchange::Exchange;
use crate::statistics::Counters;
use crate::sync::lock;
use crate::{BoardError, SpiSettings};
use embedded_hal::spi::{ErrorType, Operation, SpiDevice};
use std::sync::{Arc, Mutex};

/// The right to a chip select of a bus.
#[derive(Clone, Debug)]
pub struct SpiClaim {
    pub(crate) claim: Claim,
    pub(crate) spi: Arc<dyn backend::Spi>,
    pub(crate) bus: u8,
    pub(crate) select: u8,
    pub(crate) settings: SpiSettings,
    pub(crate) threads: BusThreads,
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
        let line = self.spi.open(self.bus, self.select, self.settings)?;
        Ok(SpiHandle {
            chip: Arc::new(Chip {
                line: Mutex::new(line),
                exchange: Exchange::default(),
            }),
            bus: self.bus,
            blocks: self.spi.blocks(),
            threads: self.threads.clone(),
            counters: self.claim.counters(),
        })
    }
}

/// An open way to one chip, which is selected from the begin of each transaction to its end.
///
/// It is an embedded-hal device, so that any driver takes it: a transaction then blocks its thread until it ended. And it
/// is an embedded-hal-async device: a transaction then goes to the thread of its bus (`spi-0`), as with [`crate::I2cHandle`].
///
/// # Cancel safety
///
/// An async transaction that is dropped happens all the same; what it read is lost. The next one of this handle waits for it.
#[derive(Debug)]
pub struct SpiHandle {
    chip: Arc<Chip>,
    bus: u8,
    blocks: bool,
    threads: BusThreads,
    counters: Arc<Counters>,
}

/// The way to the chip, and what is on its way there.
#[derive(Debug)]
struct Chip {
    line: Mutex<Box<dyn backend::SpiLine>>,
    exchange: Exchange<Step, BoardError>,
}

/// An operation without its bytes.
#[derive(Clone, Copy, Debug)]
enum Step {
    Read(usize),
    Write(usize),
    /// So many are read, so many written; those to be read stand first.
    Transfer(usize, usize),
    InPlace(usize),
    Delay(u32),
}

impl Job for Chip {
    fn run(&self) {
        self.exchange.carry_out(|steps, bytes| {
            let mut operations = operations(steps, bytes);
            lock(&self.line).transaction(&mut operations)
        });
    }
}

impl SpiHandle {
    /// On the thread of the bus.
    async fn have_carried_out(
        &self,
        operations: &mut [Operation<'_, u8>],
    ) -> Result<(), BoardError> {
        let failed = |why: String| BoardError::Lost {
            what: format!("SPI{}", self.bus),
            why,
        };
        let thread = self.threads.of(&format!("spi-{}", self.bus));
        let thread = thread.map_err(|error| failed(format!("no thread for the bus: {error}")))?;
        let exchange = &self.chip.exchange;
        exchange.is_free().await;
        exchange.hand_over(|steps, bytes| fill(operations, steps, bytes));
        thread.submit(Arc::clone(&self.chip) as Arc<dyn Job>);
        let done = exchange.is_done(|bytes| take_back(bytes, operations)).await;
        done.unwrap_or_else(|| Err(failed("the thread of the bus panicked".to_owned())))
    }
}

impl ErrorType for SpiHandle {
    type Error = BoardError;
}

impl SpiDevice for SpiHandle {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), BoardError> {
        self.counters.transactions.add(1);
        // One that was awaited and given up is on its way: what comes after it must not overtake it.
        self.chip.exchange.block_until_free();
        let done = lock(&self.chip.line).transaction(operations);
        done.inspect_err(|_| self.counters.bus_errors.add(1))
    }
}

impl embedded_hal_async::spi::SpiDevice for SpiHandle {
    async fn transaction(
        &mut self,
        operations: &mut [Operation<'_, u8>],
    ) -> Result<(), BoardError> {
        if !self.blocks {
            return SpiDevice::transaction(self, operations);
        }
        self.counters.transactions.add(1);
        let done = self.have_carried_out(operations).await;
        done.inspect_err(|_| self.counters.bus_errors.add(1))
    }
}

/// Puts operations where another thread can have them.
fn fill(operations: &[Operation<'_, u8>], steps: &mut Vec<Step>, bytes: &mut Vec<u8>) {
    for operation in operations {
        match operation {
            Operation::Read(into) => {
                steps.push(Step::Read(into.len()));
                bytes.resize(bytes.len() + into.len(), 0);
            }
            Operation::Write(out) => {
                steps.push(Step::Write(out.len()));
                bytes.extend_from_slice(out);
            }
            Operation::Transfer(into, out) => {
                steps.push(Step::Transfer(into.len(), out.len()));
                bytes.resize(bytes.len() + into.len(), 0);
                bytes.extend_from_slice(out);
            }
            Operation::TransferInPlace(both) => {
                steps.push(Step::InPlace(both.len()));
                bytes.extend_from_slice(both);
            }
            Operation::DelayNs(nanos) => steps.push(Step::Delay(*nanos)),
        }
    }
}

/// The operations that were put there.
fn operations<'a>(steps: &[Step], bytes: &'a mut [u8]) -> Vec<Operation<'a, u8>> {
    let mut rest = bytes;
    let mut next = |length| {
        let (bytes, later) = std::mem::take(&mut rest).split_at_mut(length);
        rest = later;
        bytes
    };
    let operation = |step: &Step| match *step {
        Step::Read(length) => Operation::Read(next(length)),
        Step::Write(length) => Operation::Write(next(length)),
        Step::Transfer(into, out) => Operation::Transfer(next(into), next(out)),
        Step::InPlace(length) => Operation::TransferInPlace(next(length)),
        Step::Delay(nanos) => Operation::DelayNs(nanos),
    };
    steps.iter().map(operation).collect()
}

/// Copies what was read to where it was asked for.
fn take_back(bytes: &[u8], operations: &mut [Operation<'_, u8>]) {
    let mut rest = bytes;
    for operation in operations {
        let skipped = match operation {
            Operation::Write(out) => out.len(),
            Operation::Read(into) | Operation::TransferInPlace(into) => {
                into.copy_from_slice(&rest[..into.len()]);
                into.len()
            }
            Operation::Transfer(into, out) => {
                into.copy_from_slice(&rest[..into.len()]);
                into.len() + out.len()
            }
            Operation::DelayNs(_) => 0,
        };
        rest = &rest[skipped..];
    }
}
