//! The board's own promises: time, order, names.

use crate::bench::{SEED, at_ms, at_us, board, edges, pass, pin};
use embedded_hal::delay::DelayNs;
use futures_core::Stream;
use sinew_board::{Bias, Board, InputSettings, Level};
use sinew_messages::{Meters, Timestamp};
use sinew_mock::{EncoderPins, HcSr04Pins, Inertia, Mock};
use std::pin::Pin as Pinned;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
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
    let [a, b] =
        [("a", pins[0]), ("b", pins[1])].map(|(name, pin)| mock.switch(name, pin, Duration::ZERO));
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
    let switches =
        [("a", pins[0]), ("b", pins[1])].map(|(name, pin)| mock.switch(name, pin, Duration::ZERO));
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
    let switches =
        [("a", pins[0]), ("b", pins[1])].map(|(name, pin)| mock.switch(name, pin, Duration::ZERO));
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
