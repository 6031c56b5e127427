//! SPI buses of the mock, and how a simulated chip is put on one.

use crate::i2c::{Moment, Unmodelled};
use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::{Socket, TwinId};
use crate::state::{Slot, State};
use crate::twin::handle;
use crate::wires::Wires;
use embedded_hal::spi::Operation;
use sinew_board::{BoardError, SpiMode, SpiSettings, backend};
use std::fmt;
use std::time::Duration;

/// The bus of a BCM2835 that a header offers, and its chip selects.
const BUS: u8 = 0;
const SELECTS: u8 = 2;

/// A simulated chip on SPI, byte by byte.
pub trait SpiChip: Send {
    /// Power comes: registers take their reset values.
    fn power_on(&mut self, at: Moment) {
        let _ = at;
    }

    /// Its chip select goes low: a transaction begins.
    fn select(&mut self, at: Moment);

    /// A byte goes each way at once.
    ///
    /// # Errors
    ///
    /// [`Unmodelled`] for what this twin does not answer as the chip would.
    fn exchange(&mut self, at: Moment, byte: u8) -> Result<u8, Unmodelled>;

    /// Its chip select goes high: the transaction is over.
    fn deselect(&mut self, at: Moment) {
        let _ = at;
    }
}

handle! {
    /// A chip on an SPI bus, fitted.
    SpiTwin
}

impl Mock {
    /// Fits a chip of your own at a chip select of a bus. `part` is its type, as in `MCP3008`; it understands these
    /// `modes`, and clocks up to `hertz`: spoken to otherwise it is not understood, and that is a complaint.
    ///
    /// A bus or chip select that the controller does not have is a complaint, and the chip is never reached.
    #[allow(
        clippy::too_many_arguments,
        reason = "a chip is put somewhere, and speaks somehow"
    )]
    pub fn spi_chip(
        &self,
        name: &str,
        part: &'static str,
        bus: u8,
        select: u8,
        modes: &'static [SpiMode],
        hertz: u32,
        chip: Box<dyn SpiChip>,
    ) -> SpiTwin {
        let resource = format!("SPI{bus}:{select}");
        if bus != BUS || select >= SELECTS {
            self.with(|state| {
                state.wires.complaints.add(state.wires.now, name, || {
                    format!("{resource} cannot be: the bus is SPI0, its chip selects are 0 and 1")
                });
            });
        }
        let chip = SpiPart {
            bus,
            select,
            modes,
            hertz,
            chip,
        };
        SpiTwin(self.fit(name, part, vec![resource], Part::Spi(chip)))
    }
}

/// A chip, where it is, and how it is spoken to.
pub(crate) struct SpiPart {
    bus: u8,
    select: u8,
    modes: &'static [SpiMode],
    hertz: u32,
    chip: Box<dyn SpiChip>,
}

impl Behaviour for SpiPart {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.chip.power_on(Moment {
            now: wires.now,
            frozen: socket.frozen,
        });
    }
}

impl fmt::Debug for SpiPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chip at SPI{}:{}", self.bus, self.select)
    }
}

impl backend::Spi for Mock {
    fn open(
        &self,
        bus: u8,
        select: u8,
        settings: SpiSettings,
    ) -> Result<Box<dyn backend::SpiLine>, BoardError> {
        if bus != BUS || select >= SELECTS {
            return Err(BoardError::Unavailable {
                what: format!("SPI{bus} chip select {select}"),
                why: "the simulated controller is that of a BCM2835; use SPI0 with chip select 0 or 1".to_owned(),
            });
        }
        Ok(Box::new(Line {
            mock: self.clone(),
            bus,
            select,
            settings,
        }))
    }

    fn blocks(&self) -> bool {
        false
    }
}

/// An open chip select.
#[derive(Debug)]
struct Line {
    mock: Mock,
    bus: u8,
    select: u8,
    settings: SpiSettings,
}

impl backend::SpiLine for Line {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), BoardError> {
        self.mock.with(|state| {
            let Some(id) = state.spi_chip_at(self.bus, self.select) else {
                // Nobody drives the line: the controller reads what its pull gives.
                for operation in operations {
                    read_nothing(operation);
                    state.pass(self.settings, operation);
                }
                return Ok(());
            };
            state
                .exchange(id, self.settings, operations)
                .map_err(|why| {
                    let (socket, _, wires) = state.twin(id);
                    socket.complain(wires, || why.clone());
                    BoardError::Lost {
                        what: format!("{} {:?}", socket.part, socket.name),
                        why,
                    }
                })
        })
    }
}

fn read_nothing(operation: &mut Operation<'_, u8>) {
    match operation {
        Operation::Read(into) | Operation::Transfer(into, _) | Operation::TransferInPlace(into) => {
            into.fill(0)
        }
        Operation::Write(_) | Operation::DelayNs(_) => {}
    }
}

impl State {
    fn spi_chip_at(&self, bus: u8, select: u8) -> Option<TwinId> {
        let there = |slot: &&Slot| {
            slot.socket.plugged
                && matches!(&slot.part, Part::Spi(c) if c.bus == bus && c.select == select)
        };
        self.slots.iter().find(there).map(|slot| slot.socket.id)
    }

    fn exchange(
        &mut self,
        id: TwinId,
        settings: SpiSettings,
        operations: &mut [Operation<'_, u8>],
    ) -> Result<(), String> {
        self.with_chip(id, |chip, at| {
            if !chip.modes.contains(&settings.mode) {
                return Err(format!(
                    "it was spoken to in {:?}, and understands {:?}",
                    settings.mode, chip.modes
                ));
            }
            if settings.hertz > chip.hertz {
                return Err(format!(
                    "it was spoken to at {} Hz, and understands up to {} Hz",
                    settings.hertz, chip.hertz
                ));
            }
            chip.chip.select(at);
            Ok(())
        })?;
        self.show_select(id, settings, true);
        let mut done = Ok(());
        for operation in operations {
            let mut pairs = Vec::new();
            let records = self.wires.analyzer.is_some();
            if done.is_ok() {
                let log = records.then_some(&mut pairs);
                done = self.with_chip(id, |chip, at| bytes(chip, at, operation, log));
            }
            if let Some(analyzer) = &mut self.wires.analyzer {
                let mode = settings.mode;
                analyzer.spi_bytes(&pairs, mode, settings.hertz, self.wires.now);
            }
            self.pass(settings, operation);
        }
        self.show_select(id, settings, false);
        self.with_chip(id, |chip, at| {
            chip.chip.deselect(at);
            Ok(())
        })?;
        done
    }

    fn show_select(&mut self, id: TwinId, settings: SpiSettings, is_selected: bool) {
        let Part::Spi(SpiPart { select, .. }) = self.slots[id.0].part else {
            return;
        };
        let now = self.wires.now;
        if let Some(analyzer) = &mut self.wires.analyzer {
            analyzer.spi_select(select, is_selected, settings.mode, now);
        }
    }

    /// Lets the time of an operation pass: a bit for each period of the clock, and delays as they stand.
    fn pass(&mut self, settings: SpiSettings, operation: &Operation<'_, u8>) {
        let bytes = match operation {
            Operation::DelayNs(nanos) => {
                let until = self.wires.now + Duration::from_nanos(u64::from(*nanos));
                return self.advance(until);
            }
            Operation::Read(bytes) | Operation::TransferInPlace(bytes) => bytes.len(),
            Operation::Write(bytes) => bytes.len(),
            Operation::Transfer(into, out) => into.len().max(out.len()),
        };
        let nanos = bytes as u64 * 8 * 1_000_000_000 / u64::from(settings.hertz.max(1));
        self.advance(self.wires.now + Duration::from_nanos(nanos));
    }

    fn with_chip<T>(
        &mut self,
        id: TwinId,
        work: impl FnOnce(&mut SpiPart, Moment) -> Result<T, String>,
    ) -> Result<T, String> {
        let now = self.wires.now;
        let (socket, part, _) = self.twin(id);
        let frozen = socket.frozen;
        let Part::Spi(chip) = part else {
            unreachable!("spi_chip_at finds chips on SPI only")
        };
        work(chip, Moment { now, frozen })
    }
}

/// The bytes of one operation.
fn bytes(
    chip: &mut SpiPart,
    at: Moment,
    operation: &mut Operation<'_, u8>,
    mut log: Option<&mut Vec<(u8, u8)>>,
) -> Result<(), String> {
    let mut exchange = |byte| {
        let answer = chip.chip.exchange(at, byte);
        if let (Ok(answer), Some(log)) = (&answer, &mut log) {
            log.push((byte, *answer));
        }
        answer.map_err(|unmodelled| unmodelled.to_string())
    };
    match operation {
        Operation::Read(into) => {
            for to in into.iter_mut() {
                *to = exchange(0)?;
            }
        }
        Operation::Write(out) => {
            for byte in out.iter() {
                exchange(*byte)?;
            }
        }
        Operation::Transfer(into, out) => {
            for place in 0..into.len().max(out.len()) {
                let answer = exchange(out.get(place).copied().unwrap_or(0))?;
                if let Some(to) = into.get_mut(place) {
                    *to = answer;
                }
            }
        }
        Operation::TransferInPlace(both) => {
            for byte in both.iter_mut() {
                *byte = exchange(*byte)?;
            }
        }
        Operation::DelayNs(_) => {}
    }
    Ok(())
}
