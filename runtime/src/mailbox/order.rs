//! What the next turn of an actor is told from outside; it overtakes all messages.

use crate::kin::News;
use std::time::Duration;

/// A fault that a test puts into an actor before its next message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Injection {
    /// The actor panics.
    Panic,
    /// The actor fails with this text.
    Fail(String),
    /// The actor handles nothing for so long, as in a handler that waits for something that does not come.
    Hang(Duration),
    /// Each time it finds something to handle, the actor takes so long first.
    Slow {
        /// How long each time.
        each: Duration,
        /// For how long it is so.
        lasts: Duration,
    },
}

/// One order.
#[derive(Debug)]
pub(crate) enum Order {
    /// End in order.
    Stop,
    /// End at once, without a last word: the time for it is over.
    Abort,
    /// Read what its group has to say.
    Group,
    /// A test's fault.
    Fault(Injection),
    /// Hear what became of another actor.
    Hear(News),
}

/// The orders that stand. A stop or an abort stands once, however often it is given; of faults the newest stands.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) stop: bool,
    pub(crate) abort: bool,
    pub(crate) group: bool,
    pub(crate) fault: Option<Box<Injection>>,
    /// At most one for each end of a child's incarnation and of each actor that is watched.
    pub(crate) news: Vec<News>,
}

impl Orders {
    /// Adds one.
    pub(super) fn add(&mut self, order: Order) {
        match order {
            Order::Stop => self.stop = true,
            Order::Abort => self.abort = true,
            Order::Group => self.group = true,
            Order::Fault(fault) => self.fault = Some(Box::new(fault)),
            Order::Hear(news) => self.news.push(news),
        }
    }
}
