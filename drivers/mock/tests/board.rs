//! The board's own promises: time, order, names.

use crate::bench::{SEED, at_ms, at_us, board, edges, pin};
use embedded_hal::delay::DelayNs;
use sinew_board::{Bias, Board, InputSettings, Level};
use sinew_messages::{Meters, Timestamp};
use sinew_mock::{EncoderPins, HcSr04Pins, Inertia, Mock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[test]
fn time_goes_where_it_is_told_and_never_back() {
    let (mock, board) = board();
    mock.advance(at_ms(5));
    assert_eq!(board.now(), at_ms(5));
    mock.advance(at_ms(3));
    assert_eq!(board.now(), at_ms(5));
}

#[test]
fn a_driver_that_blocks_takes_its_time_from_the_whole_board() {
    let (mock, board) = board();
    let twin = mock.switch("button", pin(4), Duration::ZERO);
    let claim = board.input("button", pin(4), Bias::PullUp).unwrap();
    let input = claim.open().unwrap();
    twin.set(true, at_ms(2));
    mock.advance(at_ms(1));
    board.delay().delay_ms(3);
    assert_eq!(board.now(), at_ms(4));
    assert_eq!(
        edges(&input)[0].at,
        at_ms(2),
        "what happened meanwhile keeps its moment"
    );
    mock.advance(at_us(3500));
    assert_eq!(board.now(), at_ms(4), "the others' time was taken already");
    mock.advance(at_ms(5));
    assert_eq!(board.now(), at_ms(5));
}

#[test]
fn a_twins_world_is_asked_at_the_very_moment() {
    let (mock, board) = board();
    let asked = Arc::new(AtomicU64::new(0));
    let log = Arc::clone(&asked);
    let pins = HcSr04Pins {
        trigger: pin(23),
        echo: pin(24),
    };
    mock.hc_sr04("sonar", pins, move |at| {
        log.store(at.nanos(), Ordering::Relaxed);
        Some(Meters(1.0))
    });
    let mut trigger = board
        .indicator("trigger", pins.trigger, Level::Low)
        .unwrap()
        .open()
        .unwrap();
    mock.advance(at_ms(7));
    trigger.set(Level::High).unwrap();
    mock.advance(at_us(7010));
    trigger.set(Level::Low).unwrap();
    assert_eq!(mock.next_event(), Some(at_us(7470)));
    mock.advance(at_ms(100));
    assert_eq!(asked.load(Ordering::Relaxed), at_us(7470).nanos());
}

#[test]
fn what_is_fitted_is_listed_as_claims_are_written() {
    let (mock, _board) = board();
    let pins = HcSr04Pins {
        trigger: pin(23),
        echo: pin(24),
    };
    mock.hc_sr04("sonar", pins, |_| None);
    mock.mpu6050("imu", 1, 0x68, |_| Inertia::default());
    mock.serial_line("receiver", "gnss", 9600);
    let listed: Vec<_> = mock
        .fitted()
        .into_iter()
        .map(|info| format!("{} {} {}", info.name, info.part, info.resources.join(" ")))
        .collect();
    let expected = [
        "sonar HC-SR04 GPIO23 GPIO24",
        "imu MPU6050 I2C1:0x68",
        "receiver serial line port gnss",
    ];
    assert_eq!(listed, expected);
    mock.twin("imu").unwrap().unplug();
    assert!(!mock.twin("imu").unwrap().is_plugged());
    assert!(mock.twin("lidar").is_none());
}

#[test]
fn two_parts_on_one_wire_are_complained_of_by_both_names() {
    let (mock, _board) = board();
    mock.switch("button", pin(4), Duration::ZERO);
    mock.led("lamp", pin(4));
    mock.mpu6050("imu", 1, 0x68, |_| Inertia::default());
    mock.mpu6050("second imu", 1, 0x68, |_| Inertia::default());
    let complaints: Vec<_> = mock.complaints().iter().map(ToString::to_string).collect();
    assert_eq!(complaints.len(), 2);
    for (complaint, named) in complaints
        .iter()
        .zip([["lamp", "button"], ["second imu", "\"imu\""]])
    {
        assert!(
            named.iter().all(|name| complaint.contains(name)),
            "{complaint}"
        );
    }
}

#[test]
fn a_released_output_keeps_its_level() {
    let (mock, _board) = board();
    let gpio = mock.backends().gpio;
    let led = mock.led("lamp", pin(18));
    drop(gpio.output(pin(18), Level::High).unwrap());
    assert!(led.is_lit());
    drop(
        gpio.input(pin(18), InputSettings::new(Bias::PullDown))
            .unwrap(),
    );
    assert!(!led.is_lit(), "opened as an input it is driven no more");
}

#[test]
fn lines_have_the_pulls_of_the_bcm2835_at_power_on() {
    let (mock, board) = board();
    let led = mock.led("upper", pin(8));
    let lower = mock.led("lower", pin(9));
    assert!(led.is_lit() && !lower.is_lit());
    drop(board);
}

/// A minute of everything at once, and every edge of it.
fn minute(seed: u64) -> Vec<(u8, Timestamp, Level)> {
    let mock = Mock::new(seed);
    let board = Board::new(mock.backends());
    let sonar = HcSr04Pins {
        trigger: pin(23),
        echo: pin(24),
    };
    mock.hc_sr04("sonar", sonar, |at| Some(Meters(1.0 + at.seconds().sin())));
    let wheel = EncoderPins {
        a: pin(5),
        b: pin(6),
    };
    let encoder = mock.encoder("wheel", wheel, 1000);
    let bumper = mock.switch("bumper", pin(16), Duration::from_millis(2));
    let open = |pin| {
        board
            .input("part", pin, Bias::PullUp)
            .unwrap()
            .open()
            .unwrap()
    };
    let inputs = [24, 5, 6, 16].map(|number| (number, open(pin(number))));
    let mut trigger = board
        .indicator("trigger", sonar.trigger, Level::Low)
        .unwrap()
        .open()
        .unwrap();
    let mut all = Vec::new();
    for step in 0..6000 {
        let (from, to) = (at_ms(10 * step), at_ms(10 * step + 10));
        if step % 5 == 0 {
            trigger.set(Level::High).unwrap();
            board.delay().delay_us(10);
            trigger.set(Level::Low).unwrap();
        }
        encoder.turn(sinew_messages::Radians(0.05), from, to);
        bumper.set(step / 100 % 2 == 1, from);
        mock.advance(to);
        for (number, input) in &inputs {
            all.extend(edges(input).iter().map(|e| (*number, e.at, e.level)));
        }
    }
    assert_eq!(mock.complaints(), []);
    all
}

#[test]
fn the_same_seed_gives_the_same_edges_to_the_nanosecond() {
    let (first, second) = (minute(SEED), minute(SEED));
    assert!(first.len() > 40_000);
    assert!(first == second);
    assert!(first != minute(SEED + 1));
}
