//! Lines as wires: several at one moment and in one order, those that several pull, and what holds them.

use crate::bench::{at_ms, board, edges, pass, pin};
use futures_core::Stream;
use sinew_board::{Bias, Board, Level, Pin};
use sinew_messages::Meters;
use sinew_mock::{HcSr04Pins, Mock, SwitchTwin};
use std::pin::Pin as Pinned;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// A contact on each of two lines, which does not bounce.
fn contacts(mock: &Mock, pins: [Pin; 2]) -> [SwitchTwin; 2] {
    [("a", pins[0]), ("b", pins[1])].map(|(name, pin)| mock.switch(name, pin, Duration::ZERO))
}

#[test]
fn lines_that_are_read_together_show_one_moment_and_are_claimed_as_each_of_them() {
    let (mock, board) = board();
    let pins = [4, 5, 6].map(pin);
    let claim = board.inputs("line sensors", &pins, Bias::PullUp).unwrap();
    assert!(
        board.input("other", pins[1], Bias::None).is_err(),
        "it has an owner"
    );
    let mut sensors = claim.open().unwrap();
    let switch = mock.switch("middle", pins[1], Duration::ZERO);
    switch.set(true, mock.now());
    pass(&mock, Duration::from_millis(1));
    let levels = sensors.levels().unwrap();
    assert_eq!(levels, [Level::High, Level::Low, Level::High]);
    assert!(claim.open().is_err(), "they are open");
    drop(sensors);
    claim.open().unwrap();
}

#[test]
fn edges_of_several_lines_come_in_one_order_with_one_count() {
    let (mock, board) = board();
    let pins = [4, 5].map(pin);
    let claim = board.inputs("channels", &pins, Bias::PullUp).unwrap();
    let mut channels = claim.open_with_edges().unwrap();
    let [a, b] = contacts(&mock, pins);
    for (millisecond, switch, closed) in
        [(1, &b, true), (2, &a, true), (3, &b, false), (4, &a, false)]
    {
        switch.set(closed, at_ms(millisecond));
        pass(&mock, Duration::from_millis(1));
    }
    let mut edges = Vec::new();
    channels.drain_edges(&mut edges).unwrap();
    let seen: Vec<_> = edges
        .iter()
        .map(|it| (it.pin, it.edge.at, it.edge.level, it.edge.sequence))
        .collect();
    let (low, high) = (Level::Low, Level::High);
    let wanted = [
        (pins[1], at_ms(1), low, 1),
        (pins[0], at_ms(2), low, 2),
        (pins[1], at_ms(3), high, 3),
        (pins[0], at_ms(4), high, 4),
    ];
    assert_eq!(seen, wanted);
    assert_eq!(channels.levels().unwrap(), [high, high]);
    assert_eq!(channels.lost_edges(), 0);
    assert_eq!(board.claims()[0].statistics.edges, 4);
}

#[test]
fn edges_of_several_lines_that_nobody_read_in_time_are_counted_as_lost() {
    let (mock, board) = board();
    let pins = [4, 5].map(pin);
    let claim = board.inputs("channels", &pins, Bias::PullUp).unwrap();
    let mut channels = claim.open_with_edges().unwrap();
    let switch = mock.switch("a", pins[0], Duration::ZERO);
    for millisecond in 1..=1_100 {
        switch.set(millisecond % 2 == 1, at_ms(millisecond));
        pass(&mock, Duration::from_millis(1));
    }
    let mut edges = Vec::new();
    channels.drain_edges(&mut edges).unwrap();
    assert_eq!((edges.len(), channels.lost_edges()), (1_024, 1_100 - 1_024));
}

#[test]
fn whoever_waits_for_edges_of_several_lines_is_woken_by_each_of_them() {
    let (mock, board) = board();
    let pins = [4, 5].map(pin);
    let claim = board.inputs("channels", &pins, Bias::PullUp).unwrap();
    let channels = claim.open_with_edges().unwrap();
    let mut edges = channels.edges();
    let switches = contacts(&mock, pins);
    for (nth, (switch, pin)) in (1..).zip(switches.iter().zip(pins)) {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut cx = Context::from_waker(&waker);
        assert!(Pinned::new(&mut edges).poll_next(&mut cx).is_pending());
        switch.set(true, at_ms(nth));
        pass(&mock, Duration::from_millis(1));
        assert_eq!(woken.0.load(Ordering::SeqCst), 1);
        let Poll::Ready(Some(Ok(edge))) = Pinned::new(&mut edges).poll_next(&mut cx) else {
            panic!("no edge of {pin}");
        };
        assert_eq!((edge.pin, edge.edge.level), (pin, Level::Low));
    }
}

#[test]
fn an_open_drain_line_is_low_while_anybody_pulls_it_and_high_by_its_resistor() {
    let (mock, board) = board();
    let claim = board.open_drain("humidity", pin(4), Bias::PullUp).unwrap();
    let mut wire = claim.open().unwrap();
    assert_eq!(wire.level().unwrap(), Level::High, "it begins released");
    let sensor = mock.switch("sensor", pin(4), Duration::ZERO);
    for (board_pulls, sensor_pulls, level) in [
        (true, false, Level::Low),
        (true, true, Level::Low),
        (false, true, Level::Low),
        (false, false, Level::High),
    ] {
        wire.set(Level::from(!board_pulls)).unwrap();
        sensor.set(sensor_pulls, mock.now());
        pass(&mock, Duration::from_millis(1));
        assert_eq!(wire.level().unwrap(), level, "{board_pulls} {sensor_pulls}");
    }
    assert!(mock.complaints().is_empty(), "nobody drives it high");
    wire.set(Level::Low).unwrap();
    drop(wire);
    let mut again = claim.open().unwrap();
    assert_eq!(again.level().unwrap(), Level::High, "it is let go of");
}

#[test]
fn an_open_drain_line_that_is_closed_pulls_nobody() {
    let (mock, _board) = board();
    let lamp = mock.led("lamp", pin(18));
    let gpio = mock.backends().gpio;
    let mut line = gpio.open_drain(pin(18), Bias::PullUp).unwrap();
    line.set(Level::Low).unwrap();
    assert!(!lamp.is_lit());
    drop(line);
    assert!(lamp.is_lit());
}

#[test]
fn an_open_drain_line_without_a_resistor_stays_low() {
    let (_mock, board) = board();
    let claim = board
        .open_drain("humidity", pin(17), Bias::PullDown)
        .unwrap();
    let mut wire = claim.open().unwrap();
    wire.set(Level::High).unwrap();
    assert_eq!(wire.level().unwrap(), Level::Low);
}

#[test]
fn a_twin_that_drives_an_open_drain_line_high_is_complained_of() {
    let (mock, board) = board();
    let pins = HcSr04Pins {
        trigger: pin(23),
        echo: pin(4),
    };
    let _sonar = mock.hc_sr04("sonar", pins, |_| Some(Meters(1.0)));
    let mut trigger = board
        .indicator("trigger", pins.trigger, Level::Low)
        .unwrap()
        .open()
        .unwrap();
    let mut wire = board
        .open_drain("echo", pins.echo, Bias::PullUp)
        .unwrap()
        .open()
        .unwrap();
    wire.set(Level::Low).unwrap();
    trigger.set(Level::High).unwrap();
    pass(&mock, Duration::from_micros(20));
    trigger.set(Level::Low).unwrap();
    pass(&mock, Duration::from_millis(5));
    let complaints = mock.complaints();
    assert!(
        complaints
            .iter()
            .any(|it| it.to_string().contains("against each other")),
        "{complaints:?}"
    );
}

#[test]
fn lines_that_are_watched_together_keep_as_many_edges_as_the_kernel_does_for_all() {
    let (mock, board) = board();
    let pins = [4, 5].map(pin);
    let claim = board.inputs("channels", &pins, Bias::PullUp).unwrap();
    let mut channels = claim.open_with_edges().unwrap();
    let switches = contacts(&mock, pins);
    for millisecond in 1..=1_000 {
        for switch in &switches {
            switch.set(millisecond % 2 == 1, at_ms(millisecond));
        }
        pass(&mock, Duration::from_millis(1));
    }
    let mut edges = Vec::new();
    channels.drain_edges(&mut edges).unwrap();
    assert_eq!((edges.len(), channels.lost_edges()), (1_024, 976));
    assert!(board.inputs("none", &[], Bias::None).is_err());
}

#[test]
fn a_debounced_input_that_is_opened_again_waits_as_long_as_the_first_time() {
    let (mock, board) = board();
    let button = mock.switch("button", pin(4), Duration::ZERO);
    let claim = board.input("button", pin(4), Bias::PullUp).unwrap();
    let claim = claim.debounced(Duration::from_millis(100));
    let first = claim.open().unwrap();
    button.set(true, mock.now());
    pass(&mock, Duration::from_millis(1));
    drop(first);
    button.set(false, mock.now());
    let again = claim.open().unwrap();
    pass(&mock, Duration::from_millis(90));
    button.set(true, mock.now());
    pass(&mock, Duration::from_millis(60));
    assert_eq!(edges(&again), [], "it stood still for 60 ms only");
    pass(&mock, Duration::from_millis(50));
    assert_eq!(edges(&again).len(), 1);
}

#[test]
fn no_bias_leaves_the_chips_pull_and_a_resistor_outdoes_it() {
    let (mock, board) = board();
    let input = board.input("sensor", pin(4), Bias::None).unwrap();
    let input = input.open().unwrap();
    let pulled_up = "GPIO4 is pulled up at power-on";
    assert_eq!(input.level().unwrap(), Level::High, "{pulled_up}");
    mock.fit_resistor(pin(4), Some(Level::Low));
    assert_eq!(input.level().unwrap(), Level::Low);
    let mut wire = board
        .open_drain("humidity", pin(17), Bias::None)
        .unwrap()
        .open()
        .unwrap();
    assert_eq!(wire.level().unwrap(), Level::Low);
    mock.fit_resistor(pin(17), Some(Level::High));
    assert_eq!(wire.level().unwrap(), Level::High);
}

#[test]
fn what_is_simulated_on_a_real_board_counts_as_simulated() {
    let (mock, _) = board();
    let real = sinew_board::linux::backends();
    let mixed = Board::new(real).with_pin(pin(17), mock.backends().gpio);
    mixed.input("bumper", pin(17), Bias::PullUp).unwrap();
    mixed.input("button", pin(18), Bias::PullUp).unwrap();
    let simulated: Vec<bool> = mixed.claims().iter().map(|it| it.simulated).collect();
    assert_eq!(simulated, [true, false]);
    let half = Board::new(mock.backends()).with_pin(pin(17), sinew_board::linux::backends().gpio);
    half.inputs("sensors", &[pin(17), pin(27)], Bias::None)
        .unwrap();
    assert!(half.claims().iter().all(|it| it.simulated));
}

#[test]
fn a_stream_of_edges_is_woken_also_after_another_one_waited_last_and_went() {
    let (mock, board) = board();
    let button = mock.switch("button", pin(4), Duration::ZERO);
    let claim = board.inputs("group", &[pin(4), pin(5)], Bias::PullUp);
    let group = claim.unwrap().open_with_edges().unwrap();
    let (mut stays, mut goes) = (group.edges(), group.edges());
    let (first, second) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
    let wakers = [&first, &second].map(|it| Waker::from(Arc::clone(it)));
    let [mut of_first, mut of_second] = [0, 1].map(|it| Context::from_waker(&wakers[it]));
    assert!(
        Pinned::new(&mut stays)
            .poll_next(&mut of_first)
            .is_pending()
    );
    assert!(
        Pinned::new(&mut goes)
            .poll_next(&mut of_second)
            .is_pending()
    );
    drop(goes);
    assert_eq!(first.0.load(Ordering::SeqCst), 1, "it asks again");
    assert!(
        Pinned::new(&mut stays)
            .poll_next(&mut of_first)
            .is_pending()
    );
    button.set(true, mock.now());
    pass(&mock, Duration::from_millis(1));
    assert_eq!(first.0.load(Ordering::SeqCst), 2);
}

/// How often it was woken.
#[derive(Default)]
struct Woken(AtomicU64);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
