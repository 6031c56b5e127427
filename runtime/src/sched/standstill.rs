//! Who keeps virtual time from moving.

use super::Scheduler;
use crate::Time;

/// How many turns an actor may take at one moment of virtual time: far beyond what any robot does at once, and
/// reached within seconds by one that would go on for ever.
const MOST_TURNS_AT_A_MOMENT: u32 = 1_000_000;

/// What virtual time asks about one slot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    /// Whether tokio may have to wake its cell.
    pub(super) foreign: bool,
    /// How many turns were taken in it at the moment of the last one. The count goes on from one cell to the next: those
    /// who only start each other keep time from moving as well.
    turns: u32,
    turns_at: Time,
}

impl Scheduler {
    /// Whether a cell's turns keep virtual time from moving; if so, the cell is ended, and with it the system.
    pub(super) fn stands_still(&mut self, place: usize) -> bool {
        let now = self.hub.now();
        let Some(cell) = &self.slots[place].cell else {
            return false;
        };
        let count = &mut self.counts[place];
        count.turns = if count.turns_at == now {
            count.turns + 1
        } else {
            1
        };
        count.turns_at = now;
        if count.turns <= MOST_TURNS_AT_A_MOMENT {
            return false;
        }
        let name = cell.name().to_owned();
        let why = format!(
            "took {MOST_TURNS_AT_A_MOMENT} turns at {now} and was not done, so that time stood still; let it \
             wait for time, with `ctx.every` or `ctx.after`, where it sends to itself or to those who answer it"
        );
        self.hub.shared.fate.end(&format!("`{name}` {why}"));
        self.abort(place, &why);
        true
    }
}
