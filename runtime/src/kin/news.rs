//! What an actor hears of others.

use super::Kin;
use crate::Reason;
use std::sync::Arc;

/// An incarnation of a child has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildStopped {
    /// The name of the child, with that of its parent: `parent/name`.
    pub name: Arc<str>,
    /// Why it ended.
    pub reason: Reason,
    /// Whether it is built anew, after its pause.
    pub restarts: bool,
}

/// An actor that is watched has ended for good: [`Context::watch`](crate::Context::watch).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// Its full name.
    pub name: Arc<str>,
    /// Why it ended.
    pub reason: Reason,
}

/// What follows an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is built anew.
    Restart,
    /// It has ended for good.
    End,
    /// It has ended for good, and its parent fails with it: its restart limit is exceeded.
    Escalate,
}

/// What became of another actor.
#[derive(Debug)]
pub(crate) enum News {
    /// An incarnation of a child has ended.
    Child(ChildEnd),
    /// An actor that is watched under this number has ended.
    Watched { watch: u64, ended: Ended },
    /// An actor that is linked to this incarnation of the receiver has failed.
    Linked { incarnation: u64, ended: Ended },
}

/// The end of a child's incarnation, as its parent's mailbox holds it.
#[derive(Debug)]
pub(crate) struct ChildEnd {
    pub(crate) child: Arc<dyn Kin>,
    /// The incarnation of the parent that started it.
    pub(crate) incarnation: u64,
    pub(crate) reason: Reason,
    pub(crate) next: Next,
}
