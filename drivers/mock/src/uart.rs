//! What a receiver makes of the waveform of a serial line.
//!
//! A UART waits for a falling edge, looks at the middle of each bit by its own clock, and expects the line high at the stop
//! bit. At another speed or framing than the sender's it reads other bytes, and some without a stop bit. Source: ARM PL011
//! technical reference manual (DDI 0183), section 2.4.

use sinew_board::{Parity, SerialSettings, StopBits};

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// The bytes, also those that were read wrongly: Linux hands them on unless `INPCK` is set, which raw mode clears.
    pub(crate) bytes: Vec<u8>,
    /// How many had a low stop bit.
    pub(crate) framing_errors: u64,
    /// How many had another parity than was agreed.
    pub(crate) parity_errors: u64,
}

/// Reads bytes that were sent back to back with `sent` as a receiver with `host` does. The line rests before and after.
pub(crate) fn receive(bytes: &[u8], sent: SerialSettings, host: SerialSettings) -> Received {
    let line = Line {
        bits: bytes.iter().flat_map(|byte| bits(*byte, sent)).collect(),
        bit: period(sent),
    };
    let (bit, data) = (period(host), 8);
    let mut received = Received::default();
    let mut now = 0;
    while let Some(start) = line.falls_after(now) {
        let at = |place: u64| line.is_high(start + bit * place + bit / 2);
        // A glitch is no start bit.
        if at(0) {
            now = start + bit / 2;
            continue;
        }
        let byte = (0..data).fold(0, |byte, place| byte | u8::from(at(place + 1)) << place);
        let mut last = data;
        if host.parity != Parity::None {
            last += 1;
            received.parity_errors += u64::from(at(last) != parity(byte, host.parity));
        }
        last += 1;
        received.framing_errors += u64::from(!at(last));
        received.bytes.push(byte);
        now = start + bit * last + bit / 2;
    }
    received
}

/// A waveform.
struct Line {
    bits: Vec<bool>,
    /// In picoseconds.
    bit: u64,
}

impl Line {
    fn is_high(&self, at: u64) -> bool {
        let place = usize::try_from(at / self.bit).unwrap_or(usize::MAX);
        self.bits.get(place).copied().unwrap_or(true)
    }

    /// The first falling edge at `from` or later.
    fn falls_after(&self, from: u64) -> Option<u64> {
        let first = usize::try_from(from.div_ceil(self.bit)).unwrap_or(usize::MAX);
        let falls = |place: &usize| !self.bits[*place] && (*place == 0 || self.bits[place - 1]);
        let mut places = first..self.bits.len();
        places.find(falls).map(|place| place as u64 * self.bit)
    }
}

/// One bit in picoseconds: nanoseconds would add up to half a bit within a chunk at 3 Mbaud.
fn period(settings: SerialSettings) -> u64 {
    1_000_000_000_000 / u64::from(settings.baud.max(1))
}

/// A start bit, eight from the lowest on, the parity, the stop bits.
fn bits(byte: u8, settings: SerialSettings) -> impl Iterator<Item = bool> {
    let parity = (settings.parity != Parity::None).then(|| parity(byte, settings.parity));
    let stops = match settings.stop_bits {
        StopBits::One => 1,
        StopBits::Two => 2,
    };
    let data = (0..8).map(move |place| byte >> place & 1 == 1);
    let stop = std::iter::repeat_n(true, stops);
    std::iter::once(false).chain(data).chain(parity).chain(stop)
}

/// The bit that makes the number of ones even, or odd.
fn parity(byte: u8, parity: Parity) -> bool {
    let odd = byte.count_ones() % 2 == 1;
    odd == (parity == Parity::Even)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [u8; 256] = {
        let mut all = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            all[byte] = byte as u8;
            byte += 1;
        }
        all
    };

    fn at(baud: u32) -> SerialSettings {
        SerialSettings::new(baud)
    }

    #[test]
    fn a_receiver_that_agrees_reads_every_byte() {
        let settings = [
            at(9_600),
            at(3_000_000),
            at(115_200).parity(Parity::Even),
            at(115_200).parity(Parity::Odd).stop_bits(StopBits::Two),
        ];
        for settings in settings {
            let received = receive(&ALL, settings, settings);
            assert_eq!(received.bytes, ALL, "{settings:?}");
            assert_eq!((received.framing_errors, received.parity_errors), (0, 0));
        }
    }

    #[test]
    fn clocks_may_differ_by_some_percent_and_not_by_more() {
        // The stop bit's middle is 9.5 bits after the start: half a bit there is 5 %.
        for near in [9_300, 9_900] {
            let received = receive(&ALL, at(9_600), at(near));
            assert_eq!(
                (received.bytes.as_slice(), received.framing_errors),
                (&ALL[..], 0),
                "{near}"
            );
        }
        for far in [8_900, 10_400] {
            assert_ne!(receive(&ALL, at(9_600), at(far)).bytes, ALL, "{far}");
        }
    }

    #[test]
    fn half_the_speed_reads_every_other_bit_and_misses_stops() {
        // 0x00 at 9600 is low for nine bits: at 4800 the start and three bits begin before its end, and are low in their middle.
        let received = receive(&[0x00], at(9_600), at(4_800));
        assert_eq!(received.bytes, [0b1111_1000]);
        // A byte of zeros, twice as fast as the receiver wants it twice as long, ends before its stop bit.
        let received = receive(&[0x00], at(4_800), at(9_600));
        assert_eq!((received.bytes[0], received.framing_errors), (0x00, 1));
    }

    #[test]
    fn another_parity_is_counted_and_a_missing_one_read_as_a_stop() {
        let received = receive(
            &ALL,
            at(9_600).parity(Parity::Even),
            at(9_600).parity(Parity::Odd),
        );
        assert_eq!(
            (received.bytes.as_slice(), received.parity_errors),
            (&ALL[..], 256)
        );
        // The receiver takes the parity bit for the stop bit: low for every byte with an even number of ones.
        let received = receive(&[0x03, 0x01], at(9_600).parity(Parity::Even), at(9_600));
        assert_eq!(
            (received.bytes, received.framing_errors),
            (vec![0x03, 0x01], 1)
        );
    }
}
