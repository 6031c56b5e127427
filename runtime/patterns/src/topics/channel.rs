//! One topic at run time: who subscribes to it, and what each of them lost.

use super::{SubscriberStatus, TopicStatus};
use sinew_runtime::{Recipient, TryTellError};
use std::any::{Any, type_name};
use std::sync::Arc;

/// A topic without the type of its messages.
pub(super) trait AnyChannel: Any + Send {
    /// The type of its messages.
    fn kind(&self) -> &'static str;
    /// Ends a subscription. `false`: there was none.
    fn remove(&mut self, who: &str) -> bool;
    /// A message of another type was announced.
    fn count_refused(&mut self);
    /// What is known about it.
    fn status(&self, name: &str) -> TopicStatus;
}

/// A topic.
pub(super) struct Channel<M> {
    subscribers: Vec<Subscriber<M>>,
    announced: u64,
    refused: u64,
    /// What those lost who do not subscribe any more.
    lost_by_former: u64,
}

/// A subscriber, and what became of its messages.
struct Subscriber<M> {
    who: Arc<str>,
    to: Recipient<M>,
    delivered: u64,
    lost: u64,
}

impl<M: Send + 'static> Channel<M> {
    pub(super) const fn new() -> Self {
        Self {
            subscribers: Vec::new(),
            announced: 0,
            refused: 0,
            lost_by_former: 0,
        }
    }

    /// Adds a subscriber, or gives one that is known its new recipient. `false`: there are `most` of them.
    pub(super) fn add(&mut self, who: Arc<str>, to: Recipient<M>, most: usize) -> bool {
        if let Some(known) = self.subscribers.iter_mut().find(|it| it.who == who) {
            known.to = to;
            return true;
        }
        let fits = self.subscribers.len() < most;
        if fits {
            self.subscribers.push(Subscriber {
                who,
                to,
                delivered: 0,
                lost: 0,
            });
        }
        fits
    }
}

impl<M: Clone + Send + 'static> Channel<M> {
    /// Leaves a message with each subscriber that has room. Returns how many got it.
    pub(super) fn announce(&mut self, message: &M) -> usize {
        self.announced += 1;
        let mut reached = 0;
        for subscriber in &mut self.subscribers {
            match subscriber.to.try_tell(message.clone()) {
                Ok(()) => {
                    subscriber.delivered += 1;
                    reached += 1;
                }
                Err(TryTellError::Full(_)) => subscriber.lost += 1,
                // News of its end is on its way, and removes it.
                Err(TryTellError::Closed(_)) => {}
            }
        }
        reached
    }
}

impl<M: Send + 'static> AnyChannel for Channel<M> {
    fn kind(&self) -> &'static str {
        type_name::<M>()
    }

    fn remove(&mut self, who: &str) -> bool {
        let place = self.subscribers.iter().position(|it| &*it.who == who);
        let former = place.map(|place| self.subscribers.remove(place));
        self.lost_by_former += former.as_ref().map_or(0, |former| former.lost);
        former.is_some()
    }

    fn count_refused(&mut self) {
        self.refused += 1;
    }

    fn status(&self, name: &str) -> TopicStatus {
        let status = |it: &Subscriber<M>| SubscriberStatus {
            name: it.who.to_string(),
            delivered: it.delivered,
            lost: it.lost,
        };
        let of_present: u64 = self.subscribers.iter().map(|it| it.lost).sum();
        TopicStatus {
            name: name.to_owned(),
            kind: self.kind(),
            subscribers: self.subscribers.iter().map(status).collect(),
            announced: self.announced,
            refused: self.refused,
            lost: of_present + self.lost_by_former,
        }
    }
}
