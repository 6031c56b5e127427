//! A chip of nothing but registers.

use sinew_mock::{I2cChip, Moment, SpiChip, Unmodelled};
use std::sync::{Arc, Mutex, PoisonError};

/// A chip that keeps what is written to its registers and gives it back: the first byte of a write says where, and each
/// byte after it goes to the next place. Registers may be a byte wide or two, the upper one first.
#[derive(Clone, Debug)]
pub struct Registers(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    bytes: Vec<u8>,
    width: usize,
    /// Which bits of the first byte say where.
    mask: u8,
    pointer: usize,
}

impl Registers {
    /// Registers of one byte; of a write's first byte the bits in `mask` say which.
    #[must_use]
    pub fn bytes(mask: u8) -> Self {
        Self::of(1, mask)
    }

    /// Registers of two bytes.
    #[must_use]
    pub fn words() -> Self {
        Self::of(2, u8::MAX)
    }

    fn of(width: usize, mask: u8) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            bytes: vec![0; 256 * width],
            width,
            mask,
            pointer: 0,
        })))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets the bytes from this register on.
    #[must_use]
    pub fn with_values(self, register: u8, values: &[u8]) -> Self {
        self.with(|inner| {
            let start = usize::from(register) * inner.width;
            inner.bytes[start..start + values.len()].copy_from_slice(values);
        });
        self
    }

    /// The bytes from this register on.
    #[must_use]
    pub fn values<const N: usize>(&self, register: u8) -> [u8; N] {
        self.with(|inner| {
            let start = usize::from(register) * inner.width;
            std::array::from_fn(|place| inner.bytes[start + place])
        })
    }
}

impl Registers {
    /// The same registers on SPI: the first byte of a transaction says where, and by its highest bit that they are read.
    #[must_use]
    pub fn on_spi(&self) -> OnSpi {
        OnSpi {
            registers: self.clone(),
            reads: None,
        }
    }
}

/// Registers on SPI.
#[derive(Clone, Debug)]
pub struct OnSpi {
    registers: Registers,
    /// Whether the transaction reads, once its first byte has come.
    reads: Option<bool>,
}

impl SpiChip for OnSpi {
    fn select(&mut self, _: Moment) {
        self.reads = None;
    }

    fn exchange(&mut self, _: Moment, byte: u8) -> Result<u8, Unmodelled> {
        let reads = self.reads;
        Ok(self.registers.with(|inner| {
            let Some(reads) = reads else {
                self.reads = Some(byte & 0x80 != 0);
                inner.pointer = usize::from(byte & inner.mask) * inner.width;
                return 0;
            };
            let place = inner.pointer % inner.bytes.len();
            inner.pointer += 1;
            if reads {
                return inner.bytes[place];
            }
            inner.bytes[place] = byte;
            0
        }))
    }
}

impl I2cChip for Registers {
    fn power_on(&mut self, _: Moment) {}

    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        self.with(|inner| {
            let Some((first, values)) = bytes.split_first() else {
                return;
            };
            inner.pointer = usize::from(first & inner.mask) * inner.width;
            for value in values {
                let place = inner.pointer % inner.bytes.len();
                inner.bytes[place] = *value;
                inner.pointer += 1;
            }
        });
        Ok(())
    }

    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        self.with(|inner| {
            for byte in into {
                *byte = inner.bytes[inner.pointer % inner.bytes.len()];
                inner.pointer += 1;
            }
        });
        Ok(())
    }
}
