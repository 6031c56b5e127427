//! When cells want to be polled although nobody wakes them.

use crate::Time;

/// At most one moment for each cell. A graph has tens of nodes, so a look at all of them is cheap, and nothing is
/// ever left behind by a moment that changed.
pub(crate) struct Moments(Vec<Time>);

impl Moments {
    /// No moment for any of `cells`.
    pub(crate) fn of(cells: usize) -> Self {
        Self(vec![Time::NEVER; cells])
    }

    /// Sets the moment of one cell, instead of the one before. [`Time::NEVER`] is none.
    pub(crate) fn set(&mut self, cell: usize, moment: Option<Time>) {
        self.0[cell] = moment.unwrap_or(Time::NEVER);
    }

    /// The first moment of all.
    pub(crate) fn first(&self) -> Option<Time> {
        let first = self.0.iter().copied().min();
        first.filter(|moment| *moment != Time::NEVER)
    }

    /// Takes the first moment that has come; says whose it was.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<usize> {
        let moments = self.0.iter().enumerate();
        let (cell, first) = moments.min_by_key(|(_, moment)| **moment)?;
        if *first > now || *first == Time::NEVER {
            return None;
        }
        self.0[cell] = Time::NEVER;
        Some(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_in_their_order_once_each_and_the_last_word_counts() {
        let at = Time::from_nanos;
        let mut moments = Moments::of(4);
        moments.set(0, Some(at(5)));
        moments.set(1, Some(at(3)));
        moments.set(2, Some(at(1)));
        moments.set(2, Some(at(9)));
        moments.set(3, Some(at(2)));
        moments.set(3, None);
        assert_eq!(moments.first(), Some(at(3)));
        assert_eq!(moments.take_due(at(2)), None);
        assert_eq!(moments.take_due(at(5)), Some(1));
        assert_eq!(moments.take_due(at(5)), Some(0));
        assert_eq!(moments.take_due(at(5)), None);
        assert_eq!(moments.first(), Some(at(9)));
        assert_eq!(moments.take_due(Time::NEVER), Some(2));
        assert_eq!(moments.take_due(Time::NEVER), None);
    }
}
