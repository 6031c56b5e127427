//! Who is related to whom: parents and their children, and how they hear of each other.
//!
//! Relatives may live on different threads. None reaches into another: they give orders to each other's mailboxes,
//! and read each other's records.

mod bonds;
mod child;
mod family;
mod farewell;
mod news;
mod relatives;

pub(crate) use bonds::{Bonds, Link, Ties, Watcher};
pub(crate) use child::Nest;
pub use child::{Child, StartError};
pub(crate) use family::Family;
pub(crate) use farewell::{Farewell, give_up, given_up_at};
pub(crate) use news::{ChildEnd, News, Next};
pub use news::{ChildStopped, Ended};
pub(crate) use relatives::{Relatives, Watching};

use crate::directory::Listing;
use crate::mailbox::{Mailbox, Order};
use crate::report::NodeRecord;
use crate::supervise::{Group, Lifetime};
use crate::{Actor, Reason};
use std::sync::Arc;

/// An actor as its relatives see it: without its type, from any thread, also after its end.
pub(crate) trait Kin: Send + Sync {
    /// Its full name.
    fn name(&self) -> &Arc<str>;
    /// Its number, greater than that of all who were started before it.
    fn id(&self) -> u64;
    /// What is known about it.
    fn record(&self) -> &NodeRecord;
    /// Gives it an order; one that has ended for good heeds none.
    fn post(&self, order: Order);
}

impl<A: Actor> Kin for Mailbox<A> {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn id(&self) -> u64 {
        self.id
    }

    fn record(&self) -> &NodeRecord {
        &self.record
    }

    fn post(&self, order: Order) {
        self.order(order);
    }
}

impl std::fmt::Debug for dyn Kin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kin({})", self.name())
    }
}

/// What a cell knows of its relatives.
#[derive(Debug, Default)]
pub(crate) struct Kinship {
    /// Who started it; nodes of the graph, and what was started from outside, have none.
    pub(crate) parent: Option<Arc<Parent>>,
    /// After which ends it is built anew.
    pub(crate) lifetime: Lifetime,
    /// With whom it is built anew, if with anyone.
    pub(crate) group: Option<Arc<Group>>,
    /// Its place in the directory; nodes of the graph stand there for ever.
    pub(crate) listed: Option<Listing>,
}

impl Kinship {
    /// Tells the parent, if there is one, that an incarnation of its child has ended.
    pub(crate) fn tell_parent<A: Actor>(
        &self,
        child: &Arc<Mailbox<A>>,
        reason: Reason,
        next: Next,
    ) {
        let Some(parent) = &self.parent else { return };
        parent.kin.post(Order::Hear(News::Child(ChildEnd {
            child: Arc::clone(child) as _,
            incarnation: parent.incarnation,
            reason,
            next,
        })));
    }
}

/// An incarnation that has children.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) kin: Arc<dyn Kin>,
    /// How often it had been restarted.
    pub(crate) incarnation: u64,
}
