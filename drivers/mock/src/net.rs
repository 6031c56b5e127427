//! One wire of the header, and who drives it.

use crate::socket::TwinId;
use crate::wakes::Wakes;
use sinew_board::{Bias, Edge, InputSettings, Level};
use sinew_messages::Timestamp;
use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

/// How many edges an open input keeps for its reader, as the linux backend asks of the kernel (its most, whose default is 16
/// for one line). The oldest goes when one more comes, as in the kernel (drivers/gpio/gpiolib-cdev.c,
/// `linereq_put_event`); the gap in the sequence numbers shows it.
pub(crate) const EDGE_QUEUE: usize = 1_024;

/// The wire behind one pin. The board's output wins over a twin, a twin over the pull, the pull over nothing;
/// a wire that nobody holds reads low.
#[derive(Debug)]
pub(crate) struct Net {
    /// What the board drives, also after its line was closed: Raspberry Pi OS keeps the level of a released output.
    output: Option<Level>,
    /// Whether the board only pulls it low, or lets go of it.
    is_open_drain: bool,
    /// What a twin drives.
    twin: Option<Level>,
    bias: Bias,
    /// A resistor of the user's, which is stronger than the chip's.
    resistor: Option<Level>,
    level: Level,
    /// Whether the board holds the pin open, as input or output.
    pub(crate) in_use: bool,
    input: Option<Input>,
    /// How often the line changed: what has stood still since a change is known by it, over closing and opening.
    changes: u64,
    /// Twins that want to hear of changes.
    pub(crate) watchers: Vec<TwinId>,
}

/// An open input line: its edges and who waits for them.
#[derive(Debug)]
struct Input {
    edges: VecDeque<Edge>,
    sequence: u32,
    newest: Timestamp,
    waker: Option<Waker>,
    debounce: Duration,
    /// What was reported last.
    reported: Level,
}

impl Net {
    /// The wire of a line as it is after power-on. Lines 0 to 8 are pulled up, the others down.
    /// Source: BCM2835 ARM Peripherals, section 6.2, table 6-31, column "Pull".
    pub(crate) fn at_power_on(number: u8) -> Self {
        let bias = if number <= 8 {
            Bias::PullUp
        } else {
            Bias::PullDown
        };
        Self {
            output: None,
            is_open_drain: false,
            twin: None,
            bias,
            resistor: None,
            level: Level::from(bias == Bias::PullUp),
            in_use: false,
            input: None,
            changes: 0,
            watchers: Vec::new(),
        }
    }

    /// The level now.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Whether the board and a twin drive against each other.
    pub(crate) fn is_short(&self) -> bool {
        matches!((self.output, self.twin), (Some(board), Some(twin)) if board != twin)
    }

    /// The board drives the wire. Tells whether the level changed.
    pub(crate) fn drive(&mut self, level: Level, at: Timestamp, wakes: &mut Wakes) -> bool {
        let lets_go = self.is_open_drain && level == Level::High;
        self.output = (!lets_go).then_some(level);
        self.settle(at, wakes)
    }

    /// The board opens the pin as an output, which drives both levels.
    pub(crate) fn open_output(&mut self) {
        self.in_use = true;
        self.is_open_drain = false;
    }

    /// The board opens the pin as an open-drain line, released. Tells whether the level changed.
    pub(crate) fn open_drain(&mut self, bias: Bias, at: Timestamp, wakes: &mut Wakes) -> bool {
        self.in_use = true;
        self.is_open_drain = true;
        self.hold(bias);
        self.drive(Level::High, at, wakes)
    }

    /// A twin drives the wire, or lets go of it. Tells whether the level changed.
    pub(crate) fn drive_twin(
        &mut self,
        level: Option<Level>,
        at: Timestamp,
        wakes: &mut Wakes,
    ) -> bool {
        self.twin = level;
        self.settle(at, wakes)
    }

    /// Fits a resistor to a supply, or takes it away. Tells whether the level changed.
    pub(crate) fn fit_resistor(
        &mut self,
        to: Option<Level>,
        at: Timestamp,
        wakes: &mut Wakes,
    ) -> bool {
        self.resistor = to;
        self.settle(at, wakes)
    }

    /// The chip's resistor; with [`Bias::None`] as it is, as on Linux.
    fn hold(&mut self, bias: Bias) {
        if bias != Bias::None {
            self.bias = bias;
        }
    }

    /// The board opens the pin as an input. Edges are kept from now on.
    pub(crate) fn open_input(
        &mut self,
        settings: InputSettings,
        at: Timestamp,
        wakes: &mut Wakes,
    ) -> bool {
        self.in_use = true;
        self.is_open_drain = false;
        self.output = None;
        self.hold(settings.bias);
        let changed = self.settle(at, wakes);
        self.input = Some(Input {
            edges: VecDeque::with_capacity(EDGE_QUEUE),
            sequence: 0,
            newest: at,
            waker: None,
            debounce: settings.debounce,
            reported: self.level,
        });
        changed
    }

    /// What the board reads: a debounced input shows what it reported.
    pub(crate) fn read(&self) -> Level {
        match &self.input {
            Some(input) if !input.debounce.is_zero() => input.reported,
            _ => self.level,
        }
    }

    /// After a change: in which time a debounced input has to stand still, and which change that was.
    pub(crate) fn settles(&self) -> Option<(Duration, u64)> {
        let input = self.input.as_ref()?;
        (!input.debounce.is_zero()).then_some((input.debounce, self.changes))
    }

    /// Reports the level of a debounced input that stood still since this change. As in the kernel (drivers/gpio/
    /// gpiolib-cdev.c, `debounce_work_func`) the edge is stamped now, and one that came back is none.
    pub(crate) fn settled(&mut self, changes: u64, at: Timestamp, wakes: &mut Wakes) {
        let level = self.level;
        if self.changes == changes
            && let Some(input) = &mut self.input
            && input.reported != level
        {
            input.push(level, at, wakes);
        }
    }

    /// The board closes the pin.
    pub(crate) fn close(&mut self) {
        self.in_use = false;
        self.input = None;
    }

    /// Whether the board only pulls it low, or lets go of it.
    pub(crate) fn is_open_drain(&self) -> bool {
        self.is_open_drain
    }

    /// How many edges wait.
    pub(crate) fn waiting(&self) -> usize {
        self.input.as_ref().map_or(0, |input| input.edges.len())
    }

    /// The oldest edge that waits, which goes on waiting.
    pub(crate) fn oldest_edge(&self) -> Option<Edge> {
        self.input.as_ref()?.edges.front().copied()
    }

    /// The oldest edge that waits.
    pub(crate) fn take_edge(&mut self) -> Option<Edge> {
        self.input.as_mut()?.edges.pop_front()
    }

    /// All edges that wait.
    pub(crate) fn take_edges(&mut self, into: &mut Vec<Edge>) {
        if let Some(input) = &mut self.input {
            into.extend(input.edges.drain(..));
        }
    }

    /// Wakes `waker` at the next edge.
    pub(crate) fn wake_at_edge(&mut self, waker: &Waker) {
        if let Some(input) = &mut self.input {
            match &mut input.waker {
                Some(known) => known.clone_from(waker),
                none => *none = Some(waker.clone()),
            }
        }
    }

    fn settle(&mut self, at: Timestamp, wakes: &mut Wakes) -> bool {
        let pulled = Level::from(self.bias == Bias::PullUp);
        let pulled = self.resistor.unwrap_or(pulled);
        let level = self.output.or(self.twin).unwrap_or(pulled);
        if level == self.level {
            return false;
        }
        self.level = level;
        self.changes += 1;
        if let Some(input) = &mut self.input
            && input.debounce.is_zero()
        {
            input.push(level, at, wakes);
        }
        true
    }
}

impl Input {
    fn push(&mut self, level: Level, at: Timestamp, wakes: &mut Wakes) {
        self.sequence = self.sequence.wrapping_add(1);
        self.newest = self.newest.max(at);
        self.reported = level;
        if self.edges.len() == EDGE_QUEUE {
            self.edges.pop_front();
        }
        self.edges.push_back(Edge {
            at: self.newest,
            level,
            sequence: self.sequence,
        });
        if let Some(waker) = self.waker.take() {
            wakes.push(waker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EDGE_QUEUE, Net};
    use crate::wakes::Wakes;
    use sinew_board::{Bias, InputSettings, Level};
    use sinew_messages::Timestamp;

    fn toggled(times: u64) -> Net {
        let mut net = Net::at_power_on(17);
        let mut wakes = Wakes::default();
        net.open_input(
            InputSettings::new(Bias::PullDown),
            Timestamp::ZERO,
            &mut wakes,
        );
        for n in 1..=times {
            let level = Level::from(n % 2 == 1);
            net.drive_twin(Some(level), Timestamp::from_nanos(n), &mut wakes);
        }
        net
    }

    #[test]
    fn the_board_wins_over_a_twin_and_a_twin_over_the_pull() {
        let mut net = Net::at_power_on(17);
        let mut wakes = Wakes::default();
        assert_eq!(net.level(), Level::Low);
        net.open_input(
            InputSettings::new(Bias::PullUp),
            Timestamp::ZERO,
            &mut wakes,
        );
        assert_eq!(net.level(), Level::High);
        net.drive_twin(Some(Level::Low), Timestamp::ZERO, &mut wakes);
        assert_eq!(net.level(), Level::Low);
        assert!(!net.is_short());
        net.drive(Level::High, Timestamp::ZERO, &mut wakes);
        assert_eq!(net.level(), Level::High);
        assert!(net.is_short());
    }

    #[test]
    fn edges_beyond_the_queue_are_a_gap_in_the_sequence() {
        let mut net = toggled(EDGE_QUEUE as u64 + 10);
        let mut edges = Vec::new();
        net.take_edges(&mut edges);
        assert_eq!(edges.len(), EDGE_QUEUE);
        assert_eq!(edges[0].sequence, 11, "the ten oldest are gone");
        assert!(edges.windows(2).all(|w| w[1].sequence == w[0].sequence + 1));
    }

    #[test]
    fn sequences_begin_with_one_at_each_opening() {
        let mut net = toggled(3);
        assert_eq!(net.take_edge().map(|edge| edge.sequence), Some(1));
        net.close();
        net.open_input(
            InputSettings::new(Bias::PullDown),
            Timestamp::ZERO,
            &mut Wakes::default(),
        );
        assert_eq!(net.take_edge(), None);
        net.drive_twin(Some(Level::Low), Timestamp::ZERO, &mut Wakes::default());
        assert_eq!(net.take_edge().map(|edge| edge.sequence), Some(1));
    }
}
