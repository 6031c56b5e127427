//! A node of a graph, before it runs.

use super::connect::Out;
use crate::cell::{AnyCell, Cell, Parts, WatchMaker};
use crate::edge::Outs;
use crate::factory::Make;
use crate::hub::Hub;
use crate::kin::{Kin, Kinship};
use crate::mailbox::{Mailbox, Shared};
#[cfg(unix)]
use crate::place::process::Proxy;
use crate::supervise::{Group, Record, Restart};
use crate::{Actor, Address, Emits, Message};
#[cfg(unix)]
use crate::{Factory, Reason};
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What wiring adds to a node: the edges that begin at it and the silences that it is told of.
pub(crate) struct Wiring<A: Actor> {
    pub(crate) outs: Outs,
    pub(crate) watches: Vec<WatchMaker<A>>,
}

impl<A: Actor> Default for Wiring<A> {
    fn default() -> Self {
        Self {
            outs: Outs::default(),
            watches: Vec::new(),
        }
    }
}

/// Locks what wiring adds to a node: only the thread that wires does, and later the one that runs the node, once.
pub(crate) fn lock<A: Actor>(wiring: &Mutex<Wiring<A>>) -> MutexGuard<'_, Wiring<A>> {
    wiring.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A node as it was wired: where edges begin and end.
pub struct Node<A: Actor> {
    place: usize,
    address: Address<A>,
    wiring: Arc<Mutex<Wiring<A>>>,
}

impl<A: Actor> Node<A> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.address.name()
    }

    /// The address of its actor: valid before the system runs, and across restarts.
    #[must_use]
    pub fn address(&self) -> Address<A> {
        self.address.clone()
    }

    /// Where its messages of type `M` come out: the beginning of an edge.
    #[must_use]
    pub fn out<M: Message>(&self) -> Out<'_, A, M>
    where
        A: Emits<M>,
    {
        Out::new(self)
    }

    pub(crate) fn place(&self) -> usize {
        self.place
    }

    pub(crate) fn mailbox(&self) -> &Arc<Mailbox<A>> {
        &self.address.mailbox
    }

    pub(crate) fn wiring(&self) -> &Arc<Mutex<Wiring<A>>> {
        &self.wiring
    }
}

impl<A: Actor> fmt::Debug for Node<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.name())
    }
}

/// A node of a graph, whatever its actor: [`Graph::supervise_together`](crate::Graph::supervise_together).
pub trait AsMember {
    /// Its place in its graph.
    #[doc(hidden)]
    fn member(&self) -> usize;
}

impl<A: Actor> AsMember for Node<A> {
    fn member(&self) -> usize {
        self.place
    }
}

/// A node without the type of its actor.
pub(crate) trait AnyNode: Send {
    /// Says how it is restarted.
    fn set_restart(&mut self, restart: Restart);
    /// Says with whom it is built anew; `false`: it is with others already.
    fn set_group(&mut self, group: &Arc<Group>) -> bool;
    /// It, as all see it while it runs.
    fn kin(&self) -> Arc<dyn Kin>;
    /// What stands in its place while it lives in another process.
    #[cfg(unix)]
    fn proxy(&self, factory: Factory<Proxy>) -> NodeCore<Proxy>;
    /// It never lives here: whoever asks hears that it has ended.
    #[cfg(unix)]
    fn be_gone(&self);
    /// Makes its cell.
    fn into_cell(self: Box<Self>, hub: &Rc<Hub>) -> Box<dyn AnyCell>;
}

/// All that a graph keeps of a node.
pub(crate) struct NodeCore<A: Actor> {
    place: usize,
    address: Address<A>,
    wiring: Arc<Mutex<Wiring<A>>>,
    make: Make<A>,
    restart: Restart,
    group: Option<Arc<Group>>,
}

impl<A: Actor> NodeCore<A> {
    pub(crate) fn new(name: &str, place: usize, make: Make<A>, shared: &Arc<Shared>) -> Self {
        let mailbox = Arc::new(Mailbox::new(name, Arc::clone(shared)));
        Self {
            place,
            address: Address { mailbox },
            wiring: Arc::default(),
            make,
            restart: Restart::DEFAULT,
            group: None,
        }
    }

    /// The handle that wiring uses.
    pub(crate) fn node(&self) -> Node<A> {
        Node {
            place: self.place,
            address: self.address.clone(),
            wiring: Arc::clone(&self.wiring),
        }
    }
}

impl<A: Actor> AnyNode for NodeCore<A> {
    fn set_restart(&mut self, restart: Restart) {
        self.restart = restart;
    }

    fn set_group(&mut self, group: &Arc<Group>) -> bool {
        let first = self.group.is_none();
        if first {
            group.join(self.kin());
            self.group = Some(Arc::clone(group));
        }
        first
    }

    fn kin(&self) -> Arc<dyn Kin> {
        Arc::clone(&self.address.mailbox) as _
    }

    #[cfg(unix)]
    fn proxy(&self, factory: Factory<Proxy>) -> NodeCore<Proxy> {
        let here = &self.address.mailbox;
        let mailbox = Arc::new(Mailbox::in_place_of(here));
        here.record.bonds.hand_over(&(Arc::clone(&mailbox) as _));
        here.close();
        NodeCore {
            place: self.place,
            address: Address { mailbox },
            wiring: Arc::default(),
            make: factory.into_make(self.address.name()),
            restart: self.restart,
            group: self.group.clone(),
        }
    }

    #[cfg(unix)]
    fn be_gone(&self) {
        self.address.mailbox.close();
        self.address.mailbox.record.bonds.end(Reason::Stopped);
    }

    fn into_cell(self: Box<Self>, hub: &Rc<Hub>) -> Box<dyn AnyCell> {
        let mut wiring = lock(&self.wiring);
        let outs = std::mem::take(&mut wiring.outs);
        let watches = std::mem::take(&mut wiring.watches);
        drop(wiring);
        Box::new(Cell::new(Parts {
            mailbox: Arc::clone(&self.address.mailbox),
            outs: if outs.is_empty() {
                Rc::clone(&hub.no_outs)
            } else {
                Rc::new(outs)
            },
            watches: watches.into_iter().collect(),
            make: Some(self.make),
            supervision: Record::new(self.restart),
            hub: Rc::clone(hub),
            kinship: Kinship {
                group: self.group,
                ..Kinship::default()
            },
        }))
    }
}
