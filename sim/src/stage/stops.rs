//! Who stopped the robot.

use sinew_board::{Board, Cause};
use sinew_runtime::Report;
use std::collections::{BTreeMap, BTreeSet};

/// Notes which nodes had a reason to stop the robot whenever it came to rest.
#[derive(Debug, Default)]
pub(super) struct Stops {
    departures: u64,
    rests: u64,
    /// Silences that each node had been told of when the robot set out.
    silences: BTreeMap<String, u64>,
    by: BTreeSet<String>,
}

impl Stops {
    /// Whether the robot set out or came to rest since the last call.
    pub(super) fn is_news(&self, departures: u64, rests: u64) -> bool {
        (departures, rests) != (self.departures, self.rests)
    }

    /// The robot set out or came to rest; so far each node was told of so many silences, and the outputs of these
    /// nodes rest because the board made them safe.
    pub(super) fn note(
        &mut self,
        departures: u64,
        rests: u64,
        silences: BTreeMap<String, u64>,
        made_safe: impl Iterator<Item = String>,
    ) {
        if rests > self.rests {
            let before = |node: &str| self.silences.get(node).copied().unwrap_or_default();
            let told = silences
                .iter()
                .filter(|(node, count)| **count > before(node));
            self.by.extend(told.map(|(node, _)| node.clone()));
            self.by.extend(made_safe);
        }
        self.silences = silences;
        (self.departures, self.rests) = (departures, rests);
    }

    pub(super) fn by(&self) -> &BTreeSet<String> {
        &self.by
    }
}

/// How many silences each node was told of.
pub(super) fn silences(report: &Report) -> BTreeMap<String, u64> {
    let mut silences = BTreeMap::new();
    for edge in &report.edges {
        *silences.entry(edge.to.clone()).or_default() += edge.silences;
    }
    silences
}

/// The owners of outputs that rest because the board made them safe, not because they were told to.
pub(super) fn made_safe(board: &Board) -> impl Iterator<Item = String> {
    let resting = board.motion().into_iter().filter(|output| {
        let cause = output.last_safe;
        output.valid_until == sinew_board::Timestamp::ZERO
            && matches!(cause, Some(Cause::LeaseEnd | Cause::EStop | Cause::Disarm))
    });
    resting.filter_map(|output| output.owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silences(reflex: u64) -> BTreeMap<String, u64> {
        BTreeMap::from([("reflex".to_owned(), reflex), ("pilot".to_owned(), 0)])
    }

    fn nobody() -> impl Iterator<Item = String> {
        std::iter::empty()
    }

    #[test]
    fn a_silence_while_the_robot_drove_stopped_it() {
        let mut stops = Stops::default();
        stops.note(1, 0, silences(0), nobody());
        stops.note(1, 1, silences(1), nobody());
        assert!(stops.by().contains("reflex") && !stops.by().contains("pilot"));
    }

    #[test]
    fn a_silence_before_it_set_out_did_not() {
        let mut stops = Stops::default();
        stops.note(1, 0, silences(1), nobody());
        stops.note(1, 1, silences(1), std::iter::once("drive".to_owned()));
        assert_eq!(stops.by().iter().collect::<Vec<_>>(), ["drive"]);
    }
}
