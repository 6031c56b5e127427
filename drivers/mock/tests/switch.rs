//! The twins of a switch and an LED.

use crate::bench::{SEED, at_ms, at_us, board, edges, pin};
use sinew_board::{Bias, Board, Edge, InputPin, Level};
use sinew_mock::{Mock, SwitchTwin};
use std::time::Duration;

const BOUNCE: Duration = Duration::from_millis(3);

fn rig(seed: u64, bounce: Duration) -> (Mock, SwitchTwin, InputPin) {
    let mock = Mock::new(seed);
    let board = Board::new(mock.backends());
    let twin = mock.switch("bumper", pin(16), bounce);
    let claim = board.input("bumper", pin(16), Bias::PullUp).unwrap();
    (mock, twin, claim.open().unwrap())
}

/// Presses and releases it ten times.
fn used(seed: u64) -> Vec<Edge> {
    let (mock, twin, input) = rig(seed, BOUNCE);
    let mut seen = Vec::new();
    for n in 1..=20 {
        twin.set(n % 2 == 1, at_ms(10 * n));
        mock.advance(at_ms(10 * n + 9));
        seen.extend(edges(&input));
    }
    seen
}

#[test]
fn a_perfect_contact_makes_one_edge_at_its_moment() {
    let (mock, twin, input) = rig(SEED, Duration::ZERO);
    twin.set(true, at_us(1500));
    assert_eq!(mock.next_event(), Some(at_us(1500)));
    mock.advance(at_ms(10));
    twin.set(true, at_ms(11));
    twin.set(false, at_ms(12));
    mock.advance(at_ms(20));
    let seen: Vec<_> = edges(&input).iter().map(|e| (e.at, e.level)).collect();
    assert_eq!(seen, [(at_us(1500), Level::Low), (at_ms(12), Level::High)]);
}

#[test]
fn a_contact_bounces_within_its_time_and_ends_where_it_was_put() {
    let seen = used(SEED);
    assert!(seen.len() > 40, "{} edges are no bounces", seen.len());
    for n in 1..=20 {
        let (from, to) = (at_ms(10 * n), at_ms(10 * n) + BOUNCE);
        let of_this: Vec<_> = seen.iter().filter(|e| e.at >= from && e.at < to).collect();
        assert_eq!(of_this.len() % 2, 1);
        assert!(of_this.len() <= 9);
        assert_eq!(of_this[0].at, from);
        assert_eq!(of_this.last().unwrap().level, Level::from(n % 2 == 0));
    }
    let in_time = |e: &Edge| e.at.nanos() % 10_000_000 < BOUNCE.as_nanos() as u64;
    assert!(seen.iter().all(in_time));
    assert!(
        seen.windows(2)
            .all(|w| w[0].at <= w[1].at && w[0].level != w[1].level)
    );
}

#[test]
fn the_same_seed_bounces_the_same_and_another_does_not() {
    assert_eq!(used(1), used(1));
    assert_ne!(used(1), used(2));
}

#[test]
fn let_go_while_it_bounces_it_bounces_open() {
    let (mock, twin, input) = rig(SEED, BOUNCE);
    twin.set(true, at_ms(1));
    mock.advance(at_ms(1));
    twin.set(false, at_us(1100));
    mock.advance(at_ms(20));
    assert_eq!(input.level().unwrap(), Level::High);
    let last = *edges(&input).last().unwrap();
    assert!(last.at <= at_us(1100) + BOUNCE);
    assert!(!twin.is_pressed());
}

#[test]
fn unplugged_it_reads_as_its_pull_and_replugged_as_it_stands() {
    let (mock, twin, input) = rig(SEED, Duration::ZERO);
    twin.set(true, at_ms(0));
    assert_eq!(input.level().unwrap(), Level::Low);
    twin.unplug();
    assert_eq!(input.level().unwrap(), Level::High);
    twin.set(false, at_ms(1));
    twin.set(true, at_ms(2));
    mock.advance(at_ms(5));
    assert_eq!(input.level().unwrap(), Level::High);
    twin.replug();
    assert_eq!(input.level().unwrap(), Level::Low);
}

#[test]
fn frozen_it_stays_and_thawed_it_shows_where_it_stands() {
    let (mock, twin, input) = rig(SEED, BOUNCE);
    twin.freeze();
    twin.set(true, at_ms(1));
    mock.advance(at_ms(20));
    assert_eq!(input.level().unwrap(), Level::High);
    twin.thaw();
    assert_eq!(input.level().unwrap(), Level::Low);
}

#[test]
fn an_led_records_when_it_went_on_and_off() {
    let mock = Mock::new(SEED);
    let board = Board::new(mock.backends());
    let led = mock.led("lamp", pin(18));
    let claim = board.indicator("lamp", pin(18), Level::Low).unwrap();
    let mut lamp = claim.open().unwrap();
    for (ms, level) in [(1, Level::High), (2, Level::High), (3, Level::Low)] {
        mock.advance(at_ms(ms));
        lamp.set(level).unwrap();
    }
    assert_eq!(led.changes(), [(at_ms(1), true), (at_ms(3), false)]);
    led.unplug();
    lamp.set(Level::High).unwrap();
    assert!(!led.is_lit());
    led.replug();
    assert!(led.is_lit());
    led.freeze();
    drop(lamp);
    assert!(led.is_lit());
    led.thaw();
    assert!(!led.is_lit(), "dropping the output wrote its safe level");
}

#[test]
fn an_led_keeps_its_newest_thousand_changes() {
    let mock = Mock::new(SEED);
    let board = Board::new(mock.backends());
    let led = mock.led("lamp", pin(18));
    let mut lamp = board
        .indicator("lamp", pin(18), Level::Low)
        .unwrap()
        .open()
        .unwrap();
    for n in 1..=3000 {
        mock.advance(at_ms(n));
        lamp.set(Level::from(n % 2 == 1)).unwrap();
    }
    let changes = led.changes();
    assert_eq!(changes.len(), 1024);
    assert_eq!(changes.last(), Some(&(at_ms(3000), false)));
}

#[test]
fn a_debounced_input_reports_one_edge_when_the_contact_has_come_to_rest() {
    let (mock, board) = board();
    let switch = mock.switch("button", pin(17), Duration::from_millis(2));
    let claim = board.input("button", pin(17), Bias::PullUp).unwrap();
    let plain = board.input("other", pin(27), Bias::PullUp).unwrap();
    let other = mock.switch("other", pin(27), Duration::from_millis(2));
    let button = claim.debounced(Duration::from_millis(5)).open().unwrap();
    let bounces = plain.open().unwrap();
    for (nth, pressed) in [true, false].into_iter().enumerate() {
        let at = at_ms(100 * (nth as u64 + 1));
        mock.advance(at);
        switch.set(pressed, at);
        other.set(pressed, at);
        mock.advance(at_ms(100 * (nth as u64 + 1) + 4));
        assert_eq!(button.level().unwrap(), Level::from(pressed), "not yet");
        mock.advance(at_ms(100 * (nth as u64 + 1) + 50));
        let seen = edges(&button);
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(seen[0].level, Level::from(!pressed));
        assert_eq!(seen[0].sequence, nth as u32 + 1);
        let rest = seen[0].at.since(at);
        assert!(
            rest >= Duration::from_millis(5) && rest <= Duration::from_millis(7),
            "{rest:?}"
        );
        assert!(edges(&bounces).len() > 1, "the contact did bounce");
    }
    // What comes back in time is no edge at all.
    let at = at_ms(300);
    mock.advance(at);
    switch.set(true, at);
    mock.advance(at_ms(301));
    switch.set(false, at_ms(301));
    mock.advance(at_ms(400));
    assert_eq!(edges(&button), []);
    assert_eq!(button.lost_edges(), 0);
}
