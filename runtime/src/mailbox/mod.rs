//! A mailbox: typed queues, lanes of tokens that say in which order to look at them, one lock, one waker.
//!
//! A push puts the value into the queue of its type and a token into a lane, in one critical section, so that
//! the order across types is kept. The owner takes the waiting lane whole, with the values of its messages, and
//! handles that batch without the lock; what may still be displaced or withdrawn (edges, commands) stays in the
//! mailbox until its turn comes. No user code runs under the lock: displaced values are dropped after it.

mod order;
mod ring;
mod room;
mod shared;
mod slots;

pub use order::Injection;
pub(crate) use order::{Order, Orders};
pub(crate) use ring::{
    CommandRing, DirectRing, EdgeRing, Envelope, Keep, Lost, Offered, Ring, Ticket,
};
pub(crate) use shared::Shared;

use crate::cell::LocalPort;
use crate::edge::{EdgeMeta, count};
use crate::report::NodeRecord;
use crate::sched::CellWaker;
use crate::waits::{Awaited, Wait, WaitsOn};
use crate::{Actor, AskError, Handler, Time};
use ring::LastRing;
use room::Room;
use std::any::{Any, TypeId};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
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

/// How many lanes overtake inputs, timers and all other messages: those looked at before the last.
const OVERTAKING: usize = Lane::User as usize;

/// What came of looking for the next batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Batch {
    /// The waiting lane is in the owner's hands.
    Taken,
    /// Only what overtakes stands there.
    Overtaken,
    /// Nothing stands there, and the next push wakes the owner.
    Asleep,
}

/// The mailbox of one node; it outlives the incarnations of its actor.
pub(crate) struct Mailbox<A> {
    inner: Mutex<Inner<A>>,
    pub(crate) name: Arc<str>,
    /// Unlike that of any other actor of the system, of any time.
    pub(crate) id: u64,
    pub(crate) record: NodeRecord,
    /// Whether there are orders: cheap enough to ask between any two messages.
    ordered: AtomicBool,
    /// Whether an overtaking lane holds anything.
    overtaken: AtomicBool,
    /// Whether senders wait for room.
    crowded: AtomicBool,
    /// How many told and asked messages the owner took; it alone writes.
    taken: AtomicU64,
    waker: OnceLock<Arc<CellWaker>>,
    pub(crate) shared: Arc<Shared>,
}

/// What the lock protects.
pub(crate) struct Inner<A> {
    lanes: [VecDeque<u16>; 3],
    pub(crate) ports: Vec<Port<A>>,
    asleep: bool,
    open: bool,
    /// Whether the end stands in the waiting lane: only what is urgent may still come.
    closing: bool,
    orders: Orders,
    /// Whether it is listed among those that are waited for.
    listed: bool,
    pub(crate) room: Room,
}

/// Builds the local half of a port, by its number and by what is counted about its edge.
type Build<A> = fn(u16, Option<&Arc<EdgeMeta>>) -> Box<dyn LocalPort<A>>;

/// One queue of a mailbox, and how its local half is built.
pub(crate) struct Port<A> {
    kind: Kind,
    pub(crate) lane: Lane,
    pub(crate) ring: Box<dyn Ring>,
    pub(crate) build: Build<A>,
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
    /// The end, after all that was sent before it.
    Last,
}

impl<A> std::fmt::Debug for Mailbox<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

impl<A: Actor> Mailbox<A> {
    pub(crate) fn new(name: impl Into<Arc<str>>, shared: Arc<Shared>) -> Self {
        let inner = Inner {
            lanes: Default::default(),
            ports: Vec::new(),
            asleep: false,
            open: true,
            closing: false,
            orders: Orders::default(),
            listed: false,
            room: Room::new(),
        };
        Self {
            inner: Mutex::new(inner),
            name: name.into(),
            id: shared.next_id(),
            record: NodeRecord::default(),
            ordered: AtomicBool::new(false),
            overtaken: AtomicBool::new(false),
            crowded: AtomicBool::new(false),
            taken: AtomicU64::new(0),
            waker: OnceLock::new(),
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
    pub(crate) fn order(&self, order: Order) {
        let mut inner = self.lock();
        if !inner.open {
            return;
        }
        inner.orders.add(order);
        self.ordered.store(true, Ordering::Release);
        drop(inner);
        self.wake();
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
        drop(inner);
        if asleep {
            self.wake();
        }
        asleep
    }

    /// Unlocks after a sender began to wait for room, and has the schedulers know that somebody waits here.
    pub(crate) fn unlock_and_list(self: &Arc<Self>, mut inner: MutexGuard<'_, Inner<A>>) {
        let news = inner.is_news();
        drop(inner);
        if news {
            self.shared.list(Arc::clone(self) as _);
        }
    }

    /// Sets who is woken by a push; once, before the actor first runs.
    pub(crate) fn set_waker(&self, waker: Arc<CellWaker>) {
        // A mailbox belongs to one cell for ever.
        let _ = self.waker.set(waker);
    }

    /// Has the cell look at its mailbox.
    pub(crate) fn wake(&self) {
        if let Some(cell) = self.waker.get() {
            cell.wake_cell();
        }
    }

    /// Puts a token into the lane of its port.
    pub(crate) fn push_token(&self, inner: &mut Inner<A>, port: u16) {
        let lane = inner.ports[usize::from(port)].lane as usize;
        inner.lanes[lane].push_back(port);
        if lane < OVERTAKING {
            self.overtaken.store(true, Ordering::Release);
        }
    }

    /// Takes the next token of the lanes that overtake, in their order; the lock is still held, for its value to be
    /// taken.
    pub(crate) fn next_overtaker(&self) -> Option<(MutexGuard<'_, Inner<A>>, u16)> {
        if !self.overtaken.load(Ordering::Acquire) {
            return None;
        }
        let mut inner = self.lock();
        let mut lanes = inner.lanes[..OVERTAKING].iter_mut();
        if let Some(port) = lanes.find_map(VecDeque::pop_front) {
            return Some((inner, port));
        }
        self.overtaken.store(false, Ordering::Release);
        None
    }

    /// Swaps the waiting lane for the owner's batch, which is empty; the lock is still held, for the values to
    /// follow. Falls asleep if no lane holds anything: under that lock, so that no push is missed.
    pub(crate) fn take_batch(
        &self,
        batch: &mut VecDeque<u16>,
    ) -> (Batch, MutexGuard<'_, Inner<A>>) {
        let mut inner = self.lock();
        let waiting = &mut inner.lanes[Lane::User as usize];
        if !waiting.is_empty() {
            std::mem::swap(waiting, batch);
            return (Batch::Taken, inner);
        }
        let taken = if inner.falls_asleep() {
            Batch::Asleep
        } else {
            Batch::Overtaken
        };
        (taken, inner)
    }

    /// Whether something came that is to be looked at before the next message.
    #[inline]
    pub(crate) fn interrupts(&self) -> bool {
        self.ordered.load(Ordering::Acquire) || self.overtaken.load(Ordering::Acquire)
    }

    /// The owner took a told or asked message into its hands.
    pub(crate) fn count_taken(&self) {
        count(&self.taken);
    }

    /// Lets the first of the senders that wait go on, if there is room for it now. Before the owner pauses in the
    /// middle of a message: one that begins to wait at this very moment either is seen here or sees the room.
    pub(crate) fn let_in_before_pause(&self) {
        fence(Ordering::SeqCst);
        self.let_in();
    }

    /// As [`let_in_before_pause`](Self::let_in_before_pause), where the owner looks again soon.
    pub(crate) fn let_in(&self) {
        if !self.crowded.load(Ordering::Relaxed) {
            return;
        }
        let inner = self.lock();
        let first = self.first_waiter(&inner);
        drop(inner);
        first.into_iter().for_each(Waker::wake);
    }

    /// Whether a sender with this place among the waiting (if it has one) may push now.
    pub(crate) fn has_room(&self, inner: &Inner<A>, lane: Lane, waiter: Option<u64>) -> bool {
        if lane == Lane::System {
            return inner.lanes[Lane::System as usize].len() < URGENT_CAPACITY;
        }
        inner
            .room
            .is_there_for(waiter, self.taken.load(Ordering::Acquire))
    }

    /// The waker of the first sender that waits, if there is room for it.
    pub(crate) fn first_waiter(&self, inner: &Inner<A>) -> Option<Waker> {
        inner.room.first_waiter(self.taken.load(Ordering::Acquire))
    }

    /// Queues a sender that found no room, or renews its waker. `false`: meanwhile there is room for it.
    pub(crate) fn wait(
        &self,
        inner: &mut Inner<A>,
        waiter: &mut Option<u64>,
        waker: &Waker,
    ) -> bool {
        inner.room.wait(waiter, waker);
        self.crowded.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        !self.has_room(inner, Lane::User, *waiter)
    }

    /// Takes a sender out of the queue of those that wait.
    pub(crate) fn leave(&self, inner: &mut Inner<A>, waiter: Option<u64>) {
        if waiter.is_some() {
            inner.room.leave(waiter);
            let crowded = !inner.room.is_awaited();
            self.crowded.store(!crowded, Ordering::Relaxed);
        }
    }

    /// Closes for good; answers all askers and returns how many messages nobody will handle. What stands in the
    /// owner's batch is the owner's to drop.
    pub(crate) fn close(&self) -> usize {
        let mut wakers = Vec::new();
        let mut dropped = Vec::new();
        let mut inner = self.lock();
        inner.open = false;
        let mut lost = 0;
        for port in &mut inner.ports {
            lost += port.empty(&mut dropped);
            port.ring.end_asks(&mut wakers);
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

    /// Has the actor stop after all that was sent before; who still waits for room hears that it has ended.
    pub(crate) fn close_after_last(&self) {
        let mut inner = self.lock();
        if !inner.is_open() {
            return;
        }
        inner.closing = true;
        let number = inner.last_port();
        self.push_token(&mut inner, number);
        let wakers: Vec<_> = inner.room.clear().collect();
        self.unlock_and_wake(inner);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Sets how many told and asked messages may wait.
    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.lock().room.set_capacity(capacity);
    }

    /// Puts what was told or asked into the queue of its port.
    pub(crate) fn push<M, R>(&self, inner: &mut Inner<A>, port: u16, envelope: Envelope<M>)
    where
        M: Send + 'static,
        R: Send + 'static,
    {
        inner
            .ring::<DirectRing<M, R>>(port)
            .queue
            .push_back(envelope);
        if inner.ports[usize::from(port)].lane == Lane::User {
            inner.room.take();
        }
        self.push_token(inner, port);
    }
}

impl<A: Actor> Awaited for Mailbox<A> {
    fn id(&self) -> u64 {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn sweep(&self, now: Time, found: &mut Vec<Wait>) -> bool {
        let mut wakers = Vec::new();
        let mut inner = self.lock();
        let before = found.len();
        for (place, port) in inner.ports.iter_mut().enumerate() {
            port.ring.sweep(now, &mut wakers, &mut |waiter, ticket| {
                let on = WaitsOn::Answer(place, ticket);
                found.push(Wait::new(waiter, self.id, on));
            });
        }
        inner.room.name_waiting(&mut |waiter, place| {
            found.push(Wait::new(waiter, self.id, WaitsOn::Room(place)));
        });
        inner.listed = found.len() > before;
        let listed = inner.listed;
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
        listed
    }

    fn doom(&self, on: WaitsOn, why: &str) {
        let mut wakers = Vec::new();
        let mut inner = self.lock();
        match on {
            WaitsOn::Answer(port, ticket) => {
                let error = AskError::WouldDeadlock(why.to_owned());
                inner.ports[port].ring.end_ask(ticket, error, &mut wakers);
            }
            WaitsOn::Room(place) => wakers.extend(inner.room.doom(place, why)),
        }
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl<A: Actor> Inner<A> {
    /// Whether the mailbox is to be listed among those that somebody waits for, now that somebody does.
    #[inline]
    pub(crate) fn is_news(&mut self) -> bool {
        !std::mem::replace(&mut self.listed, true)
    }

    /// Has the next push wake the owner, if no lane holds anything; the owner's hands must be empty too.
    pub(crate) fn falls_asleep(&mut self) -> bool {
        self.asleep = self.lanes.iter().all(VecDeque::is_empty);
        self.asleep
    }

    /// Whether the actor may still be sent to.
    pub(crate) fn is_open(&self) -> bool {
        self.open && !self.closing
    }

    /// Whether the actor may still be sent to in this lane.
    pub(crate) fn takes(&self, lane: Lane) -> bool {
        self.open && (lane == Lane::System || !self.closing)
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

    /// The port of the end.
    fn last_port(&mut self) -> u16 {
        self.ports.push(Port {
            kind: Kind::Last,
            lane: Lane::User,
            ring: Box::new(LastRing),
            build: crate::cell::last_port::<A>,
            meta: None,
        });
        u16::try_from(self.ports.len() - 1).expect("an actor has few message types")
    }

    /// Adds the port of one edge.
    pub(crate) fn add_port(
        &mut self,
        lane: Lane,
        ring: Box<dyn Ring>,
        build: Build<A>,
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
        let mailbox = Mailbox::<Driven>::new("driven", Arc::default());
        let (ring, meta) = (CommandRing::<u8>::new(), Arc::new(EdgeMeta::new(0)));
        let mut inner = mailbox.lock();
        let build = command_port::<Driven, u8>;
        let port = inner.add_port(Lane::Command, Box::new(ring), build, meta);
        let command = Leased::new(1_u8, Time::NEVER);
        inner.ring::<CommandRing<u8>>(port).offer(command);
        mailbox.push_token(&mut inner, port);
        drop(inner);
        assert_eq!(mailbox.drop_commands(), 1);
        assert!(mailbox.next_overtaker().is_none());
    }
}
