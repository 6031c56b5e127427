//! A mailbox: typed queues, lanes of tokens that say in which order to look at them, one lock, one waker.
//!
//! A push puts the value into the queue of its type and a token into a lane, in one critical section, so that
//! the order across types is kept. The owner takes the waiting lane whole, with the values of its messages, and
//! handles that batch without the lock; what may still be displaced or withdrawn (edges, commands) stays in the
//! mailbox until its turn comes. No user code runs under the lock: displaced values are dropped after it.

mod awaited;
mod counters;
mod inner;
mod lanes;
mod order;
mod owner;
mod ring;
mod room;
mod shared;
mod slots;

pub(crate) use counters::{Ages, MailboxCounters, OwnersLine};
pub(crate) use inner::Inner;
pub use order::Injection;
pub(crate) use order::{Order, Orders};
pub(crate) use ring::{
    CommandRing, DirectRing, EdgeRing, Envelope, Keep, Lost, LostValues, Offered, Ticket,
};
pub(crate) use shared::Shared;

use crate::Actor;
use crate::dead_letters::Undelivered;
use crate::report::NodeRecord;
use crate::sched::CellWaker;
use crate::sync::{Lock, LockGuard, fence};
use inner::Kind;
use lanes::Lanes;
pub(crate) use room::LetIn;
use room::Room;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::{Wake, Waker};

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

/// What came of looking for the next batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Batch {
    /// The waiting lane is in the owner's hands.
    Taken,
    /// So is its only message, and the next push wakes the owner.
    TakenAsleep,
    /// Only what overtakes stands there.
    Overtaken,
    /// Nothing stands there, and the next push wakes the owner.
    Asleep,
}

/// The mailbox of one node; it outlives the incarnations of its actor.
///
/// In this order in memory: see [`NodeRecord`].
#[repr(C)]
pub(crate) struct Mailbox<A> {
    inner: Lock<Inner<A>>,
    /// Wakes its actor, once that has a slot in a scheduler.
    waker: OnceLock<CellWaker>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) name: Arc<str>,
    /// Unlike that of any other actor of the system, of any time.
    pub(crate) id: u64,
    pub(crate) record: NodeRecord,
}

impl<A> std::fmt::Debug for Mailbox<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

/// What its actor waits for wakes it by its mailbox.
impl<A: Actor> Wake for Mailbox<A> {
    fn wake(self: Arc<Self>) {
        Mailbox::wake(&self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        Mailbox::wake(self);
    }
}

impl<A: Actor> Mailbox<A> {
    /// The mailbox of what stands for another actor and has its name and its number.
    #[cfg(unix)]
    pub(crate) fn in_place_of<B: Actor>(other: &Mailbox<B>) -> Self {
        Self {
            id: other.id,
            ..Self::new(Arc::clone(&other.name), Arc::clone(&other.shared))
        }
    }

    pub(crate) fn new(name: impl Into<Arc<str>>, shared: Arc<Shared>) -> Self {
        let inner = Inner {
            lanes: Lanes::default(),
            ports: Vec::new(),
            asleep: false,
            open: true,
            closing: false,
            orders: None,
            listed: false,
            room: Room::default(),
        };
        Self {
            inner: Lock::new(inner),
            name: name.into(),
            id: shared.next_id(),
            record: NodeRecord::default(),
            waker: OnceLock::new(),
            shared,
        }
    }

    /// Locks. Nothing is half done where code of others can panic under the lock (a waker's drop).
    pub(crate) fn lock(&self) -> LockGuard<'_, Inner<A>> {
        self.inner.lock()
    }

    /// Whether an order stands.
    pub(crate) fn has_orders(&self) -> bool {
        self.record.owner.ordered.load(Ordering::Acquire)
    }

    /// Gives an order, and wakes the actor even if it is busy or waits to be built: no message can do that.
    pub(crate) fn order(&self, order: Order) {
        let mut inner = self.lock();
        if !inner.open {
            drop(inner);
            if let Some(stand_in) = self.record.bonds.stand_in() {
                stand_in.post(order);
            }
            return;
        }
        inner.orders.get_or_insert_default().add(order);
        self.record.owner.ordered.store(true, Ordering::Release);
        drop(inner);
        self.wake();
    }

    /// Takes the orders.
    pub(crate) fn take_orders(&self) -> Orders {
        let mut inner = self.lock();
        self.record.owner.ordered.store(false, Ordering::Release);
        let orders = inner.orders.take();
        drop(inner);
        orders.map(|orders| *orders).unwrap_or_default()
    }

    /// Unlocks, then wakes the actor if it sleeps: never wake under a lock. `false`: it did not sleep.
    pub(crate) fn unlock_and_wake(&self, mut inner: LockGuard<'_, Inner<A>>) -> bool {
        let asleep = std::mem::replace(&mut inner.asleep, false);
        drop(inner);
        if asleep {
            self.wake();
        }
        asleep
    }

    /// Unlocks after a sender began to wait for room, and has the schedulers know that somebody waits here. An owner that
    /// fell asleep as it took its last message has yet to count it: it may not see who waits, so it is woken.
    pub(crate) fn unlock_and_list(self: &Arc<Self>, mut inner: LockGuard<'_, Inner<A>>) {
        let news = inner.is_news();
        self.unlock_and_wake(inner);
        if news {
            self.shared.list(Arc::clone(self) as _);
        }
    }

    /// Says whom it wakes; once, before its actor first runs.
    pub(crate) fn settle(&self, waker: CellWaker) {
        // A mailbox belongs to one cell for ever.
        let _ = self.waker.set(waker);
    }

    /// Says that the cell is about to be polled: later wakes count anew.
    #[inline]
    pub(crate) fn taken(&self) {
        if let Some(waker) = self.waker.get() {
            waker.taken();
        }
    }

    /// Whether the actor lives on a thread besides that on which its system does.
    pub(crate) fn runs_elsewhere(&self) -> bool {
        let waker = self.waker.get();
        waker.is_some_and(|waker| !self.shared.is_at_home(waker.queue()))
    }

    /// Has the cell look at its mailbox.
    #[inline]
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            waker.wake();
        }
    }

    /// Puts a token into the lane of its port.
    pub(crate) fn push_token(&self, inner: &mut Inner<A>, port: u16) {
        let lane = inner.ports[usize::from(port)].lane;
        if inner.lanes.push(lane, port) {
            self.record.owner.overtaken.store(true, Ordering::Release);
        }
    }

    /// Whether a sender with this place among the waiting (if it has one) may push now.
    pub(crate) fn has_room(&self, inner: &Inner<A>, lane: Lane, waiter: Option<u64>) -> bool {
        if lane == Lane::System {
            return inner.lanes.urgent() < URGENT_CAPACITY;
        }
        if inner.room.is_let_in(waiter) {
            return true;
        }
        let (kept, owner) = (inner.room.kept(), &self.record.owner);
        inner.room.is_first(waiter) && self.record.mailbox.has_room_beyond(kept, owner)
    }

    /// Lets in as many of the senders that wait as there is room for, a few at a time; they are to be woken once the lock
    /// is given back. `true`: there may be more.
    pub(crate) fn let_in_some(&self, inner: &mut Inner<A>, wakers: &mut LetIn) -> bool {
        let room = self.record.mailbox.room(&self.record.owner);
        let free = room.saturating_sub(inner.room.kept());
        let more = inner.room.let_in(free, wakers);
        let crowded = inner.room.is_awaited();
        self.record.owner.crowded.store(crowded, Ordering::Relaxed);
        more
    }

    /// Queues a sender that found no room, or renews its waker. `false`: meanwhile there is room for it.
    pub(crate) fn wait(
        &self,
        inner: &mut Inner<A>,
        waiter: &mut Option<u64>,
        waker: &Waker,
    ) -> bool {
        if waiter.is_none() {
            self.record.mailbox.wait();
        }
        inner.room.wait(waiter, waker);
        self.record.owner.crowded.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        !self.has_room(inner, Lane::User, *waiter)
    }

    /// Takes a sender out of the queue of those that wait.
    pub(crate) fn leave(&self, inner: &mut Inner<A>, waiter: Option<u64>) {
        if waiter.is_some() {
            inner.room.leave(waiter);
            let crowded = !inner.room.is_awaited();
            self.record.owner.crowded.store(!crowded, Ordering::Relaxed);
        }
    }

    /// Closes for good; answers all askers and returns how many messages nobody will handle. What stands in the
    /// owner's batch is the owner's to bury.
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
        inner.lanes.clear();
        wakers.extend(inner.room.clear());
        self.record.mailbox.clear(&self.record.owner);
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
        self.bury(dropped);
        lost
    }

    /// Drops messages that nobody will handle, outside of any lock: dead letters, but for values of edges, which are
    /// counted where they are lost.
    pub(crate) fn bury(&self, dropped: Vec<Box<dyn Lost>>) {
        if dropped.is_empty() {
            return;
        }
        let now = self.shared.now();
        for lost in dropped {
            if let Some((message, count)) = lost.letters() {
                let why = Undelivered::Ended;
                self.shared
                    .dead_letters
                    .post(&self.name, message, why, count, now);
            }
            lost.drop_each();
        }
    }

    /// Forgets all commands that wait: a restart must not replay motion. Returns how many.
    pub(crate) fn drop_commands(&self) -> usize {
        let mut dropped = Vec::new();
        let mut inner = self.lock();
        let ports = inner.ports.iter_mut();
        let commands = ports.filter(|port| port.kind == Kind::Command);
        let lost = commands.map(|port| port.empty(&mut dropped)).sum();
        inner.lanes.clear_commands();
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
        let _inner = self.lock();
        self.record.mailbox.set_capacity(capacity.max(1));
    }

    /// Puts what was told or asked into the queue of its port.
    pub(crate) fn push<M, R>(&self, inner: &mut Inner<A>, port: u16, envelope: Envelope<M>)
    where
        M: Send + 'static,
        R: Send + 'static,
    {
        inner.ring::<DirectRing<M, R>>(port).push(envelope);
        if inner.ports[usize::from(port)].lane == Lane::User {
            self.record.mailbox.enter(&self.record.owner);
        }
        self.push_token(inner, port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::command_port;
    use crate::edge::EdgeMeta;
    use crate::{Context, Failure, Handler, Leased, Time};

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
        inner
            .ring::<CommandRing<u8>>(port)
            .offer(Time::ZERO, command);
        mailbox.push_token(&mut inner, port);
        drop(inner);
        assert_eq!(mailbox.drop_commands(), 1);
        assert!(mailbox.next_overtaker().is_none());
    }
}
