//! Who waits for whom: deadlines that pass, and circles in which all would wait for ever.
//!
//! Nothing is written down when an ask or a tell begins to wait, but that its receiver is waited for. The schedulers
//! look at those receivers now and then. A circle whose waits all stood at two looks in a row stood all the time in
//! between, so none of its actors can go on by itself: one of them is told, with the names of all.

use crate::Time;
use crate::mailbox::Ticket;
use crate::sched::here::NOBODY;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What can be waited for: the mailbox of an actor.
pub(crate) trait Awaited: Send + Sync {
    /// The number of its actor.
    fn id(&self) -> u64;
    /// The name of its actor.
    fn name(&self) -> &str;
    /// Ends the asks whose deadline has passed, and adds those who still wait. `false`: nobody does.
    fn sweep(&self, now: Time, found: &mut Vec<Wait>) -> bool;
    /// Ends one wait, and says why.
    fn doom(&self, on: WaitsOn, why: &str);
}

/// What a wait is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitsOn {
    /// The answer to an ask, at this port.
    Answer(usize, Ticket),
    /// Room for a message, at this place among those who wait.
    Room(u64),
}

/// One wait: never the same again, once it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    waiter: u64,
    awaited: u64,
    on: WaitsOn,
}

impl Wait {
    pub(crate) const fn new(waiter: u64, awaited: u64, on: WaitsOn) -> Self {
        Self {
            waiter,
            awaited,
            on,
        }
    }
}

/// Those of a system that are waited for.
#[derive(Default)]
pub(crate) struct Waits {
    inner: Mutex<Inner>,
    /// Whether any is: cheap enough to ask at each look at the clock.
    any: AtomicBool,
}

struct Inner {
    listed: Vec<Arc<dyn Awaited>>,
    /// Absent while a look goes on.
    looks: Option<Looks>,
    looked_at: Option<Time>,
}

/// How many waits at once need no room to be made: a look that finds no more allocates nothing, not even the first.
const WAITS: usize = 64;

/// The waits of actors, kept so that a look allocates nothing in the steady state.
struct Looks {
    /// At the last look.
    before: Vec<Wait>,
    /// At this one.
    found: Vec<Wait>,
    /// At both.
    standing: Vec<Wait>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            listed: Vec::with_capacity(WAITS),
            looks: Some(Looks::default()),
            looked_at: None,
        }
    }
}

impl Default for Looks {
    fn default() -> Self {
        let room = || Vec::with_capacity(WAITS);
        Self {
            before: room(),
            found: room(),
            standing: room(),
        }
    }
}

impl Waits {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a mailbox that somebody begins to wait for; `true` if it is the only one.
    pub(crate) fn list(&self, awaited: Arc<dyn Awaited>) -> bool {
        let mut inner = self.lock();
        inner.listed.push(awaited);
        !self.any.swap(true, Ordering::AcqRel)
    }

    /// Whether anybody may be waiting.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Ends what is overdue, and the circles that stood at the last look already. `false`: nobody waits any more.
    pub(crate) fn sweep(&self, now: Time) -> bool {
        let mut inner = self.lock();
        // With several schedulers the first one looks for all.
        if inner.looked_at == Some(now) {
            return self.any();
        }
        inner.looked_at = Some(now);
        let mut listed = std::mem::take(&mut inner.listed);
        let looks = inner.looks.take();
        let mut looks = looks.unwrap_or_default();
        drop(inner);
        // Not under the lock: a mailbox that is forgotten may be the last of its actor.
        listed.retain(|mailbox| mailbox.sweep(now, &mut looks.found));
        looks.end_circles(&listed);
        let mut inner = self.lock();
        inner.looks = Some(looks);
        listed.append(&mut inner.listed);
        inner.listed = listed;
        let any = !inner.listed.is_empty();
        self.any.store(any, Ordering::Release);
        any
    }
}

impl Looks {
    /// Ends one wait of each circle that stood at both looks; this look is then the last.
    fn end_circles(&mut self, mailboxes: &[Arc<dyn Awaited>]) {
        let Self {
            before,
            found,
            standing,
        } = self;
        found.retain(|wait| wait.waiter != NOBODY);
        found.sort_unstable_by_key(|wait| (wait.waiter, wait.awaited));
        standing.clear();
        standing.extend(found.iter().filter(|wait| before.contains(wait)));
        while let Some(circle) = find_circle(standing) {
            end_circle(&circle, mailboxes);
            standing.retain(|wait| Some(wait) != circle.last());
        }
        std::mem::swap(before, found);
        found.clear();
    }
}

/// Tells the last one who waits that it would be for ever.
fn end_circle(circle: &[Wait], mailboxes: &[Arc<dyn Awaited>]) {
    let mailbox = |id| mailboxes.iter().find(move |mailbox| mailbox.id() == id);
    let awaited = circle.iter().filter_map(|wait| mailbox(wait.awaited));
    let names: Vec<_> = awaited.map(|mailbox| mailbox.name()).collect();
    let (Some(last), Some(first)) = (circle.last(), names.last()) else {
        return;
    };
    let why = format!("{first} -> {}", names.join(" -> "));
    tracing::warn!(circle = why, "actors wait for each other for ever");
    if let Some(mailbox) = mailbox(last.awaited) {
        mailbox.doom(last.on, &why);
    }
}

/// A circle among these waits, which are sorted: each wait's receiver is the next one's waiter.
fn find_circle(waits: &[Wait]) -> Option<Vec<Wait>> {
    let mut path = Vec::new();
    let found = waits.iter().any(|first| {
        // One who waits for nobody who waits is in no circle: the usual case, which allocates nothing.
        let leads_on = waits.iter().any(|next| next.waiter == first.awaited);
        if leads_on {
            path.clear();
            path.push(*first);
        }
        leads_on && follow(waits, &mut path)
    });
    found.then_some(path)
}

/// Whether the path comes back to where it began; it then holds the circle. A path that runs into another circle
/// leaves that one to be found from its own first wait.
fn follow(waits: &[Wait], path: &mut Vec<Wait>) -> bool {
    let (first, last) = (path[0], path[path.len() - 1]);
    if last.awaited == first.waiter {
        return true;
    }
    let nexts = waits.iter().filter(|next| next.waiter == last.awaited);
    for next in nexts {
        if path.iter().any(|known| known.waiter == next.waiter) {
            continue;
        }
        path.push(*next);
        if follow(waits, path) {
            return true;
        }
        path.pop();
    }
    false
}

impl fmt::Debug for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waits")
            .field("any", &self.any)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(waiter: u64, awaited: u64) -> Wait {
        Wait::new(waiter, awaited, WaitsOn::Room(0))
    }

    fn circle(waits: &[(u64, u64)]) -> Option<Vec<u64>> {
        let waits: Vec<_> = waits.iter().map(|(a, b)| wait(*a, *b)).collect();
        find_circle(&waits).map(|circle| circle.iter().map(|wait| wait.waiter).collect())
    }

    #[test]
    fn a_circle_is_found_whatever_else_hangs_on_it() {
        assert_eq!(circle(&[(1, 2), (2, 3)]), None);
        assert_eq!(circle(&[(1, 1)]), Some(vec![1]));
        assert_eq!(circle(&[(1, 2), (2, 1)]), Some(vec![1, 2]));
        assert_eq!(
            circle(&[(1, 2), (2, 3), (3, 4), (4, 2)]),
            Some(vec![2, 3, 4])
        );
        assert_eq!(circle(&[(1, 2), (1, 3), (3, 1)]), Some(vec![1, 3]));
    }
}
