//! Whom an incarnation has taken to: its children, and whom it watches.

use super::{Ended, Family, Kin};
use crate::Actor;
use crate::cell::{Held, Hook};
use crate::supervise::{Group, Strategy};
use std::sync::Arc;

/// The relatives of one incarnation.
pub(crate) struct Relatives<A: Actor> {
    pub(crate) family: Family,
    /// With which children are built anew together, if they are.
    pub(crate) group: Option<Arc<Group>>,
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
            family: Family::default(),
            group: None,
            watching: Vec::new(),
        }
    }
}

impl<A: Actor> Relatives<A> {
    /// The children, with what builds them anew together.
    pub(crate) fn family(&mut self) -> (&mut Family, Option<&Arc<Group>>) {
        let strategy = A::strategy();
        if strategy != Strategy::OneForOne && self.group.is_none() {
            self.group = Some(Arc::new(Group::new(strategy)));
        }
        (&mut self.family, self.group.as_ref())
    }

    /// Takes the children, for all of them to end: none is built anew from here on.
    pub(crate) fn take_family(&mut self) -> Family {
        if let Some(group) = self.group.take() {
            group.dissolve();
        }
        std::mem::take(&mut self.family)
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
