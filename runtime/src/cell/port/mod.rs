//! The local halves of a mailbox's ports: how an actor handles what came to it there.

mod command;
mod direct;
mod last;
mod other;
mod tracked;
mod value;

pub(crate) use command::command_port;
pub(crate) use direct::direct_port;
pub(crate) use last::last_port;
pub(crate) use other::{Other, other_port};
pub(crate) use tracked::{Tracked, tracked_port};
pub(crate) use value::edge_port;

use super::held::Held;
use crate::hub::Hub;
use crate::mailbox::{Inner, Lost, Mailbox};
use crate::report::NodeRecord;
use crate::sync::LockGuard;
use crate::{Actor, Failure, Time};
use std::collections::VecDeque;
use std::task::{Context, Poll};

/// The local half of a port.
pub(crate) trait LocalPort<A> {
    /// Takes what waits in the mailbox into the owner's hands; for what may still be displaced there, nothing.
    fn refill(&mut self, inner: &mut Inner<A>)
    where
        A: Actor,
    {
        let _ = inner;
    }
    /// Handles the value that a token of the waiting lane promised, and those that follow it in the same port, as
    /// long as nothing else is to be looked at in between.
    fn handle(&mut self, held: Held<A>, row: &mut Row<'_, A>, cx: &mut Context<'_>) -> Came
    where
        A: Actor;
    /// Takes the value that an overtaking token promised, gives the lock back, and begins with it. `false`: it was
    /// withdrawn, or its lease has ended.
    fn begin_urgent(&mut self, held: Held<A>, inner: LockGuard<'_, Inner<A>>, hub: &Hub) -> bool
    where
        A: Actor,
    {
        let _ = (held, inner, hub);
        false
    }
    /// Drops what is in the owner's hands, outside of any lock; says how much it was.
    fn empty(&mut self, dropped: &mut Vec<Box<dyn Lost>>) -> usize {
        let _ = dropped;
        0
    }
    /// Goes on; at the end the answer is left for the asker.
    fn poll(&mut self, mailbox: &Mailbox<A>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>>
    where
        A: Actor;
    /// Gives up the message in hand; whoever asked hears why.
    fn cancel(&mut self, mailbox: &Mailbox<A>, why: &str)
    where
        A: Actor;
}

/// Messages that one port handles in a row.
pub(crate) struct Row<'a, A: Actor> {
    /// The tokens that follow; those of the row are taken from it.
    pub(crate) batch: &'a mut VecDeque<u16>,
    /// How many more may be handled.
    pub(crate) most: usize,
    pub(crate) mailbox: &'a Mailbox<A>,
    pub(crate) record: &'a NodeRecord,
    /// When the turn began, near enough.
    pub(crate) now: Time,
    /// Whether the mailbox is known to be empty, so that the next push wakes the owner.
    pub(crate) asleep: bool,
}

impl<A: Actor> Row<'_, A> {
    /// Whether the next message of this port may follow at once; its token is taken then.
    #[inline]
    pub(crate) fn goes_on(&mut self, number: u16, held: &mut Held<A>) -> bool {
        self.most = self.most.saturating_sub(1);
        let interrupted = held.state().ctx.asks_for_attention() || self.mailbox.interrupts();
        if self.most == 0 || interrupted || self.batch.front() != Some(&number) {
            return false;
        }
        self.batch.pop_front();
        true
    }
}

/// What a row of messages came to.
#[derive(Debug)]
pub(crate) enum Came {
    /// All that was begun is done.
    Through,
    /// The last one waits for something.
    Waiting,
    /// The end came: the actor is to stop.
    End,
    /// The last one ended the actor.
    Failed(Failure),
}
