//! Tells whoever wants to know, while the robot runs.

mod channel;
mod topic;

pub use topic::{Announce, Subscribe, Topic, Unsubscribe};

use channel::{AnyChannel, Channel};
use sinew_runtime::{Actor, Context, Ended, Failure, Handler};
use std::any::{Any, type_name};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// How many topics, and how many subscribers of each, if nothing is said: a robot that a handful of people watch.
const ROOM: usize = 64;

/// Passes messages to those who subscribed to their topic at run time.
///
/// For listeners that come and go: a browser that shows the battery, a recorder that a person switches on, an actor
/// for each connection. What a robot needs to move is an edge of its graph, which is drawn and checked; what may be
/// missing is a topic.
///
/// A topic has a name and one type. Nobody waits: what a subscriber has no room for is dropped and counted
/// ([`TopicStatus`]), and a subscriber that has ended for good is removed at once. There are at most 64 topics and 64 subscribers of
/// each, unless [`with_room`](Self::with_room) says otherwise. After a restart they know nobody: whoever needs every
/// message subscribes again now and then.
///
/// ```
/// # use sinew_runtime::{Actor, Address, Context, Failure, Graph, Handler};
/// use sinew_patterns::{Topic, Topics};
///
/// const VOLTAGE: Topic<f64> = Topic::named("battery/voltage");
///
/// # #[derive(Clone)]
/// struct Gauge { topics: Address<Topics> }
/// impl Actor for Gauge {
///     async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         self.topics.ask(VOLTAGE.subscribe(&ctx.address())).await??;
///         Ok(())
///     }
/// }
/// # impl Handler<f64> for Gauge {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// let mut graph = Graph::new("robot");
/// let topics = graph.add("topics", Topics::new());
/// graph.add("gauge", Gauge { topics: topics.address() });
/// topics.address().try_tell(VOLTAGE.announce(7.4))?;
/// # Ok::<(), Failure>(())
/// ```
pub struct Topics {
    channels: BTreeMap<Cow<'static, str>, Box<dyn AnyChannel>>,
    most_topics: usize,
    most_subscribers: usize,
}

/// Asks [`Topics`] for a [`TopicStatus`] of each topic that somebody subscribed to, in the order of their names.
#[derive(Clone, Copy, Debug)]
pub struct TopicStatuses;

/// What is known about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicStatus {
    /// Its name.
    pub name: String,
    /// The type of its messages.
    pub kind: &'static str,
    /// Who subscribes to it.
    pub subscribers: Vec<SubscriberStatus>,
    /// Messages that were announced.
    pub announced: u64,
    /// Messages that were announced and have another type: nobody got them.
    pub refused: u64,
    /// Messages that one of its subscribers had no room for, those counted that subscribe no longer.
    pub lost: u64,
}

/// What is known about a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriberStatus {
    /// The name of its node.
    pub name: String,
    /// Messages that were left in its mailbox.
    pub delivered: u64,
    /// Messages that it had no room for.
    pub lost: u64,
}

/// Why [`Topics`] did not do as they were asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopicError {
    /// The topic's messages have another type.
    #[error("the topic `{topic}` carries {found}, not {wanted}; give one of the two another name")]
    OtherType {
        /// The topic.
        topic: String,
        /// The type that its first subscriber asked for.
        found: &'static str,
        /// The type that was announced or asked for.
        wanted: &'static str,
    },
    /// There are as many topics as there may be.
    #[error("`{topic}` would be topic number {}; make room for it: Topics::with_room", .most + 1)]
    TooManyTopics {
        /// The topic.
        topic: String,
        /// How many there may be.
        most: usize,
    },
    /// A topic has as many subscribers as it may have.
    #[error("`{who}` would be subscriber number {} of `{topic}`; make room for it: Topics::with_room", .most + 1)]
    TooManySubscribers {
        /// The topic.
        topic: String,
        /// Who wanted to subscribe.
        who: String,
        /// How many there may be.
        most: usize,
    },
}

impl Topics {
    /// No topics yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with_room(ROOM, ROOM)
    }

    /// No topics yet, and at most so many of them, with at most so many subscribers each.
    #[must_use]
    pub fn with_room(topics: usize, subscribers: usize) -> Self {
        Self {
            channels: BTreeMap::new(),
            most_topics: topics,
            most_subscribers: subscribers,
        }
    }

    /// The channel of a topic, if somebody ever subscribed to it.
    fn channel<M: Send + 'static>(
        &mut self,
        topic: &str,
    ) -> Result<Option<&mut Channel<M>>, TopicError> {
        let Some(channel) = self.channels.get_mut(topic) else {
            return Ok(None);
        };
        let found = channel.kind();
        let channel: &mut dyn Any = channel.as_mut();
        match channel.downcast_mut() {
            Some(channel) => Ok(Some(channel)),
            None => Err(TopicError::OtherType {
                topic: topic.to_owned(),
                found,
                wanted: type_name::<M>(),
            }),
        }
    }

    fn subscribe<M: Send + 'static>(
        &mut self,
        it: Subscribe<M>,
        ctx: &mut Context<Self>,
    ) -> Result<(), TopicError> {
        let (topic, most) = (it.topic.into_name(), self.most_subscribers);
        if self.channel::<M>(&topic)?.is_none() {
            if self.channels.len() >= self.most_topics {
                return Err(TopicError::TooManyTopics {
                    topic: topic.into_owned(),
                    most: self.most_topics,
                });
            }
            let channel = Box::new(Channel::<M>::new());
            self.channels.insert(topic.clone(), channel);
        }
        let channel = self.channel::<M>(&topic)?;
        let added = channel.is_some_and(|channel| channel.add(it.who.clone(), it.to, most));
        if added {
            (it.watch)(ctx);
            return Ok(());
        }
        Err(TopicError::TooManySubscribers {
            topic: topic.into_owned(),
            who: it.who.to_string(),
            most,
        })
    }
}

/// A clone is what a restart begins with: no topics yet.
impl Clone for Topics {
    fn clone(&self) -> Self {
        Self::with_room(self.most_topics, self.most_subscribers)
    }
}

impl Default for Topics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.channels.keys()).finish()
    }
}

impl Actor for Topics {}

impl<M: Send + 'static> Handler<Subscribe<M>> for Topics {
    type Reply = Result<(), TopicError>;
    async fn handle(
        &mut self,
        it: Subscribe<M>,
        ctx: &mut Context<Self>,
    ) -> Result<Self::Reply, Failure> {
        Ok(self.subscribe(it, ctx))
    }
}

impl Handler<Ended> for Topics {
    type Reply = ();
    async fn handle(&mut self, it: Ended, _: &mut Context<Self>) -> Result<(), Failure> {
        for channel in self.channels.values_mut() {
            channel.remove(&it.name);
        }
        Ok(())
    }
}

impl Handler<Unsubscribe> for Topics {
    type Reply = bool;
    async fn handle(&mut self, it: Unsubscribe, _: &mut Context<Self>) -> Result<bool, Failure> {
        let channel = self.channels.get_mut(&it.topic);
        Ok(channel.is_some_and(|channel| channel.remove(&it.who)))
    }
}

impl<M: Clone + Send + 'static> Handler<Announce<M>> for Topics {
    type Reply = Result<usize, TopicError>;
    async fn handle(
        &mut self,
        it: Announce<M>,
        _: &mut Context<Self>,
    ) -> Result<Self::Reply, Failure> {
        let topic = it.topic.name();
        let reached = match self.channel::<M>(topic) {
            Ok(channel) => Ok(channel.map_or(0, |channel| channel.announce(&it.message))),
            Err(error) => {
                if let Some(channel) = self.channels.get_mut(topic) {
                    channel.count_refused();
                }
                Err(error)
            }
        };
        Ok(reached)
    }
}

impl Handler<TopicStatuses> for Topics {
    type Reply = Vec<TopicStatus>;
    async fn handle(
        &mut self,
        _: TopicStatuses,
        _: &mut Context<Self>,
    ) -> Result<Vec<TopicStatus>, Failure> {
        let channels = self.channels.iter();
        Ok(channels
            .map(|(name, channel)| channel.status(name))
            .collect())
    }
}
