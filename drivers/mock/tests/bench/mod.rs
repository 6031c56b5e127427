//! A board on the mock, as each test begins.
#![allow(dead_code, reason = "each test takes what it needs")]

use sinew_board::{Board, Edge, InputPin, Pin};
use sinew_messages::Timestamp;
use sinew_mock::Mock;
use std::time::Duration;

pub(crate) const SEED: u64 = 7;

pub(crate) fn board() -> (Mock, Board) {
    let mock = Mock::new(SEED);
    let board = Board::new(mock.backends());
    (mock, board)
}

pub(crate) fn at_ms(ms: u64) -> Timestamp {
    Timestamp::from_nanos(ms * 1_000_000)
}

pub(crate) fn at_us(us: u64) -> Timestamp {
    Timestamp::from_nanos(us * 1_000)
}

pub(crate) fn pin(number: u8) -> Pin {
    Pin::gpio(number).unwrap()
}

/// Lets `time` pass.
pub(crate) fn pass(mock: &Mock, time: Duration) {
    mock.advance(mock.now() + time);
}

/// All edges that wait.
pub(crate) fn edges(input: &InputPin) -> Vec<Edge> {
    let mut edges = Vec::new();
    input.drain_edges(&mut edges).unwrap();
    edges
}
