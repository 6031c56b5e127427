//! Edges at run time: what a published value meets on its way to each receiver.

mod fault;

use crate::hub::Hub;
use crate::mailbox::{Ages, CommandRing, EdgeRing, Lane, Mailbox, Offered};
use crate::sync::{AtomicBool, AtomicU64};
use crate::{Actor, Leased, Message, Time};
use std::any::{Any, TypeId};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fault::Disturbed;

pub(crate) use fault::EdgeFault;

/// What is counted about one edge, and whether anybody watches over its silence.
#[derive(Debug)]
pub(crate) struct EdgeMeta {
    /// The edge's place in the graph.
    pub(crate) number: u32,
    /// Whether it matters when the last value came; without, nobody reads the clock for it.
    pub(crate) watched: AtomicBool,
    /// What a test has done to what is published.
    pub(crate) fault: EdgeFault,
    pub(crate) published: AtomicU64,
    pub(crate) delivered: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) expired: AtomicU64,
    pub(crate) silences: AtomicU64,
    /// When the last value was offered, in nanoseconds; `u64::MAX` while none ever was, or nobody watches.
    pub(crate) last_arrival: AtomicU64,
    /// How old its values were when they were handled.
    pub(crate) ages: Ages,
}

impl EdgeMeta {
    pub(crate) fn new(number: u32) -> Self {
        let zero = AtomicU64::default;
        Self {
            number,
            watched: AtomicBool::new(false),
            fault: EdgeFault::default(),
            published: zero(),
            delivered: zero(),
            dropped: zero(),
            expired: zero(),
            silences: zero(),
            last_arrival: AtomicU64::new(u64::MAX),
            ages: Ages::new(),
        }
    }

    /// What a test has become of the value that is published now; what is lost is counted so.
    #[cold]
    fn disturbs(&self, now: Time) -> Disturbed {
        let disturbed = self.fault.strike(now);
        if matches!(disturbed, Disturbed::Lost) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        disturbed
    }

    /// When the last value was offered.
    #[inline]
    pub(crate) fn last_arrival(&self) -> Option<Time> {
        match self.last_arrival.load(Ordering::Relaxed) {
            u64::MAX => None,
            nanos => Some(Time::from_nanos(nanos)),
        }
    }
}

/// Adds one to a counter that only one thread at a time writes to; others may read it. Half as dear as an addition
/// that several may do at once.
#[inline]
pub(crate) fn count(counter: &AtomicU64) -> u64 {
    let sum = counter.load(Ordering::Relaxed) + 1;
    counter.store(sum, Ordering::Relaxed);
    sum
}

/// The receiving end of an edge, as its publisher sees it.
pub(crate) trait Sink<M>: Send + Sync {
    /// Leaves a value for the receiver; never waits. Only commands have a lease.
    fn offer(&self, value: M, valid_until: Option<Time>, hub: &Hub);
    /// What is counted about the edge.
    fn meta(&self) -> &EdgeMeta;
}

/// An edge of readings or events.
pub(crate) struct ValueSink<A> {
    pub(crate) mailbox: Arc<Mailbox<A>>,
    pub(crate) port: u16,
    pub(crate) meta: Arc<EdgeMeta>,
}

impl<A: Actor, M: Send + 'static> Sink<M> for ValueSink<A> {
    fn offer(&self, value: M, _: Option<Time>, hub: &Hub) {
        if self.meta.fault.is_set() {
            self.offer_disturbed(value, hub);
        } else {
            self.take(value, hub);
        }
    }

    fn meta(&self) -> &EdgeMeta {
        &self.meta
    }
}

impl<A: Actor> ValueSink<A> {
    #[cold]
    fn offer_disturbed<M: Send + 'static>(&self, value: M, hub: &Hub) {
        match self.meta.disturbs(hub.now()) {
            Disturbed::Lost => {}
            Disturbed::Not => self.take(value, hub),
            Disturbed::LateUntil(moment) => {
                let sink = self.clone();
                let deliver = move |hub: &Hub| {
                    sink.meta.fault.delivered();
                    sink.take(value, hub);
                };
                hub.hold_until(moment, Box::new(deliver));
            }
        }
    }

    #[inline]
    fn take<M: Send + 'static>(&self, value: M, hub: &Hub) {
        if self.meta.watched.load(Ordering::Relaxed) {
            let now = hub.now().nanos();
            self.meta.last_arrival.store(now, Ordering::Relaxed);
        }
        let mut inner = self.mailbox.lock();
        if !inner.is_open() {
            drop(inner);
            self.meta.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let delivered = self.meta.delivered.load(Ordering::Acquire);
        let offered = inner
            .ring::<EdgeRing<M>>(self.port)
            .offer(hub.seen(), value, delivered);
        if matches!(offered, Offered::Queued) {
            self.mailbox.push_token(&mut inner, self.port);
        }
        self.mailbox.unlock_and_wake(inner);
        if !matches!(offered, Offered::Queued) {
            self.meta.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<A> Clone for ValueSink<A> {
    fn clone(&self) -> Self {
        Self {
            mailbox: Arc::clone(&self.mailbox),
            port: self.port,
            meta: Arc::clone(&self.meta),
        }
    }
}

/// An edge of commands.
pub(crate) struct CommandSink<A> {
    pub(crate) mailbox: Arc<Mailbox<A>>,
    pub(crate) port: u16,
    pub(crate) meta: Arc<EdgeMeta>,
    /// The longest that a command may stand after it came along this edge.
    pub(crate) lease: Duration,
}

impl<A: Actor, M: Send + 'static> Sink<M> for CommandSink<A> {
    fn offer(&self, value: M, valid_until: Option<Time>, hub: &Hub) {
        let longest = hub.now() + self.lease;
        let command = Leased::new(
            value,
            valid_until.map_or(longest, |until| until.min(longest)),
        );
        if self.meta.fault.is_set() {
            self.offer_disturbed(command, hub);
        } else {
            self.take(command, hub);
        }
    }

    fn meta(&self) -> &EdgeMeta {
        &self.meta
    }
}

impl<A: Actor> CommandSink<A> {
    #[cold]
    fn offer_disturbed<M: Send + 'static>(&self, command: Leased<M>, hub: &Hub) {
        match self.meta.disturbs(hub.now()) {
            Disturbed::Lost => {}
            Disturbed::Not => self.take(command, hub),
            Disturbed::LateUntil(moment) => {
                let sink = self.clone();
                let deliver = move |hub: &Hub| {
                    sink.meta.fault.delivered();
                    sink.take(command, hub);
                };
                hub.hold_until(moment, Box::new(deliver));
            }
        }
    }

    #[inline]
    fn take<M: Send + 'static>(&self, command: Leased<M>, hub: &Hub) {
        let mut inner = self.mailbox.lock();
        if !inner.is_open() {
            drop(inner);
            self.meta.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let offered = inner
            .ring::<CommandRing<M>>(self.port)
            .offer(hub.seen(), command);
        if matches!(offered, Offered::Queued) {
            self.mailbox.push_token(&mut inner, self.port);
        }
        self.mailbox.unlock_and_wake(inner);
        if !matches!(offered, Offered::Queued) {
            self.meta.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<A> Clone for CommandSink<A> {
    fn clone(&self) -> Self {
        Self {
            mailbox: Arc::clone(&self.mailbox),
            port: self.port,
            meta: Arc::clone(&self.meta),
            lease: self.lease,
        }
    }
}

/// The edges that begin at one node, by message type.
#[derive(Default)]
pub(crate) struct Outs(Vec<(TypeId, Box<dyn Any + Send>)>);

impl Outs {
    /// Whether no edge begins here.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an edge.
    pub(crate) fn add<M: Message>(&mut self, sink: Arc<dyn Sink<M>>) {
        let kind = TypeId::of::<M>();
        if let Some((_, sinks)) = self.0.iter_mut().find(|(known, _)| *known == kind) {
            let sinks = sinks.downcast_mut::<Vec<Arc<dyn Sink<M>>>>();
            sinks
                .expect("a list keeps the type it was made with")
                .push(sink);
        } else {
            self.0.push((kind, Box::new(vec![sink])));
        }
    }

    /// The edges of one message type.
    pub(crate) fn of<M: Message>(&self) -> &[Arc<dyn Sink<M>>] {
        let kind = TypeId::of::<M>();
        let found = self.0.iter().find(|(known, _)| *known == kind);
        found
            .and_then(|(_, sinks)| sinks.downcast_ref::<Vec<Arc<dyn Sink<M>>>>())
            .map_or(&[], |sinks| sinks)
    }
}

/// What can be published as a message of type `M`: the message itself, or one with a lease.
pub trait Publish<M: Message> {
    /// The message, and until when it is valid if that was said.
    #[doc(hidden)]
    fn into_parts(self) -> (M, Option<Time>);
}

impl<M: Message> Publish<M> for M {
    fn into_parts(self) -> (M, Option<Time>) {
        (self, None)
    }
}

impl<M: Message> Publish<M> for Leased<M> {
    fn into_parts(self) -> (M, Option<Time>) {
        let valid_until = self.valid_until();
        (self.into_value(), Some(valid_until))
    }
}

/// The lane of an edge's port.
pub(crate) const fn lane_of(command: bool) -> Lane {
    if command { Lane::Command } else { Lane::User }
}
