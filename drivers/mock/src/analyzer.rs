//! A logic analyzer on the simulated board: what its wires did, as a value change dump (VCD).
//!
//! Source of the format: IEEE 1364-2005, section 18. Buses are written as the waveforms of their wires, so that a program such as
//! PulseView decodes them as it decodes a real recording.

use sinew_board::{Level, SpiMode};
use sinew_messages::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};
use std::time::Duration;
use vcd::{IdCode, SimulationCommand, TimescaleUnit, Value, VarType, Writer};

/// Changes come late by up to a step of whoever moves the twins; so long they are kept to be put in order.
const SORTED_WITHIN: Duration = Duration::from_millis(50);

/// SDA and SCL of the header's buses. Source: BCM2835 ARM Peripherals, section 6.2, ALT0.
const I2C_LINES: [(u8, u8); 2] = [(0, 1), (2, 3)];
/// MOSI, MISO, SCLK and the chip selects of SPI0.
const SPI_LINES: (u8, u8, u8) = (10, 9, 11);
const SPI_SELECTS: [u8; 2] = [8, 7];

/// A wire or a number that is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    /// GPIO of this number.
    Line(u8),
    /// The duty of a PWM channel.
    Duty(u8),
    /// What a serial port, by its place, receives.
    Receives(usize),
    /// What it sends.
    Sends(usize),
}

/// What a signal changes to: a level, or the bits of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Level(bool),
    Number(u64),
}

/// A recording that goes on.
pub(crate) struct Analyzer {
    writer: Writer<Box<dyn Write + Send>>,
    lines: Vec<IdCode>,
    duties: Vec<IdCode>,
    receives: Vec<IdCode>,
    sends: Vec<IdCode>,
    /// Not written yet; the earliest is on top.
    waiting: BinaryHeap<Reverse<(u64, u64, Signal, Change)>>,
    planned: u64,
    written_at: u64,
    /// Whether a transaction goes on, by bus.
    i2c_is_open: [bool; 2],
    /// Until when each port sends.
    sending_until: Vec<Timestamp>,
    failed: Option<io::Error>,
}

/// How everything stands when a recording begins.
pub(crate) struct Begin<'a> {
    pub(crate) at: Timestamp,
    /// Each line's name and level.
    pub(crate) lines: Vec<(String, Level)>,
    pub(crate) duties: [f64; 2],
    /// The names of the serial ports.
    pub(crate) ports: &'a [String],
}

impl Analyzer {
    /// Begins a recording.
    pub(crate) fn begin(output: Box<dyn Write + Send>, begin: &Begin<'_>) -> io::Result<Self> {
        let mut writer = Writer::new(output);
        writer.comment("a simulated board of Sinew")?;
        writer.timescale(1, TimescaleUnit::NS)?;
        writer.add_module("board")?;
        let mut wires = |names: Vec<String>| {
            let ids = names.iter().map(|name| writer.add_wire(1, name));
            ids.collect::<io::Result<Vec<_>>>()
        };
        let lines = wires(begin.lines.iter().map(|(name, _)| name.clone()).collect())?;
        let of_ports = |what: &str| {
            let name = |port: &String| format!("{}_{what}", plain(port));
            begin.ports.iter().map(name).collect::<Vec<_>>()
        };
        let (receives, sends) = (wires(of_ports("rx"))?, wires(of_ports("tx"))?);
        let duties = (0..begin.duties.len())
            .map(|number| writer.add_var(VarType::Real, 64, &format!("PWM{number}_duty"), None))
            .collect::<io::Result<Vec<_>>>()?;
        writer.upscope()?;
        writer.enddefinitions()?;
        writer.timestamp(begin.at.nanos())?;
        writer.begin(SimulationCommand::Dumpvars)?;
        for (id, (_, level)) in lines.iter().zip(&begin.lines) {
            writer.change_scalar(*id, value(level.is_high()))?;
        }
        for id in receives.iter().chain(&sends) {
            writer.change_scalar(*id, Value::V1)?;
        }
        for (id, duty) in duties.iter().zip(begin.duties) {
            writer.change_real(*id, duty)?;
        }
        writer.end()?;
        Ok(Self {
            writer,
            lines,
            duties,
            receives,
            sends,
            waiting: BinaryHeap::new(),
            planned: 0,
            written_at: begin.at.nanos(),
            i2c_is_open: [false; 2],
            sending_until: vec![Timestamp::ZERO; begin.ports.len()],
            failed: None,
        })
    }

    /// A line's level changed.
    pub(crate) fn level(&mut self, line: u8, level: Level, at: Timestamp) {
        self.change(Signal::Line(line), at, level.is_high());
    }

    /// A PWM channel's duty changed.
    pub(crate) fn duty(&mut self, channel: u8, duty: f64, at: Timestamp) {
        let change = Change::Number(duty.to_bits());
        self.plan(Signal::Duty(channel), at.nanos(), change);
    }

    /// A message on an I2C bus, of bits of this length: its start, the address, the bytes. The first of a transaction begins
    /// with a start, a later one with a repeated start.
    pub(crate) fn i2c_message(&mut self, message: &I2cMessage<'_>) {
        let Some(&(sda, scl)) = I2C_LINES.get(usize::from(message.bus)) else {
            return;
        };
        let mut wave = Wave {
            at: message.at,
            bit: message.bit,
            sda,
            scl,
        };
        if let Some((address, is_acknowledged)) = message.address {
            let repeated = std::mem::replace(&mut self.i2c_is_open[usize::from(message.bus)], true);
            self.i2c_start(&mut wave, repeated);
            let first = address << 1 | u8::from(message.is_read);
            self.i2c_byte(&mut wave, first, is_acknowledged);
        }
        let last = message.bytes.len().saturating_sub(1);
        for (place, byte) in message.bytes.iter().enumerate() {
            // Who reads does not acknowledge the last byte: so the chip lets go of the line.
            let refused = message.is_read && message.is_last && place == last;
            self.i2c_byte(&mut wave, *byte, !refused);
        }
    }

    /// The end of a transaction.
    pub(crate) fn i2c_stop(&mut self, bus: u8, at: Timestamp, bit: Duration) {
        let Some(&(sda, scl)) = I2C_LINES.get(usize::from(bus)) else {
            return;
        };
        self.i2c_is_open[usize::from(bus)] = false;
        self.change(Signal::Line(sda), at, false);
        self.change(Signal::Line(scl), at + bit / 2, true);
        self.change(Signal::Line(sda), at + bit * 3 / 4, true);
    }

    fn i2c_start(&mut self, wave: &mut Wave, repeated: bool) {
        let Wave { at, bit, sda, scl } = *wave;
        if repeated {
            self.change(Signal::Line(sda), at, true);
        }
        self.change(Signal::Line(scl), at + bit / 4, true);
        self.change(Signal::Line(sda), at + bit / 2, false);
        self.change(Signal::Line(scl), at + bit * 3 / 4, false);
        wave.at = at + bit;
    }

    fn i2c_byte(&mut self, wave: &mut Wave, byte: u8, is_acknowledged: bool) {
        let bits = (0..8).rev().map(|place| byte >> place & 1 == 1);
        for level in bits.chain([!is_acknowledged]) {
            let Wave { at, bit, sda, scl } = *wave;
            self.change(Signal::Line(sda), at, level);
            self.change(Signal::Line(scl), at + bit / 4, true);
            self.change(Signal::Line(scl), at + bit * 3 / 4, false);
            wave.at = at + bit;
        }
    }

    /// A chip on SPI0 is selected, or let go.
    pub(crate) fn spi_select(
        &mut self,
        select: u8,
        is_selected: bool,
        mode: SpiMode,
        at: Timestamp,
    ) {
        if let Some(line) = SPI_SELECTS.get(usize::from(select)) {
            let (_, _, clock) = SPI_LINES;
            let idle = rests_high(mode);
            self.change(Signal::Line(clock), at, idle);
            self.change(Signal::Line(*line), at, !is_selected);
        }
    }

    /// Bytes on SPI0, the sent and the received one of each pair, at the pace of `hertz`.
    pub(crate) fn spi_bytes(
        &mut self,
        pairs: &[(u8, u8)],
        mode: SpiMode,
        hertz: u32,
        at: Timestamp,
    ) {
        let (mosi, miso, clock) = SPI_LINES;
        let idle = rests_high(mode);
        let half = 500_000_000 / u64::from(hertz.max(1));
        let start = at.nanos();
        let bits = pairs.iter().flat_map(|(out, read)| {
            (0..8)
                .rev()
                .map(move |place| (out >> place & 1, read >> place & 1))
        });
        for (place, (out, read)) in bits.enumerate() {
            let begin = Timestamp::from_nanos(start + 2 * half * place as u64);
            let middle = Timestamp::from_nanos(start + 2 * half * place as u64 + half);
            let end = Timestamp::from_nanos(start + 2 * half * (place as u64 + 1));
            // Data stands at the edge at which it is taken: the first of a bit, or the second.
            let (first, second) = match mode {
                SpiMode::Mode0 | SpiMode::Mode2 => (middle, end),
                SpiMode::Mode1 | SpiMode::Mode3 => (begin, middle),
            };
            self.change(Signal::Line(mosi), begin, out == 1);
            self.change(Signal::Line(miso), begin, read == 1);
            self.change(Signal::Line(clock), first, !idle);
            self.change(Signal::Line(clock), second, idle);
        }
    }

    /// Bytes that a serial port received, the last of which ended at `until`.
    pub(crate) fn received(&mut self, port: usize, bytes: &[u8], byte: Duration, until: Timestamp) {
        let nanos = byte.as_nanos() as u64 * bytes.len() as u64;
        let from = Timestamp::from_nanos(until.nanos().saturating_sub(nanos));
        self.serial(Signal::Receives(port), bytes, byte, from);
    }

    /// Bytes that a serial port sends from `at` on, after those that it is still sending.
    pub(crate) fn sent(&mut self, port: usize, bytes: &[u8], byte: Duration, at: Timestamp) {
        let from = self.sending_until[port].max(at);
        self.sending_until[port] = from + byte * u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.serial(Signal::Sends(port), bytes, byte, from);
    }

    /// A low start bit, eight bits from the lowest on, a high stop bit.
    fn serial(&mut self, signal: Signal, bytes: &[u8], byte: Duration, from: Timestamp) {
        let bit = byte / 10;
        let mut at = from;
        for sent in bytes {
            self.change(signal, at, false);
            for place in 0..8 {
                let high = sent >> place & 1 == 1;
                self.change(signal, at + bit * (place + 1), high);
            }
            self.change(signal, at + bit * 9, true);
            at = at + byte;
        }
    }

    fn change(&mut self, signal: Signal, at: Timestamp, high: bool) {
        self.plan(signal, at.nanos(), Change::Level(high));
    }

    fn plan(&mut self, signal: Signal, at: u64, change: Change) {
        self.planned += 1;
        let entry = (at, self.planned, signal, change);
        self.waiting.push(Reverse(entry));
    }

    /// Time has come to `now`: writes what nothing can come before any more.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let kept = SORTED_WITHIN.as_nanos() as u64;
        self.write_until(now.nanos().saturating_sub(kept));
    }

    /// Writes the rest; what went wrong on the way.
    pub(crate) fn end(mut self, now: Timestamp) -> io::Result<()> {
        self.write_until(u64::MAX);
        let end = self.written_at.max(now.nanos());
        let done = self
            .writer
            .timestamp(end)
            .and_then(|()| self.writer.flush());
        self.failed.map_or(done, Err)
    }

    fn write_until(&mut self, until: u64) {
        while self.failed.is_none()
            && let Some(Reverse((at, ..))) = self.waiting.peek()
            && *at <= until
        {
            if let Some(Reverse((at, _, signal, change))) = self.waiting.pop() {
                self.failed = self.write(at, signal, change).err();
            }
        }
    }

    fn write(&mut self, at: u64, signal: Signal, change: Change) -> io::Result<()> {
        let at = at.max(self.written_at);
        if at > self.written_at {
            self.writer.timestamp(at)?;
            self.written_at = at;
        }
        let id = match signal {
            Signal::Line(line) => self.lines.get(usize::from(line)),
            Signal::Duty(channel) => self.duties.get(usize::from(channel)),
            Signal::Receives(port) => self.receives.get(port),
            Signal::Sends(port) => self.sends.get(port),
        };
        match (id, change) {
            (Some(id), Change::Level(high)) => self.writer.change_scalar(*id, value(high)),
            (Some(id), Change::Number(bits)) => self.writer.change_real(*id, f64::from_bits(bits)),
            // A port that was fitted after the begin.
            (None, _) => Ok(()),
        }
    }
}

/// One message on a bus, or more of the bytes of one.
pub(crate) struct I2cMessage<'a> {
    pub(crate) bus: u8,
    pub(crate) at: Timestamp,
    pub(crate) bit: Duration,
    /// The address and whether it is acknowledged; `None` for more bytes of the message before.
    pub(crate) address: Option<(u8, bool)>,
    pub(crate) is_read: bool,
    /// Whether no more bytes of it follow.
    pub(crate) is_last: bool,
    pub(crate) bytes: &'a [u8],
}

/// Where a waveform is.
#[derive(Clone, Copy)]
struct Wave {
    at: Timestamp,
    bit: Duration,
    sda: u8,
    scl: u8,
}

/// Whether the clock rests high.
fn rests_high(mode: SpiMode) -> bool {
    matches!(mode, SpiMode::Mode2 | SpiMode::Mode3)
}

fn value(high: bool) -> Value {
    if high { Value::V1 } else { Value::V0 }
}

/// A name as the format takes it: without spaces.
pub(crate) fn plain(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(letter).collect()
}
