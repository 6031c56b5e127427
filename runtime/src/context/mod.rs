//! What a handler may do.

mod kin;

use crate::cell::{Every, Input, Later, LocalSource, Once, Plain};
use crate::dead_letters::Undelivered;
use crate::edge::{Outs, Publish, count};
use crate::hub::Hub;
use crate::kin::Relatives;
use crate::random::Random;
use crate::sched::here::NOBODY;
use crate::{Actor, ActorId, Address, AnyMessage, Emits, Failure, Handler, Message, Time};
use futures_core::Stream;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// One input of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputId(pub(crate) u64);

/// One timer of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerId(pub(crate) u64);

/// What a handler asked of its cell; carried out when the handler returns.
pub(crate) enum Request<A: Actor> {
    Input(Box<dyn LocalSource<A>>),
    Timer(Box<dyn LocalSource<A>>),
    Cancel(u64),
}

/// The actor's view of its system, lent to every handler and hook.
pub struct Context<A: Actor> {
    pub(crate) hub: Rc<Hub>,
    pub(crate) outs: Rc<Outs>,
    pub(crate) address: Address<A>,
    pub(crate) requests: Vec<Request<A>>,
    pub(crate) stop: bool,
    pub(crate) random: Random,
    pub(crate) next_id: u64,
    /// Its children, and whom it watches.
    pub(crate) relatives: Option<Box<Relatives<A>>>,
    /// Whether it is ending: nothing begins any more.
    pub(crate) ending: bool,
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

    /// Handles the items of `stream` like messages, one at a time, and only while nothing else is handled: a
    /// busy actor slows its source down. The actor owns the stream, which is dropped with it.
    pub fn input<T, S>(&mut self, name: &'static str, stream: S) -> InputId
    where
        T: Send + 'static,
        S: Stream<Item = T> + 'static,
        A: Handler<T>,
    {
        self.add_input(name, Plain(Box::pin(stream)), true)
    }

    /// As [`input`](Self::input), for a stream of results; an `Err` is this actor's failure.
    pub fn try_input<T, E, S>(&mut self, name: &'static str, stream: S) -> InputId
    where
        T: Send + 'static,
        E: Into<Failure> + 'static,
        S: Stream<Item = Result<T, E>> + 'static,
        A: Handler<T>,
    {
        self.add_input(name, stream, true)
    }

    /// As [`input`](Self::input), for a stream that only the board wakes, never one of tokio's timers. In
    /// simulation time can then jump from event to event without asking tokio.
    pub fn board_input<T, S>(&mut self, name: &'static str, stream: S) -> InputId
    where
        T: Send + 'static,
        S: Stream<Item = T> + 'static,
        A: Handler<T>,
    {
        self.add_input(name, Plain(Box::pin(stream)), false)
    }

    /// As [`try_input`](Self::try_input), for a stream that only the board wakes.
    pub fn try_board_input<T, E, S>(&mut self, name: &'static str, stream: S) -> InputId
    where
        T: Send + 'static,
        E: Into<Failure> + 'static,
        S: Stream<Item = Result<T, E>> + 'static,
        A: Handler<T>,
    {
        self.add_input(name, stream, false)
    }

    fn add_input<T, E, S>(&mut self, name: &'static str, stream: S, foreign: bool) -> InputId
    where
        T: Send + 'static,
        E: Into<Failure> + 'static,
        S: Stream<Item = Result<T, E>> + 'static,
        A: Handler<T>,
    {
        let id = self.take_id();
        self.requests.push(Request::Input(Box::new(Input::new(
            id, name, stream, foreign,
        ))));
        InputId(id)
    }

    /// Sends this actor `message` at the end of each period, the first time one period from now. A tick that
    /// comes late is one tick, however many periods passed. A period below a microsecond counts as one.
    pub fn every<M>(&mut self, period: Duration, message: M) -> TimerId
    where
        M: Clone + Send + 'static,
        A: Handler<M>,
    {
        let id = self.take_id();
        let timer = Every::new(id, self.now(), period, message);
        self.requests.push(Request::Timer(Box::new(timer)));
        TimerId(id)
    }

    /// Sends this actor `message` once, after `delay`.
    pub fn after<M>(&mut self, delay: Duration, message: M) -> TimerId
    where
        M: Send + 'static,
        A: Handler<M>,
    {
        let id = self.take_id();
        let timer = Once::new(id, self.now() + delay, message);
        self.requests.push(Request::Timer(Box::new(timer)));
        TimerId(id)
    }

    /// Sends another actor `message` after `delay`, unless this actor ends or [cancels](Self::cancel) it before. What
    /// finds no room then, or nobody, becomes a [`DeadLetter`](crate::DeadLetter).
    pub fn tell_after<B, M>(&mut self, delay: Duration, to: &Address<B>, message: M) -> TimerId
    where
        M: Send + 'static,
        B: Handler<M>,
    {
        let id = self.take_id();
        let (to, now) = (to.clone(), self.now());
        let send = Box::new(move || {
            if let Err(error) = to.try_tell(message) {
                let why = if error.is_closed() {
                    Undelivered::Ended
                } else {
                    Undelivered::Full
                };
                let letters = &to.mailbox.shared.dead_letters;
                let name = std::any::type_name::<M>();
                letters.post(&to.mailbox.name, name, why, 1, to.mailbox.shared.now());
            }
        });
        let timer = Later::new(id, now + delay, send);
        self.requests.push(Request::Timer(Box::new(timer)));
        TimerId(id)
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

    /// Ends a timer; one that has ended already is no error.
    pub fn cancel(&mut self, timer: TimerId) {
        self.requests.push(Request::Cancel(timer.0));
    }

    /// Ends an input and drops its stream; one that has ended already is no error.
    pub fn close(&mut self, input: InputId) {
        self.requests.push(Request::Cancel(input.0));
    }

    /// Ends this actor normally once the handler has returned.
    pub fn stop(&mut self) {
        self.stop = true;
    }

    /// How often this actor was restarted.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.address.mailbox.record.restarts.load(Ordering::Relaxed)
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
