//! How much of a board is simulated in a second of one core.

use embedded_hal::i2c::I2c;
use sinew_board::{Bias, Board, Pin};
use sinew_messages::Radians;
use sinew_mock::{EncoderPins, I2cChip, Mock, Moment, Unmodelled};
use std::error::Error;
use std::time::{Duration, Instant};

/// Registers of a byte, as most chips have them.
struct Registers {
    pointer: u8,
    bytes: [u8; 256],
}

impl I2cChip for Registers {
    fn power_on(&mut self, _: Moment) {}
    fn write(&mut self, _: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        if let Some((pointer, values)) = bytes.split_first() {
            self.pointer = *pointer;
            for value in values {
                self.bytes[usize::from(self.pointer)] = *value;
                self.pointer = self.pointer.wrapping_add(1);
            }
        }
        Ok(())
    }
    fn read(&mut self, _: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        for byte in into {
            *byte = self.bytes[usize::from(self.pointer)];
            self.pointer = self.pointer.wrapping_add(1);
        }
        Ok(())
    }
}

/// A register of two bytes is read over and over, on a board with a dozen other parts.
pub(crate) fn transactions(count: u64) -> Result<(), Box<dyn Error>> {
    let mock = Mock::new(7);
    let board = Board::new(mock.backends());
    for number in 4..14 {
        mock.switch(
            &format!("switch {number}"),
            Pin::gpio(number)?,
            Duration::ZERO,
        );
    }
    let mut bytes = [0; 256];
    bytes[2..4].copy_from_slice(&[0x12, 0x34]);
    let chip = Registers { pointer: 0, bytes };
    mock.i2c_chip("chip", "registers", 1, 0x40, Box::new(chip));
    let mut bus = board.i2c("chip", 1, 0x40)?.open()?;
    let mut value = [0; 2];
    let began = Instant::now();
    for _ in 0..count {
        bus.write_read(0x40, &[2], &mut value)?;
        if value != [0x12, 0x34] {
            return Err(format!("the chip said {value:x?}").into());
        }
    }
    let took = began.elapsed();
    // 48 bits of 10 us each.
    let charged = mock.now().nanos();
    if charged != count * 480_000 {
        return Err(format!("{charged} ns of bus time for {count} transactions").into());
    }
    let rate = count as f64 / took.as_secs_f64() / 1e6;
    println!(
        "i2c: {rate:.1} million transactions per second (5 asked), {count} of them, bus time charged"
    );
    Ok(())
}

/// A wheel turns, and both lines of its encoder are read.
pub(crate) fn edges(count: u64) -> Result<(), Box<dyn Error>> {
    let mock = Mock::new(7);
    let board = Board::new(mock.backends());
    let pins = EncoderPins {
        a: Pin::gpio(5)?,
        b: Pin::gpio(6)?,
    };
    // As many counts a turn as there are edges in a step, so that a step is a turn.
    let step: u32 = 1_000;
    let encoder = mock.encoder("wheel", pins, step);
    let lines = [
        board.input("a", pins.a, Bias::PullUp)?.open()?,
        board.input("b", pins.b, Bias::PullUp)?.open()?,
    ];
    let mut seen = Vec::with_capacity(4 * step as usize);
    let (mut total, mut at) = (0, mock.now());
    let began = Instant::now();
    while total < count {
        let until = at + Duration::from_millis(10);
        encoder.turn(Radians(std::f64::consts::TAU), at, until);
        mock.advance(until);
        at = until;
        seen.clear();
        for line in &lines {
            line.drain_edges(&mut seen)?;
        }
        total += seen.len() as u64;
    }
    let took = began.elapsed();
    let lost: u64 = lines.iter().map(|line| line.lost_edges()).sum();
    if lost > 0 {
        return Err(format!("{lost} edges were lost").into());
    }
    let rate = total as f64 / took.as_secs_f64() / 1e6;
    println!("edges: {rate:.1} million per second (20 asked), {total} of them, none lost");
    Ok(())
}
