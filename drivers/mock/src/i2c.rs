//! I2C buses of the mock, and how a simulated chip is put on one.

use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::{Socket, TwinId};
use crate::state::{Slot, State};
use crate::twin::handle;
use crate::wires::Wires;
use embedded_hal::i2c::{NoAcknowledgeSource, Operation};
use sinew_board::{BusError, backend};
use sinew_messages::Timestamp;
use std::fmt;

/// The buses of a BCM2835 that a header offers: I2C1 on GPIO2 and GPIO3, I2C0 on GPIO0 and GPIO1.
const BUSES: std::ops::RangeInclusive<u8> = 0..=1;

/// Addresses that a chip may have; the others are reserved. Source: NXP UM10204, section 3.1.12.
const ADDRESSES: std::ops::RangeInclusive<u8> = 0x08..=0x77;

/// Now, for a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moment {
    /// The board's time.
    pub now: Timestamp,
    /// Whether the chip hangs: it answers with its last measurement and takes no new one.
    pub frozen: bool,
}

/// A simulated chip, as the bus sees it. The messages of one transaction are called one after another.
pub trait I2cChip: Send {
    /// Power comes: registers take their reset values.
    fn power_on(&mut self, at: Moment);

    /// The controller wrote these bytes to it in one message.
    ///
    /// # Errors
    ///
    /// [`Unmodelled`] for what this twin does not answer as the chip would.
    fn write(&mut self, at: Moment, bytes: &[u8]) -> Result<(), Unmodelled>;

    /// The controller reads bytes from it.
    ///
    /// # Errors
    ///
    /// [`Unmodelled`] for what this twin does not answer as the chip would.
    fn read(&mut self, at: Moment, into: &mut [u8]) -> Result<(), Unmodelled>;
}

/// An access that a twin does not model. The driver gets an error, and the mock keeps a complaint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{access} register {register:#04x} ({name}) is not modelled: {why}")]
pub struct Unmodelled {
    /// What was done: `reading`, `writing 0x40 to`.
    pub access: String,
    /// The register's address.
    pub register: u8,
    /// Its name in the datasheet, or `unknown`.
    pub name: &'static str,
    /// What exactly is missing.
    pub why: &'static str,
}

handle! {
    /// A chip on an I2C bus, fitted.
    I2cTwin
}

impl Mock {
    /// Fits a chip of your own at a seven-bit address. `part` is its type, as in `MPU6050`.
    ///
    /// A bus or address that the controller does not have is a complaint, and the chip is never reached.
    pub fn i2c_chip(
        &self,
        name: &str,
        part: &'static str,
        bus: u8,
        address: u8,
        chip: Box<dyn I2cChip>,
    ) -> I2cTwin {
        let resource = format!("I2C{bus}:{address:#04x}");
        if !BUSES.contains(&bus) || !ADDRESSES.contains(&address) {
            self.with(|state| {
                state.wires.complaints.add(state.wires.now, name, || {
                    format!("{resource} cannot be: buses are I2C0 and I2C1, addresses 0x08 to 0x77")
                });
            });
        }
        let chip = ChipPart { bus, address, chip };
        I2cTwin(self.fit(name, part, vec![resource], Part::Chip(chip)))
    }
}

/// A chip and where it is.
pub(crate) struct ChipPart {
    bus: u8,
    address: u8,
    chip: Box<dyn I2cChip>,
}

impl Behaviour for ChipPart {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.chip.power_on(Moment {
            now: wires.now,
            frozen: socket.frozen,
        });
    }
}

impl fmt::Debug for ChipPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chip at I2C{}:{:#04x}", self.bus, self.address)
    }
}

impl backend::I2c for Mock {
    fn transaction(
        &self,
        bus: u8,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        if !BUSES.contains(&bus) {
            let why =
                "the simulated controller is that of a BCM2835; use I2C1 (header pins 3 and 5)";
            return Err(BusError::NoSuchBus {
                bus,
                why: why.to_owned(),
            });
        }
        self.with(|state| {
            let Some(id) = state.chip_at(bus, address) else {
                return Err(BusError::NoAcknowledge {
                    bus,
                    address,
                    of: NoAcknowledgeSource::Address,
                });
            };
            state
                .refuse_what_the_controller_refuses(operations)
                .and_then(|()| state.transfer(id, operations))
                .map_err(|why| {
                    let (socket, _, wires) = state.twin(id);
                    socket.complain(wires, || why.clone());
                    let why = format!("{} {:?}: {why}", socket.part, socket.name);
                    BusError::Other { bus, address, why }
                })
        })
    }
}

impl State {
    fn chip_at(&self, bus: u8, address: u8) -> Option<TwinId> {
        let there = |slot: &&Slot| {
            slot.socket.plugged
                && matches!(&slot.part, Part::Chip(c) if c.bus == bus && c.address == address)
        };
        self.slots.iter().find(there).map(|slot| slot.socket.id)
    }

    /// The kernel's driver of the BCM2835 takes one read message, and only as the last of a transaction.
    /// Source: drivers/i2c/busses/i2c-bcm2835.c, `bcm2835_i2c_xfer`, which returns EOPNOTSUPP.
    fn refuse_what_the_controller_refuses(
        &self,
        operations: &[Operation<'_>],
    ) -> Result<(), String> {
        let is_read = |operation: &Operation<'_>| matches!(operation, Operation::Read(_));
        if operations
            .windows(2)
            .any(|w| is_read(&w[0]) && !is_read(&w[1]))
        {
            return Err(
                "the controller (bcm2835) takes one read in a transaction, and only as the last; \
                 split the transaction (crate ina219: feature `no_transaction`)"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Adjacent writes are one message, and so are adjacent reads, as embedded-hal has it.
    fn transfer(&mut self, id: TwinId, operations: &mut [Operation<'_>]) -> Result<(), String> {
        let now = self.wires.now;
        let mut bytes = std::mem::take(&mut self.scratch);
        let (socket, part, _) = self.twin(id);
        let at = Moment {
            now,
            frozen: socket.frozen,
        };
        let Part::Chip(ChipPart { chip, .. }) = part else {
            unreachable!("chip_at finds chips only")
        };
        let mut result = Ok(());
        let mut rest = operations;
        while let (Ok(()), Some((first, later))) = (&result, rest.split_first_mut()) {
            match first {
                Operation::Write(part) => {
                    bytes.extend_from_slice(part);
                    if !matches!(later.first(), Some(Operation::Write(_))) {
                        result = chip.write(at, &bytes);
                        bytes.clear();
                    }
                }
                Operation::Read(into) => result = chip.read(at, into),
            }
            rest = later;
        }
        bytes.clear();
        self.scratch = bytes;
        result.map_err(|unmodelled| unmodelled.to_string())
    }
}
