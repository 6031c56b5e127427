//! Who is to be woken once the lock is free.

use std::task::Waker;

/// How many wakers are kept without an allocation.
const INLINE: usize = 4;

/// Wakers that were collected under the mock's lock. They run outside it, because a waker may poll at once.
#[derive(Debug, Default)]
pub(crate) struct Wakes {
    first: [Option<Waker>; INLINE],
    rest: Vec<Waker>,
}

impl Wakes {
    /// Adds one.
    pub(crate) fn push(&mut self, waker: Waker) {
        match self.first.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(waker),
            None => self.rest.push(waker),
        }
    }

    /// Adds one if there is one.
    pub(crate) fn extend(&mut self, waker: Option<Waker>) {
        waker.into_iter().for_each(|waker| self.push(waker));
    }

    /// Whether nobody is to be woken.
    pub(crate) fn is_empty(&self) -> bool {
        self.first[0].is_none()
    }

    /// Wakes them in the order in which they were added.
    pub(crate) fn wake(self) {
        for waker in self.first.into_iter().flatten().chain(self.rest) {
            waker.wake();
        }
    }
}
