//! A quadrature encoder on a wheel.
//!
//! Source: the quadrature code itself: two square waves a quarter of a period apart, so one line changes at each count
//! and their order tells the direction. Hall encoders on gear motors (Pololu 25D and similar) are of this kind.

use crate::mock::Mock;
use crate::part::{Behaviour, Part};
use crate::socket::Socket;
use crate::twin::handle;
use crate::wires::Wires;
use sinew_board::{Level, Pin};
use sinew_messages::{Radians, Timestamp};
use std::f64::consts::TAU;

/// The most counts that one call of [`EncoderTwin::turn`] may make. A wheel that turns more in one step is a mistake
/// of the caller, and the reader's queue holds 64 edges a line anyway.
const MOST_COUNTS: f64 = 100_000.0;

/// Where an encoder is wired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncoderPins {
    /// The line that leads while the shaft turns forward.
    pub a: Pin,
    /// The line that follows.
    pub b: Pin,
}

handle! {
    /// A fitted encoder. Unplugged both lines fall back to their pull; frozen they stay as they are.
    EncoderTwin
}

impl EncoderTwin {
    /// Turns the shaft evenly by `by` (forward is positive) between two moments, and makes the edges of that turn at
    /// once, each stamped with the moment of its count. They go into the board's queues now: call it in time order,
    /// with `to` no later than what the mock is advanced to next.
    pub fn turn(&self, by: Radians, from: Timestamp, to: Timestamp) {
        self.0.mock.with(|state| {
            let (socket, part, wires) = state.twin(self.0.id);
            let Part::Encoder(encoder) = part else {
                unreachable!("this handle is made for an encoder only")
            };
            encoder.turn(socket, wires, by, (from, to));
        });
    }

    /// The count now: edges of both lines, forward minus backward, since it was fitted, whoever saw them.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.mock.with(|state| match state.twin(self.0.id).1 {
            Part::Encoder(encoder) => encoder.count,
            _ => unreachable!("this handle is made for an encoder only"),
        })
    }
}

impl Mock {
    /// Fits an encoder that makes `counts_per_turn` edges (both lines together) in one turn.
    pub fn encoder(&self, name: &str, pins: EncoderPins, counts_per_turn: u32) -> EncoderTwin {
        let resources = vec![pins.a.to_string(), pins.b.to_string()];
        let encoder = Encoder {
            pins,
            counts_per_turn: f64::from(counts_per_turn),
            position: 0.0,
            count: 0,
        };
        EncoderTwin(self.fit(name, "wheel encoder", resources, Part::Encoder(encoder)))
    }
}

/// The disc and its two sensors.
#[derive(Debug)]
pub(crate) struct Encoder {
    pins: EncoderPins,
    counts_per_turn: f64,
    /// Where the shaft stands, in counts. It turns on while the encoder is unplugged.
    position: f64,
    /// `position` rounded down, which the lines show.
    count: i64,
}

/// The levels of A and B at a count: A changes first when the count grows.
fn levels(count: i64) -> (Level, Level) {
    let quarter = count.rem_euclid(4);
    (
        Level::from(quarter == 1 || quarter == 2),
        Level::from(quarter >= 2),
    )
}

impl Encoder {
    fn turn(
        &mut self,
        socket: &Socket,
        wires: &mut Wires,
        by: Radians,
        (from, to): (Timestamp, Timestamp),
    ) {
        let turned = by.0 / TAU * self.counts_per_turn;
        if turned.is_nan() || turned.abs() > MOST_COUNTS {
            socket.complain(wires, || {
                format!("a turn of {by} in one step is not followed; use smaller steps")
            });
            return;
        }
        let start = self.position;
        let span = to.since(from).as_nanos() as f64;
        self.position += turned;
        let end = self.position.floor() as i64;
        let forward = end > self.count;
        while self.count != end {
            // The boundary between two counts has the number of the upper one.
            let boundary = if forward { self.count + 1 } else { self.count };
            self.count += if forward { 1 } else { -1 };
            if socket.plugged && !socket.frozen {
                let part = ((boundary as f64 - start) / turned).clamp(0.0, 1.0);
                let at = Timestamp::from_nanos(from.nanos() + (span * part) as u64);
                self.show(socket, wires, at);
            }
        }
    }

    fn show(&self, socket: &Socket, wires: &mut Wires, at: Timestamp) {
        let (a, b) = levels(self.count);
        socket.drive(wires, self.pins.a, Some(a), at);
        socket.drive(wires, self.pins.b, Some(b), at);
    }
}

impl Behaviour for Encoder {
    fn power_on(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.show(socket, wires, wires.now);
    }

    fn power_off(&mut self, socket: &mut Socket, wires: &mut Wires) {
        socket.drive(wires, self.pins.a, None, wires.now);
        socket.drive(wires, self.pins.b, None, wires.now);
    }

    fn thaw(&mut self, socket: &mut Socket, wires: &mut Wires) {
        self.show(socket, wires, wires.now);
    }
}

#[cfg(test)]
mod tests {
    use super::levels;

    #[test]
    fn one_line_changes_at_each_count_and_a_leads_forward() {
        let shown: Vec<_> = (-4..=4)
            .map(|count| {
                let (a, b) = levels(count);
                (a.is_high(), b.is_high())
            })
            .collect();
        let (l, h) = (false, true);
        assert_eq!(shown[4..], [(l, l), (h, l), (h, h), (l, h), (l, l)]);
        assert!(
            shown
                .windows(2)
                .all(|w| (w[0].0 != w[1].0) ^ (w[0].1 != w[1].1))
        );
    }
}
