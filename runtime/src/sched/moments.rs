//! When cells want to be polled although nobody wakes them.

use crate::Time;

/// At most one moment for each cell, in a heap that knows where each cell stands in it: a moment that changes leaves
/// nothing behind, and in the steady state nothing is allocated.
#[derive(Debug, Default)]
pub(crate) struct Moments {
    /// The moments with their cells, each not before the one at half its place.
    heap: Vec<(Time, usize)>,
    /// Where each cell stands in the heap; [`ABSENT`] if it has no moment.
    places: Vec<u32>,
}

/// The place of a cell without a moment.
const ABSENT: u32 = u32::MAX;

impl Moments {
    /// One cell more, without a moment.
    pub(crate) fn add_cell(&mut self) {
        self.places.push(ABSENT);
    }

    /// Sets the moment of one cell, instead of the one before. [`Time::NEVER`] is none.
    pub(crate) fn set(&mut self, cell: usize, moment: Option<Time>) {
        let moment = moment.filter(|moment| *moment != Time::NEVER);
        match (self.places[cell], moment) {
            (ABSENT, None) => {}
            (ABSENT, Some(moment)) => {
                self.heap.push((moment, cell));
                self.rise(self.heap.len() - 1);
            }
            (place, None) => self.remove(place as usize),
            (place, Some(moment)) => {
                let place = place as usize;
                if self.heap[place].0 != moment {
                    self.heap[place].0 = moment;
                    self.settle(place);
                }
            }
        }
    }

    /// The first moment of all.
    pub(crate) fn first(&self) -> Option<Time> {
        self.heap.first().map(|(moment, _)| *moment)
    }

    /// Takes the first moment that has come; says whose it was: of two at one moment that of the lower number.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<usize> {
        let (_, cell) = *self.heap.first().filter(|(moment, _)| *moment <= now)?;
        self.remove(0);
        Some(cell)
    }

    fn remove(&mut self, place: usize) {
        let (_, cell) = self.heap.swap_remove(place);
        self.places[cell] = ABSENT;
        if place < self.heap.len() {
            self.settle(place);
        }
    }

    /// Moves an entry to where it belongs.
    fn settle(&mut self, place: usize) {
        let place = self.rise(place);
        self.sink(place);
    }

    /// Notes where the entry at this place stands.
    fn stands_at(&mut self, place: usize) {
        // A cell has a number of this size, and at most one entry.
        self.places[self.heap[place].1] = place as u32;
    }

    fn rise(&mut self, mut place: usize) -> usize {
        while place > 0 && self.heap[place] < self.heap[(place - 1) / 2] {
            self.heap.swap(place, (place - 1) / 2);
            self.stands_at(place);
            place = (place - 1) / 2;
        }
        self.stands_at(place);
        place
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let below = 2 * place + 1..self.heap.len().min(2 * place + 3);
            let Some(least) = below.min_by_key(|child| self.heap[*child]) else {
                break;
            };
            if self.heap[place] < self.heap[least] {
                break;
            }
            self.heap.swap(place, least);
            self.stands_at(place);
            place = least;
        }
        self.stands_at(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn of(cells: usize) -> Moments {
        let mut moments = Moments::default();
        (0..cells).for_each(|_| moments.add_cell());
        moments
    }

    #[test]
    fn moments_come_in_their_order_once_each_and_the_last_word_counts() {
        let at = Time::from_nanos;
        let mut moments = of(4);
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

    #[test]
    fn a_thousand_random_changes_agree_with_a_plain_list() {
        let mut random = Random::new(1);
        let mut moments = of(20);
        let mut list = [Time::NEVER; 20];
        for _ in 0..1_000 {
            let (cell, now) = (random.below(20), Time::from_nanos(random.next() % 50));
            match random.below(3) {
                0 => {
                    let due = (0..20).filter(|cell| list[*cell] <= now);
                    let due = due.min_by_key(|cell| (list[*cell], *cell));
                    assert_eq!(moments.take_due(now), due);
                    if let Some(cell) = due {
                        list[cell] = Time::NEVER;
                    }
                }
                1 => {
                    moments.set(cell, Some(now));
                    list[cell] = now;
                }
                _ => {
                    moments.set(cell, None);
                    list[cell] = Time::NEVER;
                }
            }
            let first = list.iter().copied().min();
            assert_eq!(
                moments.first(),
                first.filter(|moment| *moment != Time::NEVER)
            );
        }
    }
}
