//! A list that most actors leave empty: it costs a pointer until something is in it.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// A list, usually empty.
#[allow(
    clippy::box_collection,
    reason = "an empty one costs a pointer, where a list of its own would cost three"
)]
#[derive(Clone)]
pub(crate) struct Few<T>(Option<Box<Vec<T>>>);

impl<T> Few<T> {
    /// Adds an item at the end.
    pub(crate) fn push(&mut self, item: T) {
        self.0.get_or_insert_default().push(item);
    }

    /// Takes out the last item.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.0.as_mut()?.pop()
    }

    /// Takes out the item at this place; those behind it move up.
    pub(crate) fn remove(&mut self, place: usize) -> T {
        let items = self.0.as_mut().expect("an item stands at the place");
        items.remove(place)
    }

    /// Takes out the item at this place; the last one moves there.
    pub(crate) fn swap_remove(&mut self, place: usize) -> T {
        let items = self.0.as_mut().expect("an item stands at the place");
        items.swap_remove(place)
    }

    /// Keeps those that `keep` says.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        if let Some(items) = &mut self.0 {
            items.retain(keep);
        }
    }

    /// Takes out all items, and the place for them.
    pub(crate) fn take(&mut self) -> Vec<T> {
        self.0.take().map_or(Vec::new(), |items| *items)
    }

    /// Takes out all items in turn; the place for them stays.
    pub(crate) fn drain(&mut self) -> impl DoubleEndedIterator<Item = T> {
        self.0.iter_mut().flat_map(|items| items.drain(..))
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.0.as_deref_mut().map_or(&mut [], Vec::as_mut_slice)
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let items: Vec<T> = items.into_iter().collect();
        Self((!items.is_empty()).then(|| Box::new(items)))
    }
}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_empty_is_a_pointer_and_one_that_is_not_is_a_list() {
        assert_eq!(size_of::<Few<u8>>(), size_of::<usize>());
        let mut few: Few<u8> = [].into_iter().collect();
        assert!(few.is_empty() && few.take().is_empty());
        few.retain(|_| true);
        for item in 1..=5 {
            few.push(item);
        }
        few.retain(|item| *item != 2);
        assert_eq!((few.remove(0), few.swap_remove(0)), (1, 3));
        few[0] += 1;
        assert_eq!(*few, [6, 4]);
        assert!(few.drain().rev().eq([4, 6]));
        few.push(7);
        few.push(8);
        assert_eq!((few.pop(), few.take()), (Some(8), vec![7]));
    }
}
