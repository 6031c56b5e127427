//! What happens on the I2C buses of the mock: their time, several chips at once, chips that hold the clock.

use crate::bench::{board, pass};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{I2c, Operation};
use sinew_board::{Board, BusError, I2cHandle};
use sinew_messages::{Hertz, Timestamp};
use sinew_mock::{I2cChip, I2cController, Mock, Moment, Unmodelled};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a chip saw.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Write(Timestamp, Vec<u8>),
    Read(Timestamp, usize),
    Stop(Timestamp),
}

/// A chip that answers with one byte, over and over, and notes what it sees.
#[derive(Clone, Default)]
struct Chip {
    answer: u8,
    all_call: Option<u8>,
    holds: Duration,
    busy_until: Timestamp,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Chip {
    fn saw(&self, what: Seen) {
        self.seen.lock().unwrap().push(what);
    }
}

impl I2cChip for Chip {
    fn power_on(&mut self, _: Moment) {}
    fn write(&mut self, at: Moment, bytes: &[u8]) -> Result<(), Unmodelled> {
        self.saw(Seen::Write(at.now, bytes.to_vec()));
        Ok(())
    }
    fn read(&mut self, at: Moment, into: &mut [u8]) -> Result<(), Unmodelled> {
        self.saw(Seen::Read(at.now, into.len()));
        into.fill(self.answer);
        Ok(())
    }
    fn stop(&mut self, at: Moment) {
        self.saw(Seen::Stop(at.now));
    }
    fn acknowledges(&self, at: Moment) -> bool {
        at.now >= self.busy_until
    }
    fn also_answers(&self, address: u8) -> bool {
        self.all_call == Some(address)
    }
    fn stretched(&self) -> Duration {
        self.holds
    }
}

fn us(microseconds: u64) -> Timestamp {
    Timestamp::from_nanos(microseconds * 1_000)
}

/// A board with one chip at 0x40, and the way to it.
fn fitted(chip: &Chip) -> (Mock, Board, I2cHandle) {
    let (mock, board) = board();
    mock.i2c_chip("chip", "test chip", 1, 0x40, Box::new(chip.clone()));
    let bus = board.i2c("test chip", 1, 0x40).unwrap().open().unwrap();
    (mock, board, bus)
}

#[test]
fn a_transaction_takes_its_time_on_the_wire_and_shows_its_repeated_start() {
    let chip = Chip::default();
    let (mock, _, mut bus) = fitted(&chip);
    let mut bytes = [0; 2];
    bus.write_read(0x40, &[2], &mut bytes).unwrap();
    // Ten bits of start and address and nine for each byte, 10 us each; no stop between the two.
    let wanted = [
        Seen::Write(us(190), vec![2]),
        Seen::Read(us(190), 2),
        Seen::Stop(us(470)),
    ];
    assert_eq!(*chip.seen.lock().unwrap(), wanted);
    assert_eq!(mock.now(), us(480));

    mock.set_i2c_controller(I2cController::bcm2835().at(Hertz(400_000.0)));
    bus.write_read(0x40, &[2], &mut bytes).unwrap();
    assert_eq!(mock.now(), us(480 + 120), "a quarter of it at 400 kHz");
}

#[test]
fn reads_that_follow_each_other_are_one_message() {
    let chip = Chip::default();
    let (mock, _, mut bus) = fitted(&chip);
    let (mut first, mut second) = ([0; 1], [0; 3]);
    let mut operations = [Operation::Read(&mut first), Operation::Read(&mut second)];
    bus.transaction(0x40, &mut operations).unwrap();
    assert_eq!(mock.now(), us(10 * (10 + 4 * 9 + 1)));
}

#[test]
fn nobody_at_an_address_costs_the_time_of_asking() {
    let (mock, board) = board();
    let mut bus = board.i2c("test chip", 1, 0x40).unwrap().open().unwrap();
    let error = bus.write(0x40, &[1, 2, 3]).unwrap_err();
    assert!(matches!(
        error,
        BusError::NoAcknowledge { address: 0x40, .. }
    ));
    assert_eq!(mock.now(), us(110));
    assert_eq!(mock.complaints(), []);
}

#[test]
fn what_is_due_during_a_transaction_happens_in_it() {
    let (mock, board, mut bus) = {
        let chip = Chip::default();
        fitted(&chip)
    };
    let mut delay = board.delay();
    let switch = mock.switch("switch", sinew_board::Pin::GPIO17, Duration::ZERO);
    let input = board
        .input(
            "switch",
            sinew_board::Pin::GPIO17,
            sinew_board::Bias::PullUp,
        )
        .unwrap()
        .open()
        .unwrap();
    switch.set(true, us(100));
    bus.write(0x40, &[0; 20]).unwrap();
    assert!(mock.now() > us(1_900));
    delay.delay_ms(1);
    let edges = crate::bench::edges(&input);
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].at, us(100));
}

#[test]
fn two_chips_at_one_address_are_both_written_and_read_as_the_wire_mixes_them() {
    let (mock, board) = board();
    let (first, second) = (
        Chip {
            answer: 0b1100,
            ..Chip::default()
        },
        Chip {
            answer: 0b1010,
            ..Chip::default()
        },
    );
    mock.i2c_chip("first", "test chip", 1, 0x40, Box::new(first.clone()));
    mock.i2c_chip("second", "test chip", 1, 0x40, Box::new(second.clone()));
    let mut bus = board.i2c("test chip", 1, 0x40).unwrap().open().unwrap();
    let mut byte = [0];
    bus.write_read(0x40, &[7], &mut byte).unwrap();
    assert_eq!(byte, [0b1000]);
    assert_eq!(*first.seen.lock().unwrap(), *second.seen.lock().unwrap());
    let last = mock.complaints().last().unwrap().text.clone();
    assert!(
        last.contains(r#"["first", "second"]"#) && last.contains("0x40"),
        "{last}"
    );
}

#[test]
fn an_all_call_that_meets_a_chip_of_that_address_is_found() {
    let (mock, board) = board();
    let family = Chip {
        all_call: Some(0x70),
        ..Chip::default()
    };
    let own = Chip::default();
    mock.i2c_chip("servos", "PCA9685", 1, 0x40, Box::new(family.clone()));
    mock.i2c_chip("switch", "TCA9548A", 1, 0x70, Box::new(own));
    assert_eq!(mock.complaints(), [], "the addresses differ");
    let mut bus = board.i2c("TCA9548A", 1, 0x70).unwrap().open().unwrap();
    bus.write(0x70, &[1]).unwrap();
    assert_eq!(family.seen.lock().unwrap().len(), 2, "written and stopped");
    let text = mock.complaints()[0].text.clone();
    assert!(
        text.contains("servos") && text.contains("all-call"),
        "{text}"
    );
}

#[test]
fn a_chip_that_holds_the_clock_takes_longer_and_too_long_is_an_error() {
    let chip = Chip {
        holds: Duration::from_millis(2),
        ..Chip::default()
    };
    let (mock, _, mut bus) = fitted(&chip);
    mock.set_i2c_controller(I2cController::designware());
    bus.write(0x40, &[1]).unwrap();
    assert_eq!(mock.now(), us(190 + 2_000 + 10));
    assert_eq!(mock.complaints(), []);

    mock.set_i2c_controller(I2cController::bcm2835());
    bus.write(0x40, &[1]).unwrap();
    let text = mock.complaints()[0].text.clone();
    assert!(
        text.contains("damages") && text.contains("i2c-gpio"),
        "{text}"
    );

    let slow = Chip {
        holds: Duration::from_millis(36),
        ..Chip::default()
    };
    let (mock, _, mut bus) = fitted(&slow);
    let text = bus.write(0x40, &[1]).unwrap_err().to_string();
    assert!(text.contains("36ms") && text.contains("35ms"), "{text}");
    assert_eq!(mock.now(), us(190 + 35_000 + 10), "and then it lets go");
}

#[test]
fn a_chip_that_is_busy_does_not_acknowledge_until_it_is_done() {
    let chip = Chip {
        busy_until: us(5_000),
        ..Chip::default()
    };
    let (mock, _, mut bus) = fitted(&chip);
    assert!(matches!(
        bus.write(0x40, &[1]),
        Err(BusError::NoAcknowledge { .. })
    ));
    pass(&mock, Duration::from_millis(5));
    bus.write(0x40, &[1]).unwrap();
    assert_eq!(mock.complaints(), []);
}
