//! The name of a topic with the type of its messages, and what can be said about it.

use super::Topics;
use sinew_runtime::{Address, Context, Handler, Recipient};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// The name of a topic, with the type of its messages, so that who announces and who subscribes agree on it.
pub struct Topic<M> {
    name: Cow<'static, str>,
    of: PhantomData<fn() -> M>,
}

/// Asks [`Topics`](super::Topics) for all messages of a topic from now on. Whoever subscribes again, after a restart
/// for example, has one subscription still.
pub struct Subscribe<M> {
    pub(super) topic: Topic<M>,
    pub(super) who: Arc<str>,
    pub(super) to: Recipient<M>,
    pub(super) watch: Watch,
}

/// Has the topics hear of the end of a subscriber, whose type they need not know.
pub(super) type Watch = Box<dyn FnOnce(&mut Context<Topics>) + Send>;

/// Ends a subscription. Asked, [`Topics`](super::Topics) answer whether there was one.
#[derive(Debug)]
pub struct Unsubscribe {
    pub(super) topic: Cow<'static, str>,
    pub(super) who: Arc<str>,
}

/// A message for all subscribers of a topic. Asked, [`Topics`](super::Topics) answer how many got it.
#[derive(Debug)]
pub struct Announce<M> {
    pub(super) topic: Topic<M>,
    pub(super) message: M,
}

impl<M: Send + 'static> Topic<M> {
    /// The topic of this name: usually a constant, that both sides name.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            of: PhantomData,
        }
    }

    /// The topic of a name that is known only while the robot runs.
    #[must_use]
    pub fn of(name: impl Into<String>) -> Self {
        Self {
            name: Cow::Owned(name.into()),
            of: PhantomData,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `who` sends to subscribe.
    #[must_use]
    pub fn subscribe<A: Handler<M>>(&self, who: &Address<A>) -> Subscribe<M> {
        let subscriber = who.clone();
        Subscribe {
            topic: self.clone(),
            who: Arc::from(who.name()),
            to: who.recipient(),
            watch: Box::new(move |ctx| ctx.watch(&subscriber)),
        }
    }

    /// What `who` sends to subscribe no longer.
    #[must_use]
    pub fn unsubscribe<A: Handler<M>>(&self, who: &Address<A>) -> Unsubscribe {
        Unsubscribe {
            topic: self.name.clone(),
            who: Arc::from(who.name()),
        }
    }

    /// What is sent to tell all who subscribed.
    #[must_use]
    pub fn announce(&self, message: M) -> Announce<M> {
        Announce {
            topic: self.clone(),
            message,
        }
    }
}

impl<M> Topic<M> {
    pub(super) fn into_name(self) -> Cow<'static, str> {
        self.name
    }
}

impl<M> Clone for Topic<M> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            of: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Subscribe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscribe({} to {})", self.who, self.topic.name)
    }
}

impl<M> fmt::Debug for Topic<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({})", self.name)
    }
}
