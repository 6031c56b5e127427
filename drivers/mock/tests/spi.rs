//! A chip on SPI: its select, both directions, its mode and clock, and what is not there.

use embedded_hal::spi::{Operation, SpiDevice as _};
use sinew_board::{Board, Pin, SpiHandle, SpiMode, SpiSettings};
use sinew_messages::Timestamp;
use sinew_mock::{Mock, Moment, SpiChip, SpiTwin, Unmodelled};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a chip noticed.
type Log = Arc<Mutex<Vec<String>>>;

/// Answers each byte with the one before it, and knows no byte above 0xF0.
struct Shift {
    before: u8,
    log: Log,
}

impl Shift {
    fn note(&self, text: String) {
        self.log.lock().unwrap().push(text);
    }
}

impl SpiChip for Shift {
    fn select(&mut self, at: Moment) {
        self.before = 0xAA;
        self.note(format!("selected at {}", at.now.nanos()));
    }

    fn exchange(&mut self, _: Moment, byte: u8) -> Result<u8, Unmodelled> {
        if byte > 0xF0 {
            return Err(Unmodelled {
                access: "sending".to_owned(),
                register: byte,
                name: "unknown",
                why: "it is above 0xf0",
            });
        }
        Ok(std::mem::replace(&mut self.before, byte))
    }

    fn deselect(&mut self, at: Moment) {
        self.note(format!("deselected at {}", at.now.nanos()));
    }
}

fn fitted(mock: &Mock) -> (SpiTwin, Log) {
    let log = Log::default();
    let chip = Shift {
        before: 0,
        log: Arc::clone(&log),
    };
    let modes = &[SpiMode::Mode0, SpiMode::Mode3];
    let twin = mock.spi_chip("shift", "SHIFT", 0, 1, modes, 1_000_000, Box::new(chip));
    (twin, log)
}

fn open(mock: &Mock, settings: SpiSettings) -> SpiHandle {
    let board = Board::new(mock.backends());
    board.spi("shift", 0, 1, settings).unwrap().open().unwrap()
}

const SETTINGS: SpiSettings = SpiSettings::new(1_000_000);

#[test]
fn a_transaction_is_one_selection_and_bytes_go_both_ways() {
    let mock = Mock::new(0);
    let (_, log) = fitted(&mock);
    let mut chip = open(&mock, SETTINGS.mode(SpiMode::Mode3));
    let (mut read, mut longer, mut both) = ([0; 2], [0; 3], [7, 8]);
    let mut operations = [
        Operation::Write(&[1, 2]),
        Operation::Read(&mut read),
        Operation::Transfer(&mut longer, &[9]),
        Operation::DelayNs(2_000),
        Operation::TransferInPlace(&mut both),
    ];
    chip.transaction(&mut operations).unwrap();
    assert_eq!((read, longer, both), ([2, 0], [0, 9, 0], [0, 7]));
    let log = log.lock().unwrap().clone();
    assert_eq!(
        log,
        ["selected at 0", "deselected at 74000"],
        "nine bytes at 1 MHz and the pause took their time"
    );
    assert!(mock.complaints().is_empty());
}

#[test]
fn what_a_twin_does_not_model_ends_the_transaction_and_is_a_complaint_by_name() {
    let mock = Mock::new(0);
    let (_, log) = fitted(&mock);
    let mut chip = open(&mock, SETTINGS);
    let error = chip.write(&[1, 0xF1, 2]).unwrap_err().to_string();
    assert!(
        error.contains("SHIFT \"shift\"") && error.contains("0xf1"),
        "{error}"
    );
    assert_eq!(mock.complaints().len(), 1);
    assert_eq!(
        log.lock().unwrap().len(),
        2,
        "it is deselected all the same"
    );
}

#[test]
fn a_chip_is_not_understood_in_another_mode_or_at_a_quicker_clock() {
    for (settings, why) in [
        (SETTINGS.mode(SpiMode::Mode1), "Mode1"),
        (SpiSettings::new(1_000_001), "1000001 Hz"),
    ] {
        let mock = Mock::new(0);
        let (_, log) = fitted(&mock);
        let error = open(&mock, settings).write(&[1]).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(mock.complaints().len(), 1);
        assert!(log.lock().unwrap().is_empty(), "it heard nothing");
    }
}

#[test]
fn where_nobody_is_zeros_are_read_and_a_replugged_chip_answers_again() {
    let mock = Mock::new(0);
    let (twin, _) = fitted(&mock);
    let mut chip = open(&mock, SETTINGS);
    let mut bytes = [5; 2];
    twin.unplug();
    chip.read(&mut bytes).unwrap();
    assert_eq!(bytes, [0, 0]);
    twin.replug();
    mock.advance(Timestamp::ZERO + Duration::from_millis(1));
    chip.read(&mut bytes).unwrap();
    assert_eq!(bytes, [0xAA, 0]);
}

#[test]
fn the_header_has_one_bus_with_two_selects_and_each_owns_its_pins() {
    let mock = Mock::new(0);
    let board = Board::new(mock.backends());
    let first = board.spi("adc", 0, 0, SETTINGS).unwrap();
    board.spi("display", 0, 1, SETTINGS).unwrap();
    let clash = board.spi("radio", 0, 1, SETTINGS).unwrap_err().to_string();
    assert!(
        clash.contains("SPI0 chip select 1") && clash.contains("\"display\""),
        "{clash}"
    );
    for pin in [Pin::GPIO7, Pin::GPIO8, Pin::GPIO9, Pin::GPIO10, Pin::GPIO11] {
        assert!(
            board.input("button", pin, sinew_board::Bias::None).is_err(),
            "{pin}"
        );
    }
    assert!(first.open().is_ok());
    let nowhere = board.spi("far", 1, 0, SETTINGS).unwrap().open();
    assert!(nowhere.unwrap_err().to_string().contains("use SPI0"));
    fitted_nowhere(&mock);
    assert_eq!(mock.complaints().len(), 1);
}

fn fitted_nowhere(mock: &Mock) {
    let chip = Shift {
        before: 0,
        log: Log::default(),
    };
    mock.spi_chip("far", "SHIFT", 0, 2, &[SpiMode::Mode0], 1, Box::new(chip));
}
