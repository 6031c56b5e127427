//! A mailbox: typed queues, lanes of tokens that say in which order to look at them, one lock, one waker.
//!
//! A push puts the value into the queue of its type and a token into a lane, in one critical section, so that
//! the order across types is kept. No user code runs under the lock: displaced values are dropped after it.

mod ring;
mod slots;

pub(crate) use ring::{CommandRing, DirectRing, EdgeRing, Envelope, Keep, Offered, Ring, Ticket};

use crate::cell::LocalPort;
use crate::edge::EdgeMeta;
use crate::{Actor, Handler, Time};
use std::any::{Any, TypeId};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// How many told and asked messages may wait if the graph says nothing else.
pub(crate) const DEFAULT_CAPACITY: usize = 64;
/// How many urgent messages may wait: they are rare by nature, and a flood of them would starve the rest.
pub(crate) const URGENT_CAPACITY: usize = 16;

/// The lanes, in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What must overtake: urgent messages.
    System,
    /// Commands.
    Command,
    /// All else.
    User,
}

/// Told to the next turn of an actor from outside.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// End in order.
    Stop,
    /// A test's fault.
    Inject(Injection),
}

/// A fault that a test puts into an actor before its next message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Injection {
    /// The actor panics.
    Panic,
    /// The actor fails with this text.
    Fail(String),
}

/// What all mailboxes of a system share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// The system's time as of its last turn, in nanoseconds.
    pub(crate) now: AtomicU64,
    /// How many asks wait for an answer: none, and nobody sweeps.
    pub(crate) open_asks: AtomicUsize,
}

impl Shared {
    pub(crate) fn now(&self) -> Time {
        Time::from_nanos(self.now.load(Ordering::Relaxed))
    }
}

/// The mailbox of one node; it outlives the incarnations of its actor.
pub(crate) struct Mailbox<A> {
    inner: Mutex<Inner<A>>,
    /// Set when something waits that must be looked at before the next message.
    urgent: AtomicBool,
    pub(crate) shared: Arc<Shared>,
}

/// What the lock protects.
pub(crate) struct Inner<A> {
    lanes: [VecDeque<u16>; 3],
    pub(crate) ports: Vec<Port<A>>,
    waker: Option<Waker>,
    asleep: bool,
    open: bool,
    orders: Vec<Order>,
    capacity: usize,
    queued: usize,
    waiting: VecDeque<(u64, Waker)>,
    next_waiter: u64,
}

/// One queue of a mailbox, and how its local half is built.
pub(crate) struct Port<A> {
    kind: Kind,
    pub(crate) lane: Lane,
    pub(crate) ring: Box<dyn Ring>,
    pub(crate) build: fn(u16) -> Box<dyn LocalPort<A>>,
    /// What is counted, if an edge ends here.
    pub(crate) meta: Option<Arc<EdgeMeta>>,
}

/// What a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Told and asked messages of this type.
    Direct(TypeId),
    /// One edge of readings or events.
    Edge,
    /// One edge of commands.
    Command,
}

impl<A> std::fmt::Debug for Mailbox<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

impl<A: Actor> Mailbox<A> {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let inner = Inner {
            lanes: Default::default(),
            ports: Vec::new(),
            waker: None,
            asleep: false,
            open: true,
            orders: Vec::new(),
            capacity: DEFAULT_CAPACITY,
            queued: 0,
            waiting: VecDeque::new(),
            next_waiter: 0,
        };
        Self {
            inner: Mutex::new(inner),
            urgent: AtomicBool::new(false),
            shared,
        }
    }

    /// Locks. A panic under the lock cannot happen in user code, so poison is no news.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner<A>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an order or an urgent message waits; cheap enough to ask between any two messages.
    pub(crate) fn is_urgent(&self) -> bool {
        self.urgent.load(Ordering::Acquire)
    }

    /// Gives an order, and wakes the actor.
    pub(crate) fn order(&self, order: Order) {
        let mut inner = self.lock();
        inner.orders.push(order);
        self.urgent.store(true, Ordering::Release);
        self.unlock_and_wake(inner);
    }

    /// Notes that the system lane is not empty.
    pub(crate) fn mark_urgent(&self) {
        self.urgent.store(true, Ordering::Release);
    }

    /// Takes the orders.
    pub(crate) fn take_orders(&self) -> Vec<Order> {
        let mut inner = self.lock();
        self.urgent.store(false, Ordering::Release);
        std::mem::take(&mut inner.orders)
    }

    /// Unlocks, then wakes the actor if it sleeps: never wake under a lock.
    pub(crate) fn unlock_and_wake(&self, mut inner: MutexGuard<'_, Inner<A>>) {
        if !std::mem::replace(&mut inner.asleep, false) {
            return;
        }
        let waker = inner.waker.clone();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Sets who is woken by a push.
    pub(crate) fn set_waker(&self, waker: Waker) {
        let mut inner = self.lock();
        inner.waker = Some(waker);
        inner.asleep = false;
    }

    /// Takes the next token: system and command lanes first. Falls asleep if there is none.
    pub(crate) fn next(&self, skip_user: bool) -> Option<u16> {
        let mut inner = self.lock();
        let lanes = if skip_user { 2 } else { 3 };
        for lane in 0..lanes {
            if let Some(port) = inner.lanes[lane].pop_front() {
                return Some(port);
            }
        }
        inner.asleep = !(skip_user && !inner.lanes[Lane::User as usize].is_empty());
        None
    }

    /// Closes for good; answers all askers and returns how many messages nobody will handle.
    pub(crate) fn close(&self) -> usize {
        let mut wakers = Vec::new();
        let mut dropped = Vec::new();
        let mut inner = self.lock();
        inner.open = false;
        let mut lost = 0;
        for port in &mut inner.ports {
            let (count, values) = port.ring.clear();
            lost += count;
            dropped.push(values);
            port.ring.end_asks(None, &mut wakers);
        }
        inner.lanes.iter_mut().for_each(VecDeque::clear);
        inner.queued = 0;
        wakers.extend(inner.waiting.drain(..).map(|(_, waker)| waker));
        drop(inner);
        drop(dropped);
        wakers.into_iter().for_each(Waker::wake);
        lost
    }

    /// Forgets all commands that wait: a restart must not replay motion. Returns how many.
    pub(crate) fn drop_commands(&self) -> usize {
        let mut dropped = Vec::new();
        let mut inner = self.lock();
        let mut lost = 0;
        for port in inner
            .ports
            .iter_mut()
            .filter(|port| port.kind == Kind::Command)
        {
            let (count, values) = port.ring.clear();
            lost += count;
            dropped.push(values);
        }
        inner.lanes[Lane::Command as usize].clear();
        drop(inner);
        lost
    }

    /// Ends the asks whose deadline has passed.
    pub(crate) fn end_overdue_asks(&self, now: Time) {
        let mut wakers = Vec::new();
        let mut inner = self.lock();
        for port in &mut inner.ports {
            port.ring.end_asks(Some(now), &mut wakers);
        }
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Sets how many told and asked messages may wait.
    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.lock().capacity = capacity.max(1);
    }
}

impl<A: Actor> Inner<A> {
    /// Whether the actor may still be sent to.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// The port for told and asked messages of type `M` in this lane, made at first use.
    pub(crate) fn direct_port<M: Send + 'static>(&mut self, lane: Lane) -> u16
    where
        A: Handler<M>,
    {
        let kind = Kind::Direct(TypeId::of::<M>());
        let known = self
            .ports
            .iter()
            .position(|port| port.kind == kind && port.lane == lane);
        let place = known.unwrap_or_else(|| {
            let ring = Box::new(DirectRing::<M, A::Reply>::new());
            let build = crate::cell::direct_port::<A, M>;
            self.ports.push(Port {
                kind,
                lane,
                ring,
                build,
                meta: None,
            });
            self.ports.len() - 1
        });
        u16::try_from(place).expect("an actor has few message types")
    }

    /// Adds the port of one edge.
    pub(crate) fn add_port(
        &mut self,
        lane: Lane,
        ring: Box<dyn Ring>,
        build: fn(u16) -> Box<dyn LocalPort<A>>,
        meta: Arc<EdgeMeta>,
    ) -> u16 {
        let kind = if lane == Lane::Command {
            Kind::Command
        } else {
            Kind::Edge
        };
        self.ports.push(Port {
            kind,
            lane,
            ring,
            build,
            meta: Some(meta),
        });
        u16::try_from(self.ports.len() - 1).expect("an actor has few edges")
    }

    /// The queue of a port, as the type that it was made with.
    pub(crate) fn ring<T: Ring>(&mut self, port: u16) -> &mut T {
        let ring: &mut dyn Any = self.ports[usize::from(port)].ring.as_mut();
        ring.downcast_mut()
            .expect("a port keeps the type it was made with")
    }

    /// Puts a token into the lane of its port.
    pub(crate) fn push_token(&mut self, port: u16) {
        let lane = self.ports[usize::from(port)].lane;
        self.lanes[lane as usize].push_back(port);
    }

    /// Whether a sender with this place among the waiting (if it has one) may push now.
    pub(crate) fn has_room(&self, lane: Lane, waiter: Option<u64>) -> bool {
        if lane == Lane::System {
            return self.lanes[Lane::System as usize].len() < URGENT_CAPACITY;
        }
        let first = self.waiting.front().map(|(id, _)| *id);
        self.queued < self.capacity && (first.is_none() || first == waiter)
    }

    /// Counts a user message in.
    pub(crate) fn count_in(&mut self, lane: Lane) {
        self.queued += usize::from(lane == Lane::User);
    }

    /// Counts a user message out; returns the sender that may push now.
    pub(crate) fn count_out(&mut self, lane: Lane) -> Option<Waker> {
        self.queued -= usize::from(lane == Lane::User);
        self.first_waiter()
    }

    /// The waker of the first sender that waits, if there is room for it.
    pub(crate) fn first_waiter(&self) -> Option<Waker> {
        (self.queued < self.capacity)
            .then(|| self.waiting.front().map(|(_, waker)| waker.clone()))
            .flatten()
    }

    /// Queues a sender, or renews its waker.
    pub(crate) fn wait(&mut self, waiter: &mut Option<u64>, waker: &Waker) {
        let known = waiter.and_then(|id| self.waiting.iter_mut().find(|(found, _)| *found == id));
        if let Some((_, known)) = known {
            known.clone_from(waker);
            return;
        }
        let id = self.next_waiter;
        self.next_waiter += 1;
        self.waiting.push_back((id, waker.clone()));
        *waiter = Some(id);
    }

    /// Takes a sender out of the queue.
    pub(crate) fn leave(&mut self, waiter: Option<u64>) {
        if let Some(id) = waiter {
            self.waiting.retain(|(found, _)| *found != id);
        }
    }
}
