//! A mailbox: typed queues, lanes of tokens that say in which order to look at them, one lock, one waker.
//!
//! A push puts the value into the queue of its type and a token into a lane, in one critical section, so that
//! the order across types is kept. No user code runs under the lock: displaced values are dropped after it.

mod order;
mod ring;
mod room;
mod shared;
mod slots;

pub use order::Injection;
pub(crate) use order::Orders;
pub(crate) use ring::{CommandRing, DirectRing, EdgeRing, Envelope, Keep, Offered, Ring, Ticket};
pub(crate) use shared::Shared;

use crate::cell::LocalPort;
use crate::edge::EdgeMeta;
use crate::{Actor, Handler, Time};
use ring::Lost;
use room::Room;
use std::any::{Any, TypeId};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// How many urgent messages may wait: they are rare by nature, and a flood of them would starve the rest.
const URGENT_CAPACITY: usize = 16;

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

impl Lane {
    /// All lanes.
    pub(crate) const ALL: Range<usize> = 0..3;
    /// Those that overtake inputs, timers and all other messages.
    pub(crate) const OVERTAKING: Range<usize> = 0..2;
    /// Those that wait for their turn.
    pub(crate) const WAITING: Range<usize> = 2..3;
}

/// The mailbox of one node; it outlives the incarnations of its actor.
pub(crate) struct Mailbox<A> {
    inner: Mutex<Inner<A>>,
    /// Whether there are orders: cheap enough to ask between any two messages.
    ordered: AtomicBool,
    pub(crate) shared: Arc<Shared>,
}

/// What the lock protects.
pub(crate) struct Inner<A> {
    lanes: [VecDeque<u16>; 3],
    pub(crate) ports: Vec<Port<A>>,
    waker: Option<Waker>,
    asleep: bool,
    open: bool,
    orders: Orders,
    pub(crate) room: Room,
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
            orders: Orders::default(),
            room: Room::new(),
        };
        Self {
            inner: Mutex::new(inner),
            ordered: AtomicBool::new(false),
            shared,
        }
    }

    /// Locks. Nothing is half done where code of others can panic under the lock (a waker's drop), so poison is
    /// no news.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner<A>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an order stands.
    pub(crate) fn has_orders(&self) -> bool {
        self.ordered.load(Ordering::Acquire)
    }

    /// Gives an order, and wakes the actor even if it is busy or waits to be built: no message can do that.
    pub(crate) fn order(&self, give: impl FnOnce(&mut Orders)) {
        let mut inner = self.lock();
        if !inner.open {
            return;
        }
        give(&mut inner.orders);
        self.ordered.store(true, Ordering::Release);
        let waker = inner.waker.clone();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes the orders.
    pub(crate) fn take_orders(&self) -> Orders {
        let mut inner = self.lock();
        self.ordered.store(false, Ordering::Release);
        std::mem::take(&mut inner.orders)
    }

    /// Unlocks, then wakes the actor if it sleeps: never wake under a lock. `false`: it did not sleep.
    pub(crate) fn unlock_and_wake(&self, mut inner: MutexGuard<'_, Inner<A>>) -> bool {
        let asleep = std::mem::replace(&mut inner.asleep, false);
        let waker = asleep.then(|| inner.waker.clone()).flatten();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
        asleep
    }

    /// Sets who is woken by a push.
    pub(crate) fn set_waker(&self, waker: Waker) {
        let mut inner = self.lock();
        inner.waker = Some(waker);
        inner.asleep = false;
    }

    /// Takes the next token of these lanes, in their order, and says whether it overtakes; the lock is still held,
    /// for its value to be taken. Falls asleep if no lane has one: under that lock, so that no push is missed.
    pub(crate) fn next(
        &self,
        lanes: Range<usize>,
    ) -> Option<(MutexGuard<'_, Inner<A>>, u16, bool)> {
        let mut inner = self.lock();
        for lane in lanes {
            if let Some(port) = inner.lanes[lane].pop_front() {
                return Some((inner, port, Lane::OVERTAKING.contains(&lane)));
            }
        }
        inner.asleep = inner.lanes.iter().all(VecDeque::is_empty);
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
            lost += port.empty(&mut dropped);
            port.ring.end_asks(None, &mut wakers);
        }
        inner.lanes.iter_mut().for_each(VecDeque::clear);
        wakers.extend(inner.room.clear());
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
        dropped.into_iter().for_each(Lost::drop_each);
        lost
    }

    /// Forgets all commands that wait: a restart must not replay motion. Returns how many.
    pub(crate) fn drop_commands(&self) -> usize {
        let mut dropped = Vec::new();
        let mut inner = self.lock();
        let ports = inner.ports.iter_mut();
        let commands = ports.filter(|port| port.kind == Kind::Command);
        let lost = commands.map(|port| port.empty(&mut dropped)).sum();
        inner.lanes[Lane::Command as usize].clear();
        drop(inner);
        dropped.into_iter().for_each(Lost::drop_each);
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
        self.lock().room.set_capacity(capacity);
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
        self.room.is_there_for(waiter)
    }

    /// Puts what was told or asked into the queue of its port.
    pub(crate) fn push<M, R>(&mut self, port: u16, lane: Lane, envelope: Envelope<M>)
    where
        M: Send + 'static,
        R: Send + 'static,
    {
        let ring = self.ring::<DirectRing<M, R>>(port);
        ring.queue.push_back(envelope);
        self.push_token(port);
        if lane == Lane::User {
            self.room.take();
        }
    }

    /// Takes what was told or asked out of the queue of its port, with the sender that may push now.
    pub(crate) fn pop<M, R>(&mut self, port: u16) -> Option<(Envelope<M>, Option<Waker>)>
    where
        M: Send + 'static,
        R: Send + 'static,
    {
        let envelope = self.ring::<DirectRing<M, R>>(port).queue.pop_front()?;
        if self.ports[usize::from(port)].lane == Lane::System {
            return Some((envelope, None));
        }
        self.room.give_back();
        Some((envelope, self.room.first_waiter()))
    }
}

impl<A> Port<A> {
    /// Empties the queue, and counts what an edge lost by that; it is dropped after the lock is given back.
    fn empty(&mut self, dropped: &mut Vec<Box<dyn Lost>>) -> usize {
        let (count, values) = self.ring.clear();
        if let Some(meta) = &self.meta {
            meta.dropped.fetch_add(count as u64, Ordering::Relaxed);
        }
        dropped.push(values);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::command_port;
    use crate::{Context, Failure, Leased};

    struct Driven;

    impl Actor for Driven {}

    impl Handler<Leased<u8>> for Driven {
        type Reply = ();
        async fn handle(&mut self, _: Leased<u8>, _: &mut Context<Self>) -> Result<(), Failure> {
            Ok(())
        }
    }

    #[test]
    fn forgotten_commands_leave_no_token_behind() {
        let mailbox = Mailbox::<Driven>::new(Arc::default());
        let (ring, meta) = (CommandRing::<u8>::new(), Arc::new(EdgeMeta::new(0)));
        let mut inner = mailbox.lock();
        let build = command_port::<Driven, u8>;
        let port = inner.add_port(Lane::Command, Box::new(ring), build, meta);
        let command = Leased::new(1_u8, Time::NEVER);
        inner.ring::<CommandRing<u8>>(port).offer(command);
        inner.push_token(port);
        drop(inner);
        assert_eq!(mailbox.drop_commands(), 1);
        assert!(mailbox.next(Lane::ALL).is_none());
    }
}
