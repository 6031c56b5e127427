//! What is recorded of the wires is what happened on them: read back, and decoded as a logic analyzer would.

use crate::bench::{at_ms, board, pass, pin};
use embedded_hal::i2c::I2c;
use embedded_hal::spi::SpiDevice;
use sinew_board::{BusError, Level, SpiMode, SpiSettings};
use sinew_messages::{Amperes, Hertz, Volts};
use sinew_mock::{EncoderPins, Mock, SpiChip, Unmodelled};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use vcd::{Command, Parser, Value};

/// A file in memory.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A recording, read back: all changes of all signals, by name, in the order of the file.
struct Recording {
    names: BTreeMap<vcd::IdCode, String>,
    changes: Vec<(u64, String, bool)>,
    numbers: Vec<(u64, String, f64)>,
}

impl Tape {
    fn begin(mock: &Mock) -> Self {
        let tape = Self::default();
        mock.record(Box::new(tape.clone())).unwrap();
        tape
    }

    fn end(self, mock: &Mock) -> Recording {
        mock.end_recording().unwrap();
        let bytes = self.0.lock().unwrap().clone();
        let mut parser = Parser::new(&bytes[..]);
        let header = parser.parse_header().unwrap();
        let scope = header.find_scope(&["board"]).unwrap();
        let variables = scope.items.iter().filter_map(|item| match item {
            vcd::ScopeItem::Var(var) => Some((var.code, var.reference.clone())),
            _ => None,
        });
        let mut recording = Recording {
            names: variables.collect(),
            changes: Vec::new(),
            numbers: Vec::new(),
        };
        let mut now = 0;
        for command in parser {
            match command.unwrap() {
                Command::Timestamp(at) => {
                    assert!(at >= now, "time runs backwards");
                    now = at;
                }
                Command::ChangeScalar(id, value) => {
                    let name = recording.names[&id].clone();
                    recording.changes.push((now, name, value == Value::V1));
                }
                Command::ChangeReal(id, value) => {
                    let name = recording.names[&id].clone();
                    recording.numbers.push((now, name, value));
                }
                _ => {}
            }
        }
        recording
    }
}

impl Recording {
    /// The changes of one signal, without its level at the beginning.
    fn of(&self, name: &str) -> Vec<(u64, bool)> {
        let its = self.changes.iter().filter(|(_, of, _)| of == name);
        let mut its: Vec<_> = its.map(|(at, _, level)| (*at, *level)).collect();
        assert!(!its.is_empty(), "no signal {name}: {:?}", self.names);
        its.remove(0);
        its
    }

    /// The levels of some signals after each change of one of them.
    fn together<const N: usize>(&self, names: [&str; N]) -> Vec<(u64, [bool; N])> {
        let mut levels = [false; N];
        let mut all = Vec::new();
        for (at, name, level) in &self.changes {
            if let Some(place) = names.iter().position(|wanted| wanted == name) {
                levels[place] = *level;
                all.push((*at, levels));
            }
        }
        all
    }

    /// What an I2C decoder reads: `S`, each byte with its acknowledge (`+`) or without (`-`), `P`.
    fn i2c(&self, sda: &str, scl: &str) -> String {
        let (mut text, mut bits) = (String::new(), Vec::new());
        let mut before = [true, true];
        for (_, now) in self.together([sda, scl]) {
            match (before, now) {
                ([true, true], [false, true]) => {
                    text.push_str("S ");
                    bits.clear();
                }
                ([false, true], [true, true]) => text.push_str("P "),
                ([level, false], [_, true]) => bits.push(level),
                _ => {}
            }
            if let [byte @ .., refused] = &bits[..]
                && byte.len() == 8
            {
                let byte = byte
                    .iter()
                    .fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
                let sign = if *refused { '-' } else { '+' };
                text.push_str(&format!("{byte:02x}{sign} "));
                bits.clear();
            }
            before = now;
        }
        text
    }
}

#[test]
fn a_transaction_is_read_off_the_wires_as_it_was_sent() {
    let (mock, board) = board();
    mock.ina219("battery", 1, 0x40, 0.1, |_| (Volts(12.0), Amperes(0.0)));
    let mut bus = board.i2c("INA219", 1, 0x40).unwrap().open().unwrap();
    let mut nobody = board.i2c("nobody", 1, 0x41).unwrap().open().unwrap();
    let tape = Tape::begin(&mock);
    let mut value = [0; 2];
    bus.write_read(0x40, &[0], &mut value).unwrap();
    bus.write(0x40, &[5, 0x50, 0x01]).unwrap();
    assert!(matches!(
        nobody.write(0x41, &[1]),
        Err(BusError::NoAcknowledge { .. })
    ));
    let recording = tape.end(&mock);
    // The address and the direction, then bytes; the last that is read is not acknowledged.
    let wanted = "S 80+ 00+ S 81+ 39+ 9f- P S 80+ 05+ 50+ 01+ P S 82- P ";
    assert_eq!(recording.i2c("GPIO2", "GPIO3"), wanted);
    let clock = recording.of("GPIO3");
    let highs: Vec<_> = clock.iter().filter(|(_, high)| *high).collect();
    assert!(
        highs.windows(2).all(|w| w[1].0 - w[0].0 >= 5_000),
        "no bit is shorter than half of 10 us"
    );
}

#[test]
fn pins_are_recorded_at_their_nanosecond_and_named_after_their_part() {
    let (mock, board) = board();
    let pins = EncoderPins {
        a: pin(5),
        b: pin(6),
    };
    let wheel = mock.encoder("left wheel", pins, 1_000);
    let mut led = board
        .indicator("LED", pin(17), Level::Low)
        .unwrap()
        .open()
        .unwrap();
    let tape = Tape::begin(&mock);
    pass(&mock, Duration::from_millis(10));
    led.set(Level::High).unwrap();
    // The twin is told of a step that has passed already: it comes late and is put in its place.
    wheel.turn(
        sinew_messages::Radians(std::f64::consts::TAU / 250.0),
        at_ms(0),
        at_ms(10),
    );
    pass(&mock, Duration::from_millis(100));
    led.set(Level::Low).unwrap();
    let recording = tape.end(&mock);
    assert_eq!(
        recording.of("GPIO17"),
        [(10_000_000, true), (110_000_000, false)]
    );
    let (a, b) = (
        recording.of("GPIO5_left_wheel"),
        recording.of("GPIO6_left_wheel"),
    );
    assert_eq!(
        (a.len(), b.len()),
        (2, 2),
        "four counts are two edges of each line"
    );
    assert!(a.iter().chain(&b).all(|(at, _)| *at <= 10_000_000));
}

/// Answers each byte with its complement.
struct Complement;

impl SpiChip for Complement {
    fn power_on(&mut self, _: sinew_mock::Moment) {}
    fn select(&mut self, _: sinew_mock::Moment) {}
    fn exchange(&mut self, _: sinew_mock::Moment, byte: u8) -> Result<u8, Unmodelled> {
        Ok(!byte)
    }
    fn deselect(&mut self, _: sinew_mock::Moment) {}
}

#[test]
fn spi_is_taken_at_the_edge_of_its_mode() {
    let modes = [
        SpiMode::Mode0,
        SpiMode::Mode1,
        SpiMode::Mode2,
        SpiMode::Mode3,
    ];
    for (number, mode) in modes.into_iter().enumerate() {
        let (mock, board) = board();
        mock.spi_chip(
            "chip",
            "test chip",
            0,
            1,
            &[
                SpiMode::Mode0,
                SpiMode::Mode1,
                SpiMode::Mode2,
                SpiMode::Mode3,
            ],
            10_000_000,
            Box::new(Complement),
        );
        let settings = SpiSettings::new(1_000_000).mode(mode);
        let mut chip = board.spi("chip", 0, 1, settings).unwrap().open().unwrap();
        let tape = Tape::begin(&mock);
        chip.write(&[0xA5, 0x0F]).unwrap();
        let recording = tape.end(&mock);
        let rising = number == 0 || number == 3;
        let (mut out, mut read, mut before) = (0_u32, 0_u32, number >= 2);
        for (_, [select, clock, mosi, miso]) in
            recording.together(["GPIO7", "GPIO11", "GPIO10", "GPIO9"])
        {
            if clock != before && clock == rising && !select {
                (out, read) = (out << 1 | u32::from(mosi), read << 1 | u32::from(miso));
            }
            before = clock;
        }
        assert_eq!((out, read), (0xA50F, 0x5AF0), "{mode:?}");
    }
}

#[test]
fn serial_bytes_are_recorded_bit_by_bit() {
    let (mock, board) = board();
    let line = mock.serial_line("receiver", "gnss", 9_600);
    let settings = sinew_board::SerialSettings::new(9_600);
    let _port = board
        .serial("receiver", "gnss", settings)
        .unwrap()
        .open()
        .unwrap();
    let tape = Tape::begin(&mock);
    line.send(b"U");
    pass(&mock, Duration::from_millis(20));
    let recording = tape.end(&mock);
    // 0x55 alternates: start, eight bits, stop; each is a tenth of a byte's time.
    let edges = recording.of("gnss_rx");
    assert_eq!(edges.len(), 10);
    let bit = 1_000_000_000 / 9_600;
    assert!(
        edges
            .windows(2)
            .all(|w| (w[1].0 - w[0].0).abs_diff(bit) < 10),
        "{edges:?}"
    );
}

#[test]
fn the_duty_of_a_channel_is_a_number() {
    let (mock, _) = board();
    let backends = mock.backends();
    let mut channel = backends
        .pwm
        .channel(sinew_board::PwmChannel::PWM1, Hertz(20_000.0))
        .unwrap();
    let tape = Tape::begin(&mock);
    pass(&mock, Duration::from_millis(1));
    channel.set_duty(0.25).unwrap();
    let recording = tape.end(&mock);
    let last = recording.numbers.last().unwrap();
    assert_eq!(
        (last.0, last.1.as_str(), last.2),
        (1_000_000, "PWM1_duty", 0.25)
    );
}

#[test]
fn a_full_disk_is_told_at_the_end_and_disturbs_nobody() {
    /// Takes so many bytes.
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (mock, board) = board();
    assert!(
        mock.record(Box::new(Full(10))).is_err(),
        "not even the beginning"
    );
    mock.record(Box::new(Full(3_000))).unwrap();
    let mut led = board
        .indicator("LED", pin(17), Level::Low)
        .unwrap()
        .open()
        .unwrap();
    for step in 0..1_000 {
        led.set(Level::from(step % 2 == 0)).unwrap();
        pass(&mock, Duration::from_millis(1));
    }
    let error = mock.end_recording().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    mock.end_recording().unwrap();
}
