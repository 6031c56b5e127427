//! The I2C buses of the mock: transactions, and the time that they take.

use crate::analyzer::I2cMessage;
use crate::i2c::{BUSES, I2cChip, Moment};
use crate::mock::Mock;
use crate::part::Part;
use crate::socket::TwinId;
use crate::state::{Slot, State};
use embedded_hal::i2c::{NoAcknowledgeSource, Operation};
use sinew_board::{BusError, backend};
use sinew_messages::{Hertz, Timestamp};
use std::time::Duration;

impl backend::I2c for Mock {
    fn is_simulated(&self) -> bool {
        true
    }

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
        self.is_free(Place { bus, address })?;
        self.with(|state| {
            let reads = matches!(operations.first(), Some(Operation::Read(_)));
            state.transaction(Place { bus, address }, reads, |state, id| {
                match state.controller.takes(operations) {
                    Ok(()) => state.messages(Place { bus, address }, id, operations),
                    Err(why) => Err(Refused(id, why.to_owned())),
                }
            })
        })
    }

    fn carry_motion(&self, bus: u8) {
        self.with(|state| {
            if let Some(gives_up) = state.gives_up.get_mut(usize::from(bus)) {
                *gives_up = GIVES_UP_WITH_MOTORS;
            }
        });
    }

    fn clock(&self, _: u8) -> Hertz {
        self.with(|state| state.controller.clock())
    }

    fn blocks(&self) -> bool {
        false
    }
}

/// How long a transaction on a bus that something holds keeps its thread: what the linux board asks of the kernel.
pub(crate) const GIVES_UP: Duration = Duration::from_millis(250);
/// The same of a bus with motors.
const GIVES_UP_WITH_MOTORS: Duration = Duration::from_millis(20);

impl Mock {
    /// Gives a bus up that something holds, once that lasted too long.
    fn is_free(&self, place: Place) -> Result<(), BusError> {
        let Place { bus, address } = place;
        let index = usize::from(bus);
        let held = self.with(|state| {
            let held = state.held.get(index).is_some_and(|held| *held);
            held.then(|| state.gives_up[index])
        });
        let Some(gives_up) = held else {
            return Ok(());
        };
        self.block(gives_up);
        Err(BusError::TimedOut { bus, address })
    }
}

/// Whom a transaction is for.
#[derive(Clone, Copy, Debug)]
struct Place {
    bus: u8,
    address: u8,
}

/// What the controller, or the twin of a chip, does not do: whose, and why.
struct Refused(TwinId, String);

impl State {
    /// Carries a transaction out and lets the time pass that it takes on the wire.
    fn transaction(
        &mut self,
        place: Place,
        reads: bool,
        messages: impl FnOnce(&mut Self, TwinId) -> Result<(), Refused>,
    ) -> Result<(), BusError> {
        let Some(id) = self.chip_at(place, TwinId(0)) else {
            let nobody = Some((place.address, false));
            self.show(place, nobody, reads, true, &[], self.wires.now);
            let wasted = self.controller.message(0) + self.controller.stop();
            self.show_stop(place, self.wires.now + self.controller.message(0));
            self.advance(self.wires.now + wasted);
            return Err(place.is_silent());
        };
        messages(self, id).map_err(|Refused(id, why)| {
            let (socket, _, wires) = self.twin(id);
            socket.complain(wires, || why.clone());
            let Place { bus, address } = place;
            let why = format!("{} {:?}: {why}", socket.part, socket.name);
            BusError::Other { bus, address, why }
        })
    }

    /// The first chip that answers there, of those from `from` on.
    fn chip_at(&self, place: Place, from: TwinId) -> Option<TwinId> {
        let answers = |slot: &&Slot| match &slot.part {
            Part::Chip(part)
                if slot.socket.plugged && !slot.socket.ills.deaf && part.bus == place.bus =>
            {
                let at = part.moment(self.wires.now, &slot.socket);
                (part.address == place.address || part.chip.also_answers(place.address))
                    && part.chip.acknowledges(at)
            }
            _ => false,
        };
        self.slots[from.0..]
            .iter()
            .find(answers)
            .map(|slot| slot.socket.id)
    }

    /// The messages of a transaction, joined by repeated starts. Adjacent writes are one message, and so are adjacent
    /// reads, as embedded-hal has it.
    fn messages(
        &mut self,
        place: Place,
        first: TwinId,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Refused> {
        let others = self.chip_at(place, TwinId(first.0 + 1)).is_some();
        if others {
            self.complain_of_a_clash(place, first);
        }
        let mut bytes = std::mem::take(&mut self.scratch);
        let mut done = Ok(());
        let mut reading = false;
        let mut rest = operations;
        while let (Ok(()), Some((operation, later))) = (&done, rest.split_first_mut()) {
            match operation {
                Operation::Write(part) => {
                    reading = false;
                    bytes.extend_from_slice(part);
                    if !matches!(later.first(), Some(Operation::Write(_))) {
                        done = self.write(place, first, others, &bytes);
                        bytes.clear();
                    }
                }
                Operation::Read(into) => {
                    let last = !matches!(later.first(), Some(Operation::Read(_)));
                    done = self.read(place, first, others, into, (reading, last));
                    reading = true;
                }
            }
            rest = later;
        }
        bytes.clear();
        self.scratch = bytes;
        self.stop(place, first, others);
        done
    }

    fn write(
        &mut self,
        place: Place,
        first: TwinId,
        others: bool,
        bytes: &[u8],
    ) -> Result<(), Refused> {
        self.show(
            place,
            Some((place.address, true)),
            false,
            true,
            bytes,
            self.wires.now,
        );
        self.advance(self.wires.now + self.controller.message(bytes.len()));
        let mut next = Some(first);
        let mut stretched = Duration::ZERO;
        while let Some(id) = next {
            let done = self.on_chip(id, |chip, at| (chip.write(at, bytes), chip.stretched()));
            done.0.map_err(|why| Refused(id, why.to_string()))?;
            stretched = stretched.max(done.1);
            next = self.next_of(place, id, others);
        }
        self.stretch(first, stretched)
    }

    /// What several chips say at once is what the wire makes of it: a zero wins over a one.
    fn read(
        &mut self,
        place: Place,
        first: TwinId,
        others: bool,
        into: &mut [u8],
        (under_way, is_last): (bool, bool),
    ) -> Result<(), Refused> {
        let pace = if under_way {
            self.controller.bytes(into.len())
        } else {
            self.controller.message(into.len())
        };
        let done = self.on_chip(first, |chip, at| (chip.read(at, into), chip.stretched()));
        done.0.map_err(|why| Refused(first, why.to_string()))?;
        if self.slots[first.0].socket.ills.falls_silent {
            into.iter_mut().skip(1).for_each(|byte| *byte = 0xFF);
        }
        let mut stretched = done.1;
        let mut next = self.next_of(place, first, others);
        while let Some(id) = next {
            let mut said = vec![0xff; into.len()];
            let done = self.on_chip(id, |chip, at| (chip.read(at, &mut said), chip.stretched()));
            done.0.map_err(|why| Refused(id, why.to_string()))?;
            stretched = stretched.max(done.1);
            into.iter_mut()
                .zip(said)
                .for_each(|(byte, also)| *byte &= also);
            next = self.next_of(place, id, others);
        }
        let address = (!under_way).then_some((place.address, true));
        self.show(place, address, true, is_last, into, self.wires.now);
        self.advance(self.wires.now + pace);
        self.stretch(first, stretched)
    }

    /// The stop condition, which every chip that took part sees.
    fn stop(&mut self, place: Place, first: TwinId, others: bool) {
        let mut next = Some(first);
        while let Some(id) = next {
            self.on_chip(id, |chip, at| chip.stop(at));
            next = self.next_of(place, id, others);
        }
        self.show_stop(place, self.wires.now);
        self.advance(self.wires.now + self.controller.stop());
    }

    /// Shows a message to whoever records, with its address and whether that is acknowledged unless it goes on.
    fn show(
        &mut self,
        place: Place,
        address: Option<(u8, bool)>,
        is_read: bool,
        is_last: bool,
        bytes: &[u8],
        at: Timestamp,
    ) {
        if let Some(analyzer) = &mut self.wires.analyzer {
            analyzer.i2c_message(&I2cMessage {
                bus: place.bus,
                at,
                bit: self.controller.bit(),
                address,
                is_read,
                is_last,
                bytes,
            });
        }
    }

    fn show_stop(&mut self, place: Place, at: Timestamp) {
        if let Some(analyzer) = &mut self.wires.analyzer {
            analyzer.i2c_stop(place.bus, at, self.controller.bit());
        }
    }

    fn next_of(&self, place: Place, id: TwinId, others: bool) -> Option<TwinId> {
        if !others {
            return None;
        }
        self.chip_at(place, TwinId(id.0 + 1))
    }

    /// Lets the time pass for which a chip held the clock.
    fn stretch(&mut self, id: TwinId, stretched: Duration) -> Result<(), Refused> {
        if stretched.is_zero() {
            return Ok(());
        }
        let limit = self.controller.longest_stretch();
        self.advance(self.wires.now + stretched.min(limit));
        if stretched > limit {
            let name = self.controller.name();
            let why = format!(
                "it held the clock for {stretched:?}, and the controller ({name}) gives up after {limit:?}: \
                 ask it later, or in a way in which it does not hold the clock"
            );
            return Err(Refused(id, why));
        }
        if self.controller.suffers_from_stretching() {
            let (socket, _, wires) = self.twin(id);
            socket.complain(wires, || {
                "it held the clock, which the controller (bcm2835) damages data with now and then: use a slower bus, \
                 `dtoverlay=i2c-gpio`, or a mode of the chip without it"
                    .to_owned()
            });
        }
        Ok(())
    }

    fn complain_of_a_clash(&mut self, place: Place, first: TwinId) {
        let mut names = Vec::new();
        let mut next = Some(first);
        while let Some(id) = next {
            names.push(self.slots[id.0].socket.name.clone());
            next = self.chip_at(place, TwinId(id.0 + 1));
        }
        let address = place.address;
        let (socket, _, wires) = self.twin(first);
        socket.complain(wires, || {
            format!(
                "{names:?} all answer at address {address:#04x}: what is written reaches each, what is read is mixed; \
                 give one another address, or switch its all-call off"
            )
        });
    }

    fn on_chip<R>(&mut self, id: TwinId, act: impl FnOnce(&mut dyn I2cChip, Moment) -> R) -> R {
        let now = self.wires.now;
        let (socket, part, _) = self.twin(id);
        let Part::Chip(part) = part else {
            unreachable!("chip_at finds chips only")
        };
        let at = part.moment(now, socket);
        act(part.chip.as_mut(), at)
    }
}

impl Place {
    fn is_silent(self) -> BusError {
        BusError::NoAcknowledge {
            bus: self.bus,
            address: self.address,
            of: NoAcknowledgeSource::Address,
        }
    }
}
