//! What will happen, in order.

use crate::socket::TwinId;
use sinew_board::Pin;
use sinew_messages::Timestamp;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something that happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// In a twin; without effect if the twin was unplugged, replugged or set anew since (`generation`).
    Twin {
        /// Whose.
        id: TwinId,
        /// The twin's generation when it was planned.
        generation: u32,
        /// What.
        what: Plan,
    },
    /// A debounced input has stood still, unless its line changed again since.
    Settled {
        /// Which pin.
        pin: Pin,
        /// How often its line had changed then.
        changes: u64,
    },
    /// The bytes under way reach the other end of a serial line.
    Chunk {
        /// Which port.
        port: usize,
        /// The port's generation when the bytes left.
        generation: u32,
    },
    /// A byte of the board's reaches the part on a serial line.
    Heard {
        /// Which port.
        port: usize,
        /// What the port counted then of what threw bytes away.
        generation: u32,
    },
}

/// What a twin planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// An echo line goes high.
    EchoRise,
    /// An echo line goes low again.
    EchoFall,
    /// A contact closes (`true`) or opens.
    Contact(bool),
    /// A satellite receiver has its next position.
    Epoch,
    /// A motor controller may have heard nothing for too long.
    Silence,
    /// What a part of the user's planned.
    Own(u32),
}

/// Happenings by time; those of one moment in the order in which they were planned.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Entry>,
    planned: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    at: Timestamp,
    order: u64,
    what: Happening,
}

/// The earliest is the greatest, for the heap.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Agenda {
    /// Plans `what` for `at`.
    pub(crate) fn plan(&mut self, at: Timestamp, what: Happening) {
        self.planned += 1;
        self.heap.push(Entry {
            at,
            order: self.planned,
            what,
        });
    }

    /// When the next happening is due.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.heap.peek().map(|entry| entry.at)
    }

    /// Takes the next happening if it is due at `now` or earlier.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Happening)> {
        if self.next_at()? > now {
            return None;
        }
        self.heap.pop().map(|entry| (entry.at, entry.what))
    }
}

#[cfg(test)]
mod tests {
    use super::{Agenda, Happening};
    use sinew_messages::Timestamp;

    #[test]
    fn happenings_come_by_time_and_then_in_the_order_of_planning() {
        let mut agenda = Agenda::default();
        let chunk = |port| Happening::Chunk {
            port,
            generation: 0,
        };
        for (at, port) in [(5, 0), (3, 1), (5, 2), (3, 3), (5, 4)] {
            agenda.plan(Timestamp::from_nanos(at), chunk(port));
        }
        let order: Vec<_> = std::iter::from_fn(|| agenda.take_due(Timestamp::from_nanos(5)))
            .map(|(at, what)| (at.nanos(), what))
            .collect();
        let expected = [(3, 1), (3, 3), (5, 0), (5, 2), (5, 4)];
        assert_eq!(order, expected.map(|(at, port)| (at, chunk(port))));
    }

    #[test]
    fn what_is_not_due_stays() {
        let mut agenda = Agenda::default();
        let what = Happening::Chunk {
            port: 0,
            generation: 0,
        };
        agenda.plan(Timestamp::from_nanos(5), what);
        assert_eq!(agenda.take_due(Timestamp::from_nanos(4)), None);
        assert_eq!(agenda.next_at(), Some(Timestamp::from_nanos(5)));
    }
}
