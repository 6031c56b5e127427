//! What a handler may do.

mod input;
mod inputs;
mod kin;
mod timers;

pub use input::Input;

use crate::cell::{Closer, LocalSource};
use crate::dead_letters::Undelivered;
use crate::edge::{Outs, Publish, count};
use crate::few::Few;
use crate::hub::Hub;
use crate::kin::Relatives;
use crate::random::Random;
use crate::sched::here::NOBODY;
use crate::{Actor, ActorId, Address, AnyMessage, Closed, Emits, Message, Time};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// One input of an actor, or a closer that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputId(pub(crate) u64);

/// One timer of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerId(pub(crate) u64);

/// What a handler asked of its cell; carried out when the handler returns.
pub(crate) enum Request<A: Actor> {
    Input(Box<dyn LocalSource<A>>),
    Timer(Box<dyn LocalSource<A>>),
    Closer(Closer),
    /// Ends the timer, input or closer of this number.
    Cancel(u64),
}

/// The actor's view of its system, lent to every handler and hook.
pub struct Context<A: Actor> {
    pub(crate) hub: Rc<Hub>,
    pub(crate) outs: Rc<Outs>,
    pub(crate) address: Address<A>,
    pub(crate) requests: Few<Request<A>>,
    pub(crate) stop: bool,
    pub(crate) random: Random,
    pub(crate) next_id: u64,
    /// Its children, and whom it watches.
    pub(crate) relatives: Option<Box<Relatives<A>>>,
    /// Whether it is ending: nothing begins any more.
    pub(crate) ending: bool,
    /// What came of its closers.
    pub(crate) closed: Closed,
    /// Who sent the message in hand.
    pub(crate) sender: u64,
}

impl<A: Actor> Context<A> {
    /// Now, on the clock of the system; the only clock an actor may read.
    #[must_use]
    pub fn now(&self) -> Time {
        self.hub.now()
    }

    /// The name of this actor's node.
    #[must_use]
    pub fn name(&self) -> &str {
        self.address.name()
    }

    /// The address of this actor.
    #[must_use]
    pub fn address(&self) -> Address<A> {
        self.address.clone()
    }

    /// 64 random bits, decided by the system's seed and this node's name.
    pub fn random(&mut self) -> u64 {
        self.random.next()
    }

    /// A random number from zero to one, one excluded.
    pub fn random_ratio(&mut self) -> f64 {
        self.random.ratio()
    }

    /// Sends a value along all edges of its type that begin here. Never waits; what an edge has no room for,
    /// it drops by its policy and counts. A plain value on a command edge gets the edge's lease; a
    /// [`Leased`](crate::Leased) one keeps its own if that is shorter.
    pub fn publish<M: Message>(&mut self, value: impl Publish<M>)
    where
        A: Emits<M>,
    {
        let (value, valid_until) = value.into_parts();
        let sinks = self.outs.of::<M>();
        let Some((last, rest)) = sinks.split_last() else {
            return;
        };
        let edges = sinks.iter().map(|sink| {
            let meta = sink.meta();
            (meta.number, count(&meta.published))
        });
        self.hub.tap_value(&value, edges);
        for sink in rest {
            sink.offer(value.clone(), valid_until, &self.hub);
        }
        last.offer(value, valid_until, &self.hub);
    }

    /// Who sent the message in hand; `None` for what was sent by no actor, or came by an edge, an input or a timer.
    #[must_use]
    pub fn sender(&self) -> Option<ActorId> {
        (self.sender != NOBODY).then_some(ActorId(self.sender))
    }

    /// The name of an actor of this system that lives, or that the graph knows.
    #[must_use]
    pub fn name_of(&self, actor: ActorId) -> Option<Arc<str>> {
        self.hub.directory.name_of(actor.0)
    }

    /// Makes a message that this actor does not handle a dead letter.
    pub fn dead_letter(&self, message: AnyMessage) {
        let mailbox = &self.address.mailbox;
        let why = Undelivered::Unhandled;
        let letters = &mailbox.shared.dead_letters;
        letters.post(
            &mailbox.name,
            "a message of the dynamic path",
            why,
            1,
            self.now(),
        );
        drop(message);
    }

    /// Ends this actor normally once the handler has returned.
    pub fn stop(&mut self) {
        self.stop = true;
    }

    /// How often this actor was restarted.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.address.mailbox.record.restarts()
    }

    /// Whether the handler asked for something that its cell has to carry out before the next message.
    pub(crate) fn asks_for_attention(&self) -> bool {
        self.stop || !self.requests.is_empty()
    }

    /// Has the run return after this turn, for a test to look on; nothing happens on a real clock.
    pub(crate) fn pause_virtual_time(&self) {
        if self.hub.clock.is_none() {
            self.hub.shared.fate.pause();
        }
    }

    fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

impl<A: Actor> fmt::Debug for Context<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({})", self.name())
    }
}
