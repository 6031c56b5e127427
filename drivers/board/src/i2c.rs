//! A device on an I2C bus.

use crate::backend;
use crate::bus_thread::{BusThreads, Job};
use crate::claim::Claim;
use crate::exchange::Exchange;
use crate::motion_buses::MotionBuses;
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
    pub(crate) threads: BusThreads,
    pub(crate) motion_buses: MotionBuses,
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
        let device = Arc::new(Device {
            i2c: Arc::clone(&self.i2c),
            bus: self.bus,
            address: self.address,
            motion_buses: self.motion_buses.clone(),
            exchange: Exchange::default(),
        });
        Ok(I2cHandle {
            device,
            threads: self.threads.clone(),
            counters: self.claim.counters(),
        })
    }
}

/// An open way to one device. It answers only for the address that was claimed.
///
/// It is an embedded-hal bus, so that any driver takes it: a transaction then blocks its thread until it ended. And it is
/// an embedded-hal-async bus: a transaction then goes to the thread of its bus (`i2c-1`), which all devices on it share, and the
/// actor's own thread goes on. On a simulated board both happen at once, in the same moments.
///
/// # Cancel safety
///
/// An async transaction that is dropped happens all the same, as on the wire it cannot be stopped; what it read is lost. The
/// next one of this handle waits for it.
#[derive(Debug)]
pub struct I2cHandle {
    device: Arc<Device>,
    threads: BusThreads,
    counters: Arc<Counters>,
}

/// Where the device is, and what is on its way there.
#[derive(Debug)]
struct Device {
    i2c: Arc<dyn backend::I2c>,
    bus: u8,
    address: u8,
    motion_buses: MotionBuses,
    exchange: Exchange<Step, BusError>,
}

/// An operation without its bytes.
#[derive(Clone, Copy, Debug)]
enum Step {
    Write(usize),
    Read(usize),
}

impl Job for Device {
    fn run(&self) {
        self.exchange.carry_out(|steps, bytes| {
            let mut operations = operations(steps, bytes);
            self.i2c
                .transaction(self.bus, self.address, &mut operations)
        });
    }
}

impl I2cHandle {
    /// Whether it may say this on its bus.
    fn may(&self, asked: u8, operations: &[Operation<'_>]) -> Result<(), BusError> {
        let Device { bus, address, .. } = *self.device;
        if asked == address {
            let buses = &self.device.motion_buses;
            return buses.check((bus, address), operations);
        }
        let claimed = address;
        Err(BusError::NotClaimed {
            bus,
            claimed,
            asked,
        })
    }

    /// On this thread.
    fn carry_out(&self, operations: &mut [Operation<'_>]) -> Result<(), BusError> {
        let Device {
            i2c,
            bus,
            address,
            exchange,
            ..
        } = &*self.device;
        // One that was awaited and given up is on its way: what comes after it must not overtake it.
        exchange.block_until_free();
        i2c.transaction(*bus, *address, operations)
    }

    /// On the thread of the bus.
    async fn have_carried_out(&self, operations: &mut [Operation<'_>]) -> Result<(), BusError> {
        let Device { bus, address, .. } = *self.device;
        let failed = |why: String| BusError::Other { bus, address, why };
        let thread = self.threads.of(&format!("i2c-{bus}"));
        let thread = thread.map_err(|error| failed(format!("no thread for the bus: {error}")))?;
        let exchange = &self.device.exchange;
        exchange.is_free().await;
        exchange.hand_over(|steps, bytes| fill(operations, steps, bytes));
        thread.submit(Arc::clone(&self.device) as Arc<dyn Job>);
        let done = exchange.is_done(|bytes| take_back(bytes, operations)).await;
        done.unwrap_or_else(|| Err(failed("the thread of the bus panicked".to_owned())))
    }
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
        self.may(address, operations)
            .and_then(|()| self.carry_out(operations))
            .inspect_err(|_| self.counters.bus_errors.add(1))
    }
}

impl embedded_hal_async::i2c::I2c for I2cHandle {
    async fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        self.counters.transactions.add(1);
        let done = match self.may(address, operations) {
            Err(error) => Err(error),
            Ok(()) if self.device.i2c.blocks() => self.have_carried_out(operations).await,
            Ok(()) => self.carry_out(operations),
        };
        done.inspect_err(|_| self.counters.bus_errors.add(1))
    }
}

/// Puts operations where another thread can have them.
fn fill(operations: &[Operation<'_>], steps: &mut Vec<Step>, bytes: &mut Vec<u8>) {
    for operation in operations {
        match operation {
            Operation::Write(out) => {
                steps.push(Step::Write(out.len()));
                bytes.extend_from_slice(out);
            }
            Operation::Read(into) => {
                steps.push(Step::Read(into.len()));
                bytes.resize(bytes.len() + into.len(), 0);
            }
        }
    }
}

/// The operations that were put there.
fn operations<'a>(steps: &[Step], bytes: &'a mut [u8]) -> Vec<Operation<'a>> {
    let mut rest = bytes;
    let mut next = |length| {
        let (bytes, later) = std::mem::take(&mut rest).split_at_mut(length);
        rest = later;
        bytes
    };
    let operation = |step: &Step| match *step {
        Step::Read(length) => Operation::Read(next(length)),
        Step::Write(length) => Operation::Write(next(length)),
    };
    steps.iter().map(operation).collect()
}

/// Copies what was read to where it was asked for.
fn take_back(bytes: &[u8], operations: &mut [Operation<'_>]) {
    let mut rest = bytes;
    for operation in operations {
        let length = match operation {
            Operation::Write(out) => out.len(),
            Operation::Read(into) => {
                into.copy_from_slice(&rest[..into.len()]);
                into.len()
            }
        };
        rest = &rest[length..];
    }
}
