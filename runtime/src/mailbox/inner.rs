//! What the lock of a mailbox protects: lanes of tokens, and the ports with their queues.

use super::lanes::Lanes;
use super::order::Orders;
use super::ring::{DirectRing, LastRing, Lost, Ring};
use super::room::Room;
use super::{Lane, URGENT_CAPACITY};
use crate::cell::LocalPort;
use crate::edge::EdgeMeta;
use crate::{Actor, Handler};
use std::any::{Any, TypeId};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What the lock protects.
pub(crate) struct Inner<A> {
    pub(super) lanes: Lanes,
    pub(crate) ports: Vec<Port<A>>,
    pub(super) asleep: bool,
    pub(super) open: bool,
    /// Whether the end stands in the waiting lane: only what is urgent may still come.
    pub(super) closing: bool,
    /// Made by the first order: few actors are ever given one but the last.
    pub(super) orders: Option<Box<Orders>>,
    /// Whether it is listed among those that are waited for.
    pub(super) listed: bool,
    pub(crate) room: Room,
}

/// Builds the local half of a port, by its number and by what is counted about its edge.
type Build<A> = fn(u16, Option<&Arc<EdgeMeta>>) -> Box<dyn LocalPort<A>>;

/// One queue of a mailbox, and how its local half is built.
pub(crate) struct Port<A> {
    pub(super) kind: Kind,
    pub(crate) lane: Lane,
    pub(crate) ring: Box<dyn Ring>,
    pub(crate) build: Build<A>,
    /// What is counted, if an edge ends here.
    pub(crate) meta: Option<Arc<EdgeMeta>>,
}

/// What a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Told and asked messages of this type.
    Direct(TypeId),
    /// One edge of readings or events.
    Edge,
    /// One edge of commands.
    Command,
    /// The end, after all that was sent before it.
    Last,
}

impl<A: Actor> Inner<A> {
    /// Whether the mailbox is to be listed among those that somebody waits for, now that somebody does.
    #[inline]
    pub(crate) fn is_news(&mut self) -> bool {
        !std::mem::replace(&mut self.listed, true)
    }

    /// Has the next push wake the owner, if no lane holds anything; the owner's hands must be empty too.
    pub(crate) fn falls_asleep(&mut self) -> bool {
        self.asleep = self.lanes.are_empty();
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
        self.port_for::<M, A::Reply>(lane, crate::cell::direct_port::<A, M>)
    }

    /// The port for what is sent as a value of type `M` in this lane, made at first use with this local half.
    pub(crate) fn port_for<M, R>(&mut self, lane: Lane, build: Build<A>) -> u16
    where
        M: Send + 'static,
        R: Send + 'static,
    {
        let kind = Kind::Direct(TypeId::of::<M>());
        let known = self
            .ports
            .iter()
            .position(|port| port.kind == kind && port.lane == lane);
        let place = known.unwrap_or_else(|| {
            // Many actors take messages of one type only: room for four would be most of what they need.
            self.ports.reserve_exact(1);
            // What is urgent has all the room that it will ever need: an alarm waits for no allocation.
            let room = if lane == Lane::System {
                URGENT_CAPACITY
            } else {
                0
            };
            self.ports.push(Port {
                kind,
                lane,
                ring: Box::new(DirectRing::<M, R>::with_room(room)),
                build,
                meta: None,
            });
            self.ports.len() - 1
        });
        u16::try_from(place).expect("an actor has few message types")
    }

    /// The port of the end.
    pub(super) fn last_port(&mut self) -> u16 {
        self.ports.reserve_exact(1);
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
    pub(super) fn empty(&mut self, dropped: &mut Vec<Box<dyn Lost>>) -> usize {
        let Some((count, values)) = self.ring.clear() else {
            return 0;
        };
        if let Some(meta) = &self.meta {
            meta.dropped.fetch_add(count as u64, Ordering::Relaxed);
        }
        dropped.push(values);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mailbox;
    use super::super::ring::Envelope;
    use super::*;
    use crate::{Context, Failure};

    struct Bell;

    impl Actor for Bell {}

    impl Handler<u8> for Bell {
        type Reply = ();
        async fn handle(&mut self, _: u8, _: &mut Context<Self>) -> Result<(), Failure> {
            Ok(())
        }
    }

    #[test]
    fn an_alarm_waits_for_no_allocation_and_another_message_takes_no_room_before_it_comes() {
        let mailbox = Mailbox::<Bell>::new("bell", Arc::default());
        let mut inner = mailbox.lock();
        let mut room = |lane| {
            let port = inner.direct_port::<u8>(lane);
            let ring = inner.ring::<DirectRing<u8, ()>>(port);
            let before = ring.queue.capacity();
            ring.push(Envelope::told(1));
            before
        };
        assert!(room(Lane::System) >= URGENT_CAPACITY);
        assert_eq!(room(Lane::User), 0);
    }
}
