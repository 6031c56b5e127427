//! The cell of a node: it runs one incarnation of the actor after the other, one message at a time.

mod after;
mod bell;
mod closers;
mod closing;
mod held;
mod input;
mod life;
mod look;
mod news;
mod phase;
mod port;
mod service;
mod slowness;
mod source;
mod timer;
mod turn;
mod watch;

pub(crate) use closers::Closer;
pub(crate) use held::{Held, Home, State};
pub(crate) use input::{Described, Input, handle};
pub(crate) use port::{
    Came, LocalPort, Other, Row, Tracked, command_port, direct_port, edge_port, last_port,
    other_port, tracked_port,
};
pub(crate) use source::{LocalSource, Readiness};
pub(crate) use timer::{Every, Later, Once};
pub(crate) use watch::Watch;

use crate::contain::contain;
use crate::edge::Outs;
use crate::factory::Make;
use crate::few::Few;
use crate::hub::Hub;
use crate::kin::{Farewell, Kinship};
use crate::mailbox::{Injection, Mailbox};
use crate::random::Random;
use crate::sched::CellWaker;
use crate::supervise::Record;
use crate::{Actor, Failure, Reason, Time};
use closers::Closers;
use news::Tidings;
use slowness::Slowness;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as TaskContext, Waker};

/// A cell without the type of its actor, as the scheduler sees it.
pub(crate) trait AnyCell {
    /// Lets the actor handle up to `budget` messages.
    fn poll(&mut self, cx: &mut TaskContext<'_>, budget: usize) -> Turn;
    /// When it wants to be polled again, if nothing wakes it before.
    fn deadline(&self) -> Option<Time>;
    /// Whether tokio may have to wake it: a suspended handler, or an input of tokio's.
    fn is_foreign(&self) -> bool;
    /// Says by what messages wake it; all else wakes it by what comes back. Called once, before the first poll.
    fn settle(&mut self, waker: CellWaker) -> Waker;
    /// Says that it is about to be polled: later wakes count anew.
    fn taken(&self);
    /// Ends at once, and says why: drops whatever runs, without its hooks.
    fn abort(&mut self, why: &str);
    /// The number of its actor.
    fn id(&self) -> u64;
    /// Why the node ended for good, if it did.
    fn ended(&self) -> Option<Reason>;
    /// The name of the actor.
    fn name(&self) -> &str;
}

/// What a poll of a cell came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It waits to be woken.
    Idle,
    /// Its budget is used up and there is more to do.
    More,
    /// It ended for good.
    Ended,
    /// It ended for good, and with it the system: its restart limit is exceeded.
    GaveUp,
}

/// A boxed hook: made once per incarnation.
pub(crate) type Hook = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// What an incarnation is doing.
enum Phase {
    /// Waits until this moment to be built.
    Waiting(Time),
    /// Runs `started`.
    Starting(Hook),
    /// Handles messages.
    Running,
    /// Wholly gone; its group will tell it when to be built.
    Gone,
    /// Waits for its children to end, each until a deadline.
    Parting(Box<Parting>),
    /// Closes its inputs, one after the other.
    Closing(Box<Reason>),
    /// Runs `stopped`, until the deadline at most.
    Stopping(Box<Stopping>),
    /// Ended for good; why is for its bonds to say.
    Ended,
}

/// The last words of an incarnation.
struct Stopping {
    hook: Hook,
    /// Why the incarnation ends.
    why: Reason,
}

/// The end of an incarnation's children.
struct Parting {
    farewell: Farewell,
    /// Why the incarnation ends.
    why: Reason,
    /// When to look at them again.
    deadline: Time,
}

/// What is being handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Busy {
    Port(u16),
    Input(u32),
    Timer(u32),
    Watch(u32),
    News,
    /// A test makes it wait.
    Hang,
}

/// Builds a watch anew for each incarnation.
pub(crate) type WatchMaker<A> = Box<dyn Fn(Time) -> Box<dyn LocalSource<A>> + Send>;

/// What a cell is made of.
pub(crate) struct Parts<A: Actor> {
    pub(crate) mailbox: Arc<Mailbox<A>>,
    pub(crate) outs: Rc<Outs>,
    pub(crate) watches: Few<WatchMaker<A>>,
    /// Until its end: what it holds goes with it.
    pub(crate) make: Option<Make<A>>,
    pub(crate) supervision: Record,
    pub(crate) hub: Rc<Hub>,
    pub(crate) kinship: Kinship,
}

/// One node at run time.
pub(crate) struct Cell<A: Actor> {
    parts: Parts<A>,
    home: Home<A>,
    phase: Phase,
    ports: Vec<Box<dyn LocalPort<A>>>,
    /// Tokens of the messages that it took out of its mailbox, to be handled in this order.
    batch: VecDeque<u16>,
    /// Whether messages were taken that senders who wait for room may not know of.
    took: bool,
    /// In the order in which they were attached.
    inputs: Few<Box<dyn LocalSource<A>>>,
    closers: Option<Box<Closers>>,
    timers: Few<Box<dyn LocalSource<A>>>,
    watches: Few<Box<dyn LocalSource<A>>>,
    busy: Option<Busy>,
    /// Which of mailbox, timers and inputs is looked at first; it moves on with each message.
    turn: u8,
    /// How many messages in a row overtook others.
    overtakers: u8,
    /// Which input is looked at first.
    next_input: u32,
    /// What it has heard of others and has yet to handle.
    tidings: Option<Box<Tidings>>,
    stopping: bool,
    aborted: bool,
    /// Whether its group wants it to leave.
    leaving: bool,
    injected: Option<Box<Injection>>,
    slowness: Option<Box<Slowness>>,
    gave_up: bool,
    random: Random,
}

impl<A: Actor> Cell<A> {
    pub(crate) fn new(parts: Parts<A>) -> Self {
        let random = Random::named(parts.hub.seed, &parts.mailbox.name);
        Self {
            parts,
            home: Home::default(),
            phase: Phase::Waiting(Time::ZERO),
            ports: Vec::new(),
            batch: VecDeque::new(),
            took: false,
            inputs: Few::default(),
            closers: None,
            timers: Few::default(),
            watches: Few::default(),
            busy: None,
            turn: 0,
            overtakers: 0,
            next_input: 0,
            tidings: None,
            stopping: false,
            aborted: false,
            leaving: false,
            injected: None,
            slowness: None,
            gave_up: false,
            random,
        }
    }
}

impl<A: Actor> AnyCell for Cell<A> {
    fn poll(&mut self, cx: &mut TaskContext<'_>, budget: usize) -> Turn {
        let stepped = contain(|| self.step(cx, budget));
        stepped.unwrap_or_else(|text| {
            self.panicked(text);
            self.outcome()
        })
    }

    fn deadline(&self) -> Option<Time> {
        match &self.phase {
            Phase::Waiting(until) => Some(*until),
            Phase::Stopping(_) => Some(self.parts.mailbox.record.ends_by()),
            Phase::Parting(parting) => Some(parting.deadline),
            Phase::Closing(_) => self.closers.as_ref().and_then(|it| it.deadline()),
            Phase::Starting(_) | Phase::Gone | Phase::Ended => None,
            Phase::Running if self.busy.is_some() => None,
            Phase::Running if self.timers.is_empty() && self.watches.is_empty() => None,
            Phase::Running => {
                let sources = self.timers.iter().chain(self.watches.iter());
                sources.filter_map(|source| source.deadline()).min()
            }
        }
    }

    fn is_foreign(&self) -> bool {
        match self.phase {
            Phase::Waiting(_) | Phase::Gone | Phase::Parting(_) | Phase::Ended => false,
            Phase::Starting(_) | Phase::Closing(_) | Phase::Stopping(_) => true,
            Phase::Running => {
                self.busy.is_some() || self.inputs.iter().any(|input| input.is_foreign())
            }
        }
    }

    fn settle(&mut self, waker: CellWaker) -> Waker {
        self.parts.mailbox.settle(waker);
        Waker::from(Arc::clone(&self.parts.mailbox))
    }

    fn taken(&self) {
        self.parts.mailbox.taken();
    }

    fn abort(&mut self, why: &str) {
        let left = self.discard(&why);
        if let Some(panic) = left.panic {
            tracing::error!(node = %self.parts.mailbox.name, panic, "panicked while it was dropped");
        }
        left.farewell.abort();
        self.parts.mailbox.record.set_last_failure(why.to_owned());
        self.end(Reason::Failed(why.to_owned()));
    }

    fn id(&self) -> u64 {
        self.parts.mailbox.id
    }

    fn ended(&self) -> Option<Reason> {
        self.parts.mailbox.record.bonds.ended()
    }

    fn name(&self) -> &str {
        &self.parts.mailbox.name
    }
}

impl<A: Actor> fmt::Debug for Cell<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cell({})", self.parts.mailbox.name)
    }
}
