//! The children of one incarnation.

use super::{Kin, Parent};
use crate::supervise::{Group, Strategy};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Children by their names, with what they have in common; those that have ended leave no trace.
#[derive(Debug)]
pub(crate) struct Family {
    pub(super) parent: Arc<Parent>,
    /// With which they are built anew together, if they are.
    pub(super) group: Option<Arc<Group>>,
    children: BTreeSet<Named>,
}

/// A child, found by its full name.
#[derive(Debug)]
struct Named(Arc<dyn Kin>);

impl Family {
    /// No children yet of this incarnation.
    pub(crate) fn of(parent: Parent, strategy: Strategy) -> Self {
        let together = strategy != Strategy::OneForOne;
        Self {
            parent: Arc::new(parent),
            group: together.then(|| Arc::new(Group::new(strategy))),
            children: BTreeSet::new(),
        }
    }

    /// Whether a living child has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        // The end of one that is still listed may not have been heard of yet.
        let known = self.children.get(name);
        known.is_some_and(|Named(child)| !child.record().has_ended())
    }

    /// Adds a child whose name no living one has.
    pub(crate) fn add(&mut self, child: Arc<dyn Kin>) {
        self.children.replace(Named(child));
    }

    /// Takes out a child that has ended, unless its name is that of another by now.
    pub(crate) fn remove(&mut self, child: &dyn Kin) {
        let known = self.children.get(&**child.name());
        if known.is_some_and(|Named(known)| known.id() == child.id()) {
            self.children.remove(&**child.name());
        }
    }

    /// All of them, in the order in which they were started, for all of them to end: none is built anew from here on.
    pub(crate) fn break_up(self) -> Vec<Arc<dyn Kin>> {
        if let Some(group) = self.group {
            group.dissolve();
        }
        let children = self.children.into_iter().map(|Named(child)| child);
        let mut children: Vec<_> = children.collect();
        children.sort_unstable_by_key(|child| child.id());
        children
    }
}

impl Borrow<str> for Named {
    fn borrow(&self) -> &str {
        self.0.name()
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.0.name() == other.0.name()
    }
}

impl Eq for Named {}

impl PartialOrd for Named {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Named {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.name().cmp(other.0.name())
    }
}
