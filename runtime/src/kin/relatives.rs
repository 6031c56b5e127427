//! Whom an incarnation has taken to: its children, and whom it watches.

use super::{Ended, Family, Kin, Parent};
use crate::Actor;
use crate::cell::{Held, Hook};
use std::sync::Arc;

/// The relatives of one incarnation.
pub(crate) struct Relatives<A: Actor> {
    /// Made with the first child.
    pub(crate) family: Option<Family>,
    pub(crate) watching: Vec<Watching<A>>,
}

/// One that is watched.
pub(crate) struct Watching<A: Actor> {
    pub(crate) whom: Arc<dyn Kin>,
    /// The number by which its end is known.
    pub(crate) watch: u64,
    /// Has the actor hear of it.
    pub(crate) hear: fn(Held<A>, Ended) -> Hook,
}

impl<A: Actor> Default for Relatives<A> {
    fn default() -> Self {
        Self {
            family: None,
            watching: Vec::new(),
        }
    }
}

impl<A: Actor> Relatives<A> {
    /// The children of the incarnation that `parent` names.
    pub(crate) fn family(&mut self, parent: impl FnOnce() -> Parent) -> &mut Family {
        let family = &mut self.family;
        family.get_or_insert_with(|| Family::of(parent(), A::strategy()))
    }

    /// The number by which an actor is watched, if it is.
    pub(crate) fn watch_of(&self, whom: u64) -> Option<u64> {
        let known = self.watching.iter().find(|known| known.whom.id() == whom);
        known.map(|known| known.watch)
    }

    /// Takes out the watch of this number, if it still stands.
    pub(crate) fn take_watch(&mut self, watch: u64) -> Option<Watching<A>> {
        let place = self
            .watching
            .iter()
            .position(|known| known.watch == watch)?;
        Some(self.watching.swap_remove(place))
    }

    /// Watches nobody any more.
    pub(crate) fn unwatch_all(&mut self, me: u64) {
        for known in self.watching.drain(..) {
            known.whom.record().bonds.unwatch(me, known.watch);
        }
    }
}
