//! The twin of the HC-SR04, triggered and timed as a driver does it.

use crate::bench::{at_ms, at_us, board, edges, pass, pin};
use embedded_hal::delay::DelayNs;
use sinew_board::{Bias, Board, Indicator, InputPin, Level};
use sinew_messages::{Meters, Timestamp};
use sinew_mock::{HcSr04Pins, HcSr04Twin, Mock};
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Rig {
    mock: Mock,
    board: Board,
    twin: HcSr04Twin,
    trigger: Indicator,
    echo: InputPin,
    distance: Arc<Mutex<Option<Meters>>>,
}

impl Rig {
    fn new(distance: Option<Meters>) -> Self {
        let (mock, board) = board();
        let pins = HcSr04Pins {
            trigger: pin(23),
            echo: pin(24),
        };
        let distance = Arc::new(Mutex::new(distance));
        let world = Arc::clone(&distance);
        let twin = mock.hc_sr04("sonar", pins, move |_| *world.lock().unwrap());
        let trigger = board.indicator("HC-SR04 trigger", pins.trigger, Level::Low);
        let echo = board.input("HC-SR04 echo", pins.echo, Bias::PullDown);
        Self {
            trigger: trigger.unwrap().open().unwrap(),
            echo: echo.unwrap().open().unwrap(),
            mock,
            board,
            twin,
            distance,
        }
    }

    fn trigger(&mut self, time: Duration) {
        self.trigger.set(Level::High).unwrap();
        self.board.delay().delay_us(time.as_micros() as u32);
        self.trigger.set(Level::Low).unwrap();
    }

    /// When the echo rose and fell after a ping, if it did.
    fn ping(&mut self) -> Option<(Timestamp, Timestamp)> {
        self.trigger(Duration::from_micros(10));
        pass(&self.mock, Duration::from_millis(60));
        match edges(&self.echo)[..] {
            [] => None,
            [rise, fall] => {
                assert_eq!((rise.level, fall.level), (Level::High, Level::Low));
                Some((rise.at, fall.at))
            }
            ref other => panic!("an echo has two edges, found {other:?}"),
        }
    }
}

#[test]
fn the_echo_rises_460_us_after_the_trigger_and_lasts_as_long_as_the_sound_travels() {
    let mut rig = Rig::new(Some(Meters(1.716)));
    assert_eq!(rig.ping(), Some((at_us(470), at_us(470 + 10_000))));
    for meters in [0.02, 0.1, 0.5, 1.0, 3.9, 4.0] {
        *rig.distance.lock().unwrap() = Some(Meters(meters));
        let (rise, fall) = rig.ping().unwrap();
        let measured = fall.since(rise).as_secs_f64() * 343.2 / 2.0;
        assert!((measured - meters).abs() < 1e-6, "{measured} for {meters}");
    }
    assert_eq!(rig.mock.complaints(), []);
}

#[test]
fn nothing_in_range_is_an_echo_of_38_ms() {
    let mut rig = Rig::new(None);
    let (rise, fall) = rig.ping().unwrap();
    assert_eq!(fall.since(rise), Duration::from_millis(38));
}

#[test]
fn unplugged_it_gives_no_rising_edge_and_replugged_it_measures_again() {
    let mut rig = Rig::new(Some(Meters(1.0)));
    rig.twin.unplug();
    assert_eq!(rig.ping(), None);
    rig.twin.replug();
    assert!(rig.ping().is_some());
}

#[test]
fn unplugged_in_the_middle_of_an_echo_the_line_falls_at_once() {
    let mut rig = Rig::new(Some(Meters(1.716)));
    rig.trigger(Duration::from_micros(10));
    rig.mock.advance(at_ms(5));
    rig.twin.unplug();
    rig.mock.advance(at_ms(60));
    let edges = edges(&rig.echo);
    assert_eq!(edges.len(), 2);
    assert_eq!(edges[1].at, at_ms(5));
}

#[test]
fn frozen_it_repeats_its_last_echo() {
    let mut rig = Rig::new(Some(Meters(1.716)));
    rig.ping();
    *rig.distance.lock().unwrap() = Some(Meters(0.3));
    rig.twin.freeze();
    let (rise, fall) = rig.ping().unwrap();
    assert_eq!(fall.since(rise), Duration::from_millis(10));
    rig.twin.thaw();
    let (rise, fall) = rig.ping().unwrap();
    assert!(fall.since(rise) < Duration::from_millis(2));
}

#[test]
fn a_trigger_of_less_than_10_us_is_no_trigger_and_is_complained_of() {
    let mut rig = Rig::new(Some(Meters(1.0)));
    rig.trigger(Duration::from_micros(9));
    pass(&rig.mock, Duration::from_millis(60));
    assert_eq!(edges(&rig.echo), []);
    let complaint = rig.mock.complaints()[0].to_string();
    assert!(
        complaint.contains("sonar") && complaint.contains("10µs"),
        "{complaint}"
    );
}

#[test]
fn a_trigger_during_the_echo_does_nothing() {
    let mut rig = Rig::new(Some(Meters(3.0)));
    rig.trigger(Duration::from_micros(10));
    rig.mock.advance(at_ms(5));
    rig.trigger(Duration::from_micros(10));
    rig.mock.advance(at_ms(60));
    assert_eq!(edges(&rig.echo).len(), 2);
    assert_eq!(rig.twin.pings(), 1);
}

#[test]
fn an_output_on_the_echo_line_is_a_short_that_is_complained_of() {
    let (mock, board) = board();
    let pins = HcSr04Pins {
        trigger: pin(23),
        echo: pin(24),
    };
    mock.hc_sr04("sonar", pins, |_| None);
    let wrong = board.indicator("lamp", pins.echo, Level::High).unwrap();
    let _held = wrong.open().unwrap();
    let complaint = mock.complaints()[0].to_string();
    assert!(
        complaint.contains("GPIO24") && complaint.contains("sonar"),
        "{complaint}"
    );
}
