//! A simulated chip on an I2C bus, and how it is put on one.

use crate::controller::I2cController;
use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::wires::Wires;
use sinew_messages::Timestamp;
use std::fmt;
use std::time::Duration;

/// The buses of a BCM2835 that a header offers: I2C1 on GPIO2 and GPIO3, I2C0 on GPIO0 and GPIO1.
pub(crate) const BUSES: std::ops::RangeInclusive<u8> = 0..=1;

/// Addresses that a chip may have; the others are reserved. Source: NXP UM10204, section 3.1.12.
const ADDRESSES: std::ops::RangeInclusive<u8> = 0x08..=0x77;

/// Now, for a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moment {
    /// The board's time. On a bus: when the last byte of a write was acknowledged, when a read began.
    pub now: Timestamp,
    /// Whether the chip hangs: it answers with its last measurement and takes no new one.
    pub frozen: bool,
}

/// A simulated chip, as the bus sees it. The messages of one transaction are called one after another.
pub trait I2cChip: Send {
    /// Power comes: registers take their reset values.
    fn power_on(&mut self, at: Moment);

    /// Power goes: whatever it drives is let go of.
    fn power_off(&mut self) {}

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

    /// The transaction ended. Messages without a stop between them were joined by a repeated start.
    fn stop(&mut self, _at: Moment) {}

    /// Whether it acknowledges its address now; a memory that is writing does not.
    fn acknowledges(&self, _at: Moment) -> bool {
        true
    }

    /// Whether it answers to this address besides its own: the general call 0x00, or the all-call of its family.
    fn also_answers(&self, _address: u8) -> bool {
        false
    }

    /// How long it held the clock low in the message just carried out, beyond the controller's own pace.
    fn stretched(&self) -> Duration {
        Duration::ZERO
    }
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

impl I2cTwin {
    /// Does something to the chip itself, without a bus.
    pub(crate) fn look(&self, act: impl FnOnce(&mut dyn I2cChip, Moment)) {
        self.0.mock.with(|state| {
            let now = state.wires.now;
            let (socket, part, _) = state.twin(self.0.id);
            if let Part::Chip(part) = part {
                let at = part.moment(now, socket);
                act(part.chip.as_mut(), at);
            }
        });
    }
}

impl Mock {
    /// Gives the I2C buses another controller than the BCM2835's at 100 kHz.
    pub fn set_i2c_controller(&self, controller: I2cController) {
        self.with(|state| state.controller = controller);
    }

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
    pub(crate) bus: u8,
    pub(crate) address: u8,
    pub(crate) chip: Box<dyn I2cChip>,
}

impl ChipPart {
    /// Now, for this chip.
    pub(crate) fn moment(&self, now: Timestamp, socket: &Socket) -> Moment {
        let frozen = socket.frozen;
        Moment { now, frozen }
    }
}

impl Behaviour for ChipPart {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        let at = self.moment(wires.now, socket);
        self.chip.power_on(at);
    }

    fn power_off(&mut self, _: &mut Socket, _: &mut Wires) {
        self.chip.power_off();
    }
}

impl fmt::Debug for ChipPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chip at I2C{}:{:#04x}", self.bus, self.address)
    }
}
