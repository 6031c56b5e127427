//! The children of one incarnation.

use super::Kin;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Children by their names; those that have ended leave no trace.
#[derive(Debug, Default)]
pub(crate) struct Family(BTreeMap<Arc<str>, Arc<dyn Kin>>);

impl Family {
    /// Whether it has no children.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a living child has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        // The end of one that is still listed may not have been heard of yet.
        self.0
            .get(name)
            .is_some_and(|child| !child.record().has_ended())
    }

    /// Adds a child whose name no living one has.
    pub(crate) fn add(&mut self, child: Arc<dyn Kin>) {
        self.0.insert(Arc::clone(child.name()), child);
    }

    /// Takes out a child that has ended, unless its name is that of another by now.
    pub(crate) fn remove(&mut self, child: &dyn Kin) {
        let known = self.0.get(&**child.name());
        if known.is_some_and(|known| known.id() == child.id()) {
            self.0.remove(&**child.name());
        }
    }

    /// All of them, in the order in which they were started.
    pub(crate) fn in_start_order(&self) -> Vec<Arc<dyn Kin>> {
        let mut children: Vec<_> = self.0.values().cloned().collect();
        children.sort_unstable_by_key(|child| child.id());
        children
    }
}
