//! The failures of a system under test, and which of them its test means to see.

use crate::Time;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many failures are kept: enough to name the first ones, whatever an actor does for ever after.
const MOST_KEPT: usize = 1_000;

/// A failure or a panic of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeFailure {
    /// The name of the actor.
    pub node: Arc<str>,
    /// What happened, as the actor's status says it: `failed: ...` or `panicked: ...`.
    pub why: String,
    /// When it happened.
    pub at: Time,
}

impl fmt::Display for NodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {} at {}", self.node, self.why, self.at)
    }
}

/// What failed in a system since its test began, the first ones first.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    kept: Vec<NodeFailure>,
    /// So many of them were looked at by an expectation.
    looked_at: usize,
    /// Those that may fail.
    meant: Vec<String>,
}

impl Failures {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a failure down.
    pub(crate) fn note(&self, node: &Arc<str>, why: &str, at: Time) {
        let mut inner = self.lock();
        // Those that nobody means are kept whatever others did before.
        if inner.kept.len() < MOST_KEPT || !inner.means(node) {
            inner.kept.push(NodeFailure {
                node: Arc::clone(node),
                why: why.to_owned(),
                at,
            });
        }
    }

    /// From here on this actor and its children may fail.
    pub(super) fn may_come_from(&self, node: &str) {
        self.lock().meant.push(node.to_owned());
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<NodeFailure> {
        self.lock().kept.clone()
    }

    /// Those that the test does not mean to see, of all since the last look.
    pub(super) fn take_unmeant(&self) -> Vec<NodeFailure> {
        let mut inner = self.lock();
        let news = inner.kept[inner.looked_at..].iter();
        let unmeant = news.filter(|it| !inner.means(&it.node)).cloned().collect();
        inner.looked_at = inner.kept.len();
        unmeant
    }
}

impl Inner {
    fn means(&self, node: &str) -> bool {
        self.meant.iter().any(|meant| {
            let below = node.strip_prefix(meant.as_str());
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_may_fail_covers_its_children_and_no_other() {
        let failures = Failures::default();
        failures.may_come_from("arm");
        for node in ["arm", "arm/hand", "armrest", "leg/arm"] {
            failures.note(&Arc::from(node), "failed: it", Time::ZERO);
        }
        let unmeant = failures.take_unmeant();
        let names: Vec<_> = unmeant.iter().map(|it| &*it.node).collect();
        assert_eq!(names, ["armrest", "leg/arm"]);
        assert_eq!(failures.all().len(), 4);
        assert_eq!(failures.take_unmeant(), [], "nobody complains twice");
    }

    #[test]
    fn a_failure_that_nobody_means_is_kept_after_any_number_of_others() {
        let failures = Failures::default();
        failures.may_come_from("noisy");
        for _ in 0..2 * MOST_KEPT {
            failures.note(&Arc::from("noisy"), "failed: again", Time::ZERO);
        }
        failures.note(&Arc::from("quiet"), "panicked: once", Time::ZERO);
        assert_eq!(failures.all().len(), MOST_KEPT + 1);
        assert_eq!(failures.take_unmeant().len(), 1);
    }
}
