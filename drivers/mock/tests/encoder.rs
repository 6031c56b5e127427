//! The twin of a quadrature encoder.

use crate::bench::{at_ms, board, edges, pin};
use sinew_board::{Bias, Edge, InputPin, Level};
use sinew_messages::{Radians, Timestamp};
use sinew_mock::{EncoderPins, EncoderTwin, Mock};
use std::f64::consts::TAU;

const COUNTS_PER_TURN: u32 = 1000;

fn counts(count: f64) -> Radians {
    Radians(count / f64::from(COUNTS_PER_TURN) * TAU)
}

fn rig() -> (Mock, EncoderTwin, InputPin, InputPin) {
    let (mock, board) = board();
    let pins = EncoderPins {
        a: pin(5),
        b: pin(6),
    };
    let twin = mock.encoder("left encoder", pins, COUNTS_PER_TURN);
    let open = |part, pin| {
        let claim = board.input(part, pin, Bias::PullUp).unwrap();
        claim.open().unwrap()
    };
    let (a, b) = (open("encoder A", pins.a), open("encoder B", pins.b));
    (mock, twin, a, b)
}

/// A quadrature decoder: each edge is a count, its direction from the other line.
#[derive(Default)]
struct Decoder {
    a: Level,
    b: Level,
    count: i64,
}

impl Decoder {
    fn take(&mut self, a: &InputPin, b: &InputPin) {
        let mut both: Vec<(Edge, bool)> = edges(a).into_iter().map(|edge| (edge, true)).collect();
        both.extend(edges(b).into_iter().map(|edge| (edge, false)));
        both.sort_by_key(|(edge, _)| edge.at);
        for (edge, is_a) in both {
            *(if is_a { &mut self.a } else { &mut self.b }) = edge.level;
            let forward = (self.a != self.b) == is_a;
            self.count += if forward { 1 } else { -1 };
        }
    }
}

#[test]
fn a_step_makes_its_edges_evenly_between_its_moments() {
    let (mock, twin, a, b) = rig();
    // From count 0.5 on, so that no boundary falls on the step's own moments.
    twin.turn(counts(0.5), Timestamp::ZERO, Timestamp::ZERO);
    twin.turn(counts(4.0), at_ms(0), at_ms(8));
    let stamps = |input: &InputPin| -> Vec<_> {
        let edges = edges(input);
        edges
            .iter()
            .map(|e| (e.at.nanos(), e.level, e.sequence))
            .collect()
    };
    let (low, high) = (Level::Low, Level::High);
    assert_eq!(stamps(&a), [(1_000_000, high, 1), (5_000_000, low, 2)]);
    assert_eq!(stamps(&b), [(3_000_000, high, 1), (7_000_000, low, 2)]);
    assert_eq!(mock.next_event(), None, "edges are no happenings");
}

#[test]
fn turning_forward_and_back_counts_up_and_down_again() {
    let (_mock, twin, a, b) = rig();
    let mut decoder = Decoder::default();
    for (step, turned) in [13.25, -20.5, 0.25, 40.0, -33.0].into_iter().enumerate() {
        let from = at_ms(10 * step as u64);
        twin.turn(counts(turned), from, at_ms(10 * (step as u64 + 1)));
        decoder.take(&a, &b);
        assert_eq!(decoder.count, twin.count(), "after step {step}");
    }
    assert_eq!(decoder.count, 0);
}

#[test]
fn edges_that_nobody_took_in_time_are_lost_visibly() {
    let (_mock, twin, a, b) = rig();
    twin.turn(counts(6_000.5), at_ms(0), at_ms(100));
    assert_eq!(a.lost_edges(), 0, "nobody has looked yet");
    let seen = edges(&a);
    assert_eq!(seen.len(), 1_024);
    assert_eq!(seen[0].sequence, 3_000 - 1_024 + 1, "the oldest went");
    assert_eq!(
        a.lost_edges(),
        3_000 - 1_024,
        "the first of an opening is 1"
    );
    twin.turn(counts(3_000.0), at_ms(100), at_ms(200));
    edges(&a);
    assert_eq!(a.lost_edges(), 4_500 - 2 * 1_024);
    assert_eq!(edges(&b).len(), 1_024);
}

#[test]
fn unplugged_both_lines_fall_back_to_their_pull_and_the_shaft_turns_on() {
    let (mock, twin, a, b) = rig();
    mock.advance(at_ms(1));
    twin.unplug();
    assert_eq!(
        (a.level().unwrap(), b.level().unwrap()),
        (Level::High, Level::High)
    );
    edges(&a);
    twin.turn(counts(8.5), at_ms(1), at_ms(2));
    assert_eq!(edges(&a), []);
    assert_eq!(twin.count(), 8);
    twin.replug();
    assert_eq!(
        (a.level().unwrap(), b.level().unwrap()),
        (Level::Low, Level::Low)
    );
}

#[test]
fn frozen_it_shows_what_it_showed() {
    let (_mock, twin, a, b) = rig();
    twin.turn(counts(1.5), at_ms(0), at_ms(1));
    twin.freeze();
    edges(&a);
    twin.turn(counts(5.0), at_ms(1), at_ms(2));
    assert_eq!((edges(&a), edges(&b)), (vec![], vec![]));
    assert_eq!(a.level().unwrap(), Level::High);
}

#[test]
fn a_step_beyond_all_sense_is_complained_of_and_not_followed() {
    let (mock, twin, a, _b) = rig();
    for turned in [f64::NAN, f64::INFINITY, 1e12] {
        twin.turn(Radians(turned), at_ms(0), at_ms(1));
    }
    assert_eq!(edges(&a), []);
    assert_eq!(mock.complaint_count(), 3);
}
