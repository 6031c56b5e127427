//! A part of one's own on plain lines: a sensor on one wire, which answers a pulse.

use crate::bench::{board, edges, pass, pin};
use sinew_board::{Bias, Level, OpenDrain, Pin};
use sinew_mock::{Mock, Moment, WireChip, WireLines, WireTwin};
use std::time::Duration;

const BEGINS: u32 = 1;
const ENDS: u32 = 2;

/// Waits 30 us after the wire was let go of, and pulls it low for 80.
struct Sensor(Pin);

impl WireChip for Sensor {
    fn level(&mut self, _: Moment, pin: Pin, level: Level, lines: &mut WireLines<'_>) {
        if pin == self.0 && level == Level::High {
            lines.plan(Duration::from_micros(30), BEGINS);
        }
    }

    fn due(&mut self, _: Moment, what: u32, lines: &mut WireLines<'_>) {
        if what == BEGINS {
            lines.drive(self.0, Some(Level::Low));
            lines.plan(Duration::from_micros(80), ENDS);
        } else {
            lines.drive(self.0, None);
        }
    }
}

fn rig() -> (Mock, WireTwin, OpenDrain) {
    let (mock, board) = board();
    let sensor = Box::new(Sensor(pin(4)));
    let sensor = mock.wire_chip("humidity", "DHT22", &[pin(4)], sensor);
    let wire = board.open_drain("humidity", pin(4), Bias::PullUp).unwrap();
    (mock, sensor, wire.open().unwrap())
}

/// Pulls the wire low for a millisecond, and tells for how long it was low after that, looked at each microsecond for 200.
fn answer(mock: &Mock, wire: &mut OpenDrain) -> usize {
    wire.set(Level::Low).unwrap();
    pass(mock, Duration::from_millis(1));
    wire.set(Level::High).unwrap();
    let mut low = 0;
    for _ in 0..200 {
        pass(mock, Duration::from_micros(1));
        low += usize::from(wire.level().unwrap() == Level::Low);
    }
    low
}

#[test]
fn a_part_on_one_wire_answers_when_it_is_let_go_of() {
    let (mock, _sensor, mut wire) = rig();
    assert_eq!(answer(&mock, &mut wire), 80);
    assert!(mock.complaints().is_empty());
}

#[test]
fn unplugged_it_lets_go_and_frozen_it_says_nothing() {
    let (mock, sensor, mut wire) = rig();
    wire.set(Level::Low).unwrap();
    wire.set(Level::High).unwrap();
    pass(&mock, Duration::from_micros(50));
    assert_eq!(wire.level().unwrap(), Level::Low, "it answers");
    sensor.unplug();
    assert_eq!(wire.level().unwrap(), Level::High);
    assert_eq!(answer(&mock, &mut wire), 0);
    sensor.replug();
    assert_eq!(answer(&mock, &mut wire), 80);
    sensor.freeze();
    assert_eq!(answer(&mock, &mut wire), 0);
}

/// Drives what it is not wired to.
struct Wild;

impl WireChip for Wild {
    fn level(&mut self, _: Moment, _: Pin, _: Level, lines: &mut WireLines<'_>) {
        lines.drive(pin(6), Some(Level::High));
    }
}

#[test]
fn a_line_that_is_not_its_own_is_not_driven_and_complained_of() {
    let (mock, board) = board();
    mock.wire_chip("wild", "wild", &[pin(5)], Box::new(Wild));
    let other = board.input("other", pin(6), Bias::PullDown).unwrap();
    let other = other.open().unwrap();
    let led = board.indicator("led", pin(5), Level::Low).unwrap();
    led.open().unwrap().set(Level::High).unwrap();
    assert_eq!(edges(&other), []);
    let complaint = mock.complaints()[0].to_string();
    assert!(
        complaint.contains("GPIO6, to which it is not wired"),
        "{complaint}"
    );
}
