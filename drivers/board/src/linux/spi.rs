//! SPI buses through `spidev`.

use super::refusal::{Device, refused};
use crate::backend::{Spi, SpiLine};
use crate::{BoardError, SpiMode, SpiSettings};
use embedded_hal::spi::Operation;
use spidev::{SpiModeFlags, Spidev, SpidevOptions, SpidevTransfer};
use std::path::PathBuf;

/// The chips on the buses of a computer.
#[derive(Debug)]
pub(super) struct Chips {
    folder: PathBuf,
}

impl Chips {
    /// The chips `spidevBUS.SELECT` of this folder.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Spi for Chips {
    fn open(
        &self,
        bus: u8,
        select: u8,
        settings: SpiSettings,
    ) -> Result<Box<dyn SpiLine>, BoardError> {
        let path = self.folder.join(format!("spidev{bus}.{select}"));
        let what = format!("SPI{bus} chip select {select} ({})", path.display());
        let failed = |doing, error| refused(doing, what.clone(), error, Device::Spi);
        let mut device = Spidev::open(&path).map_err(|error| failed("open", error))?;
        let mut options = SpidevOptions::new();
        options
            .bits_per_word(8)
            .max_speed_hz(settings.hertz)
            .mode(mode(settings.mode));
        device
            .configure(&options)
            .map_err(|error| failed("set clock and mode of", error))?;
        Ok(Box::new(Chip { device, what }))
    }
}

const fn mode(mode: SpiMode) -> SpiModeFlags {
    match mode {
        SpiMode::Mode0 => SpiModeFlags::SPI_MODE_0,
        SpiMode::Mode1 => SpiModeFlags::SPI_MODE_1,
        SpiMode::Mode2 => SpiModeFlags::SPI_MODE_2,
        SpiMode::Mode3 => SpiModeFlags::SPI_MODE_3,
    }
}

/// An open chip.
#[derive(Debug)]
struct Chip {
    device: Spidev,
    what: String,
}

/// The bytes of one operation, as long in both directions as its longer one, and the pause after it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Part {
    out: Vec<u8>,
    into: Vec<u8>,
    pause_us: u16,
}

impl SpiLine for Chip {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), BoardError> {
        let mut parts = parts(operations);
        let mut transfers: Vec<SpidevTransfer<'_, '_>> = parts.iter_mut().map(transfer).collect();
        let done = self.device.transfer_multiple(&mut transfers);
        done.map_err(|error| refused("speak to", self.what.clone(), error, Device::Spi))?;
        hand_out(&parts, operations);
        Ok(())
    }
}

fn transfer(part: &mut Part) -> SpidevTransfer<'_, '_> {
    let mut transfer = SpidevTransfer::read_write(&part.out, &mut part.into);
    transfer.delay_usecs = part.pause_us;
    transfer
}

/// One part for each operation but the pauses, each of which is at the end of the part before it; a first one has an empty
/// part before it.
fn parts(operations: &[Operation<'_, u8>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::with_capacity(operations.len());
    for operation in operations {
        let (out, length) = match operation {
            Operation::Read(into) => (&[][..], into.len()),
            Operation::Write(out) => (*out, out.len()),
            Operation::Transfer(into, out) => (*out, into.len().max(out.len())),
            Operation::TransferInPlace(both) => (&both[..], both.len()),
            Operation::DelayNs(nanos) => {
                if parts.is_empty() {
                    parts.push(Part::default());
                }
                if let Some(before) = parts.last_mut() {
                    let micros = u16::try_from(nanos.div_ceil(1_000)).unwrap_or(u16::MAX);
                    before.pause_us = before.pause_us.saturating_add(micros);
                }
                continue;
            }
        };
        let mut part = Part {
            out: out.to_vec(),
            into: vec![0; length],
            pause_us: 0,
        };
        part.out.resize(length, 0);
        parts.push(part);
    }
    parts
}

/// Copies what was read to where it was asked for.
fn hand_out(parts: &[Part], operations: &mut [Operation<'_, u8>]) {
    let starts_with_pause = matches!(operations.first(), Some(Operation::DelayNs(_)));
    let mut parts = parts.iter().skip(usize::from(starts_with_pause));
    for operation in operations {
        let into = match operation {
            Operation::DelayNs(_) => continue,
            Operation::Read(into)
            | Operation::Transfer(into, _)
            | Operation::TransferInPlace(into) => Some(into),
            Operation::Write(_) => None,
        };
        let part = parts.next();
        if let (Some(into), Some(part)) = (into, part) {
            let length = into.len();
            into.copy_from_slice(&part.into[..length]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn each_operation_is_as_long_as_its_longer_direction_and_pauses_follow() {
        let (mut read, mut longer, mut both) = ([0; 2], [0; 3], [7, 8]);
        let operations = [
            Operation::DelayNs(500),
            Operation::Write(&[1, 2]),
            Operation::DelayNs(1_500),
            Operation::Read(&mut read),
            Operation::Transfer(&mut longer, &[9]),
            Operation::TransferInPlace(&mut both),
        ];
        let part = |out: &[u8], pause_us| Part {
            out: out.to_vec(),
            into: vec![0; out.len()],
            pause_us,
        };
        let wanted = [
            part(&[], 1),
            part(&[1, 2], 2),
            part(&[0, 0], 0),
            part(&[9, 0, 0], 0),
            part(&[7, 8], 0),
        ];
        assert_eq!(parts(&operations), wanted);
    }

    #[test]
    fn what_was_read_is_handed_out_to_its_operation() {
        let (mut read, mut shorter, mut both) = ([0; 2], [0; 1], [7, 8]);
        let mut operations = [
            Operation::DelayNs(1),
            Operation::Read(&mut read),
            Operation::Write(&[1]),
            Operation::DelayNs(1),
            Operation::Transfer(&mut shorter, &[9, 9]),
            Operation::TransferInPlace(&mut both),
        ];
        let mut parts = parts(&operations);
        for (number, part) in (1..).zip(&mut parts) {
            part.into.fill(number);
        }
        hand_out(&parts, &mut operations);
        assert_eq!((read, shorter, both), ([2, 2], [4], [5, 5]));
    }

    #[test]
    fn a_bus_that_is_not_there_says_where_it_was_looked_for_and_how_to_switch_it_on() {
        let chips = Chips::new(PathBuf::from("/nowhere"));
        let error = chips.open(0, 1, SpiSettings::new(1_000_000)).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("/nowhere/spidev0.1") && text.contains("dtparam=spi=on"),
            "{text}"
        );
        let BoardError::System { source, .. } = error else {
            panic!("{text}")
        };
        assert_eq!(source.kind(), ErrorKind::NotFound);
    }
}
