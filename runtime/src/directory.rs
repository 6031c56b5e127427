//! Who lives in a system, read and joined from any thread.

use crate::cell::AnyCell;
use crate::hub::Hub;
use crate::kin::{Kin, StartError};
use crate::report::{NodeRecord, NodeStatus};
use crate::sched::ReadyQueue;
use crate::sync::AtomicU64;
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Makes the cell of an actor that was started from outside, on the thread on which it shall live.
pub(crate) type Arrival = Box<dyn FnOnce(&Rc<Hub>) -> Box<dyn AnyCell> + Send>;

/// All actors of a system: the nodes of its graph, also after their end, and the others while they live.
pub(crate) struct Directory {
    inner: Mutex<Inner>,
    /// Whether anyone waits to be let in: cheap enough to ask before each turn.
    awaited: AtomicBool,
    /// Whose scheduler lets them in.
    door: Arc<ReadyQueue>,
}

/// The place of one that was started while the system ran: counted from one, so that to have none costs no memory.
pub(crate) type Listing = NonZeroU32;

#[derive(Default)]
struct Inner {
    nodes: Vec<Arc<dyn Kin>>,
    /// Those that were started since, in places that are used again.
    started: Vec<Option<Arc<dyn Kin>>>,
    free: Vec<Listing>,
    /// Those of them that have no parent, by name.
    roots: BTreeMap<Arc<str>, Arc<dyn Kin>>,
    arrivals: Vec<Arrival>,
    past: Past,
    closed: bool,
}

/// What those did who were started while the system ran and have ended since.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Past {
    pub(crate) handled: u64,
    pub(crate) failures: u64,
    pub(crate) restarts: u64,
    pub(crate) unresponsive: u64,
}

impl Directory {
    /// The directory of a system with the nodes of its graph, in their order.
    pub(crate) fn of(nodes: Vec<Arc<dyn Kin>>, door: Arc<ReadyQueue>) -> Self {
        let inner = Inner {
            nodes,
            ..Inner::default()
        };
        Self {
            inner: Mutex::new(inner),
            awaited: AtomicBool::new(false),
            door,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists an actor that begins to live; its place.
    pub(crate) fn list(&self, kin: Arc<dyn Kin>) -> Listing {
        self.lock().list(kin)
    }

    /// Strikes an actor off that has ended for good; what it did is added to the past.
    pub(crate) fn strike(&self, place: Listing) {
        let mut inner = self.lock();
        let kin = inner.started.get_mut(place.get() as usize - 1);
        let kin = kin.and_then(Option::take);
        let Some(kin) = kin else { return };
        inner.free.push(place);
        inner.past.add(kin.record());
        let root = inner.roots.get(&**kin.name());
        if root.is_some_and(|root| root.id() == kin.id()) {
            inner.roots.remove(&**kin.name());
        }
    }

    /// Starts an actor without a parent, on the thread of the system, which lets it in before its next turn.
    ///
    /// # Errors
    ///
    /// Another that lives has its name, or the system is ending.
    pub(crate) fn start(
        &self,
        kin: Arc<dyn Kin>,
        make: impl FnOnce(Listing) -> Arrival,
    ) -> Result<(), StartError> {
        let name = kin.name();
        let mut inner = self.lock();
        if inner.closed {
            return Err(StartError::Ending {
                name: name.to_string(),
            });
        }
        if inner.has_root(name) {
            return Err(StartError::NameTaken {
                name: name.to_string(),
            });
        }
        inner.roots.insert(Arc::clone(name), Arc::clone(&kin));
        let place = inner.list(kin);
        inner.arrivals.push(make(place));
        self.awaited.store(true, Ordering::Release);
        drop(inner);
        self.door.nudge();
        Ok(())
    }

    /// Whether anyone waits to be let in.
    #[inline]
    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Acquire)
    }

    /// Swaps those who wait to be let in for this list, which is empty.
    pub(crate) fn take_arrivals(&self, arrivals: &mut Vec<Arrival>) {
        let mut inner = self.lock();
        self.awaited.store(false, Ordering::Relaxed);
        std::mem::swap(&mut inner.arrivals, arrivals);
    }

    /// From here on nobody is let in from outside; all who have no parent, in the order in which they were started.
    pub(crate) fn close(&self) -> Vec<Arc<dyn Kin>> {
        let mut inner = self.lock();
        inner.closed = true;
        let mut roots: Vec<_> = inner.roots.values().cloned().collect();
        roots.sort_unstable_by_key(|root| root.id());
        inner.nodes.iter().cloned().chain(roots).collect()
    }

    /// A reading of all who live and of the graph's nodes, these first, each in the order in which they were started.
    pub(crate) fn status(&self) -> Vec<NodeStatus> {
        let kin = self.all();
        kin.iter()
            .map(|kin| kin.record().status(kin.name()))
            .collect()
    }

    /// The one of this name.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<dyn Kin>> {
        self.all().into_iter().find(|kin| &**kin.name() == name)
    }

    /// The one with this number, if it is listed.
    pub(crate) fn numbered(&self, id: u64) -> Option<Arc<dyn Kin>> {
        let inner = self.lock();
        let started = inner.started.iter().flatten();
        let mut all = inner.nodes.iter().chain(started);
        all.find(|kin| kin.id() == id).cloned()
    }

    /// The name of the one with this number, if it is listed.
    pub(crate) fn name_of(&self, id: u64) -> Option<Arc<str>> {
        Some(Arc::clone(self.numbered(id)?.name()))
    }

    /// What those did who are listed no more.
    pub(crate) fn past(&self) -> Past {
        self.lock().past
    }

    /// All who live and the graph's nodes, these first, each in the order in which they were started.
    pub(crate) fn all(&self) -> Vec<Arc<dyn Kin>> {
        let inner = self.lock();
        let mut started: Vec<_> = inner.started.iter().flatten().cloned().collect();
        let nodes = inner.nodes.clone();
        drop(inner);
        started.sort_unstable_by_key(|kin| kin.id());
        nodes.into_iter().chain(started).collect()
    }
}

impl Inner {
    fn list(&mut self, kin: Arc<dyn Kin>) -> Listing {
        if let Some(place) = self.free.pop() {
            self.started[place.get() as usize - 1] = Some(kin);
            return place;
        }
        self.started.push(Some(kin));
        let count = u32::try_from(self.started.len()).expect("memory ends before");
        Listing::new(count).expect("there is one at least")
    }

    fn has_root(&self, name: &str) -> bool {
        self.roots.contains_key(name) || self.nodes.iter().any(|node| &**node.name() == name)
    }
}

impl Past {
    fn add(&mut self, record: &NodeRecord) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.handled += read(&record.owner.handled);
        self.failures += record.trouble(|it| &it.failures);
        self.restarts += record.restarts();
        self.unresponsive += u64::from(record.is_unresponsive());
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}
