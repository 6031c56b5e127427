//! What a registry is told and asked.

use sinew_runtime::{Actor, Address, Handler};
use std::any::{Any, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Asks a [`Registry`](super::Registry) to give an actor a name, and to let it join groups. The answer is the
/// [`Registration`].
pub struct Register<A> {
    pub(super) name: String,
    pub(super) groups: Vec<String>,
    pub(super) address: Address<A>,
    /// A recipient for each type of messages by which it can be found.
    pub(super) recipients: Vec<Box<dyn Any + Send>>,
}

impl<A: Actor> Register<A> {
    /// Gives the actor at this address a name.
    #[must_use]
    pub fn named(name: impl Into<String>, address: Address<A>) -> Self {
        Self {
            name: name.into(),
            groups: Vec::new(),
            address,
            recipients: Vec::new(),
        }
    }

    /// Lets it join a group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Lets it be found as a [`Recipient`](sinew_runtime::Recipient) of messages of type `M`, by those who do not know
    /// what it is.
    #[must_use]
    pub fn takes<M: Send + 'static>(mut self) -> Self
    where
        A: Handler<M>,
    {
        let recipient = self.address.recipient::<M>();
        self.recipients.push(Box::new(recipient));
        self
    }
}

impl<A> fmt::Debug for Register<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register")
            .field("name", &self.name)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

/// A name in a [`Registry`](super::Registry), for as long as it is kept. Keep it in the actor's state: it is dropped
/// with the incarnation, by a stop, a failure and a panic alike, and the name is free.
#[derive(Debug)]
#[must_use = "the name is free again as soon as this is dropped"]
pub struct Registration {
    pub(super) _lives: Arc<()>,
}

/// Asks a [`Registry`](super::Registry) for what has this name, as an [`Address`] of its type or as a
/// [`Recipient`](sinew_runtime::Recipient) of messages that it takes.
pub struct Find<T> {
    pub(super) name: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Find<T> {
    /// Asks for this name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Find<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Find({} as {})", self.name, type_name::<T>())
    }
}

/// Asks a [`Registry`](super::Registry) for all of a group that can be had as a `T`, in the order of their names.
pub struct Members<T> {
    pub(super) group: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Members<T> {
    /// Asks for this group.
    #[must_use]
    pub fn of(group: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Members<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Members({} as {})", self.group, type_name::<T>())
    }
}
