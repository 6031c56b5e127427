//! Edges as they are written: `graph.connect(sonar.out::<Range>(), &reflex).latest().silence_after(ms(200))`.

use super::node::{Wiring, lock};
use super::{EdgeInfo, EdgeKind, EdgeRecord, Graph, Node, Wire};
use crate::cell::{Watch, WatchMaker, command_port, edge_port};
use crate::edge::{CommandSink, EdgeMeta, Sink, ValueSink, lane_of};
use crate::mailbox::{CommandRing, EdgeRing, Keep, Mailbox};
use crate::place::process::Crossing;
use crate::{Actor, Emits, Handler, Leased, Message, Silence, message_name};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The lease of a command if its edge says nothing else: two and a half periods of a 10 Hz pilot.
const DEFAULT_LEASE: Duration = Duration::from_millis(250);

/// Where messages of type `M` come out of a node.
pub struct Out<'a, A: Actor, M> {
    node: &'a Node<A>,
    kind: PhantomData<fn() -> M>,
}

impl<'a, A: Emits<M>, M: Message> Out<'a, A, M> {
    pub(crate) fn new(node: &'a Node<A>) -> Self {
        Self {
            node,
            kind: PhantomData,
        }
    }
}

impl<A: Actor, M> fmt::Debug for Out<'_, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Out({})", self.node.name())
    }
}

/// Where an edge of `M` can begin: a node's output, or a node that emits `M` and nothing else that fits.
pub trait Source<M: Message> {
    /// The actor that publishes.
    type Actor: Emits<M>;
    /// Its node.
    fn node(&self) -> &Node<Self::Actor>;
}

impl<A: Emits<M>, M: Message> Source<M> for Out<'_, A, M> {
    type Actor = A;
    fn node(&self) -> &Node<A> {
        self.node
    }
}

impl<A: Emits<M>, M: Message> Source<M> for &Node<A> {
    type Actor = A;
    fn node(&self) -> &Node<A> {
        self
    }
}

impl Graph {
    /// Connects an output to a node that handles its messages: readings, of which the newest counts, unless the
    /// edge says that they are events.
    #[track_caller]
    pub fn connect<M, B, S>(&mut self, from: S, to: &Node<B>) -> ValueEdge<'_, M, B>
    where
        M: Message,
        B: Handler<M>,
        S: Source<M>,
        S::Actor: Emits<M>,
    {
        let source = Arc::clone(from.node().wiring());
        let mailbox = Arc::clone(to.mailbox());
        let wire = move |kind, meta: &Arc<EdgeMeta>| {
            let sink = value_sink::<M, B>(&mailbox, kind, meta);
            lock(&source).outs.add(sink);
        };
        let names = (from.node().name().to_owned(), to.name().to_owned());
        let crossing = Crossing::of_values::<M, _, B>(from.node(), to);
        self.push_edge::<M>(names, EdgeKind::Latest, Box::new(wire), crossing);
        ValueEdge {
            graph: self,
            to: Arc::clone(to.wiring()),
            mailbox: Arc::clone(to.mailbox()),
            kind: PhantomData,
        }
    }

    /// Connects an output to a node that obeys its messages: commands, of which the newest counts until its
    /// lease ends.
    #[track_caller]
    pub fn command<M, B, S>(&mut self, from: S, to: &Node<B>) -> CommandEdge<'_, M>
    where
        M: Message,
        B: Handler<Leased<M>>,
        S: Source<M>,
        S::Actor: Emits<M>,
    {
        let source = Arc::clone(from.node().wiring());
        let mailbox = Arc::clone(to.mailbox());
        let wire = move |kind, meta: &Arc<EdgeMeta>| {
            if let Some(sink) = command_sink::<M, B>(&mailbox, kind, meta) {
                lock(&source).outs.add(sink);
            }
        };
        let names = (from.node().name().to_owned(), to.name().to_owned());
        let kind = EdgeKind::Command {
            lease: DEFAULT_LEASE,
        };
        let crossing = Crossing::of_commands::<M, _, B>(from.node(), to);
        self.push_edge::<M>(names, kind, Box::new(wire), crossing);
        CommandEdge {
            graph: self,
            kind: PhantomData,
        }
    }

    #[track_caller]
    fn push_edge<M: Message>(
        &mut self,
        (from, to): (String, String),
        kind: EdgeKind,
        wire: Wire<EdgeKind>,
        crossing: Crossing,
    ) {
        let number = u32::try_from(self.edges.len()).expect("a graph has few edges");
        let info = EdgeInfo {
            from,
            to,
            message: message_name::<M>(),
            kind,
            silence: None,
            at: Location::caller(),
        };
        let meta = Arc::new(EdgeMeta::new(number));
        self.edges.push(EdgeRecord {
            info,
            meta,
            wire,
            wire_silence: None,
            crossing,
        });
    }

    fn last_edge(&mut self) -> &mut EdgeRecord {
        self.edges
            .last_mut()
            .expect("the edge was added by its builder")
    }
}

/// Adds the receiving end of an edge of readings or events to a mailbox.
pub(crate) fn value_sink<M: Message, B: Handler<M>>(
    mailbox: &Arc<Mailbox<B>>,
    kind: EdgeKind,
    meta: &Arc<EdgeMeta>,
) -> Arc<dyn Sink<M>> {
    let keep = match kind {
        EdgeKind::KeepNewest(room) => Keep::Newest(room.max(1)),
        EdgeKind::KeepOldest(room) => Keep::Oldest(room.max(1)),
        EdgeKind::Latest | EdgeKind::Command { .. } => Keep::Newest(1),
    };
    let ring = Box::new(EdgeRing::<M>::new(keep));
    let meta = Arc::clone(meta);
    let build = edge_port::<B, M>;
    let port = mailbox
        .lock()
        .add_port(lane_of(false), ring, build, Arc::clone(&meta));
    Arc::new(ValueSink {
        mailbox: Arc::clone(mailbox),
        port,
        meta,
    })
}

/// Adds the receiving end of an edge of commands to a mailbox; only such an edge has one.
pub(crate) fn command_sink<M: Message, B: Handler<Leased<M>>>(
    mailbox: &Arc<Mailbox<B>>,
    kind: EdgeKind,
    meta: &Arc<EdgeMeta>,
) -> Option<Arc<dyn Sink<M>>> {
    let EdgeKind::Command { lease } = kind else {
        return None;
    };
    let ring = Box::new(CommandRing::<M>::new());
    let meta = Arc::clone(meta);
    let build = command_port::<B, M>;
    let port = mailbox
        .lock()
        .add_port(lane_of(true), ring, build, Arc::clone(&meta));
    Some(Arc::new(CommandSink {
        mailbox: Arc::clone(mailbox),
        port,
        meta,
        lease,
    }))
}

/// An edge of readings or events, as it is being described.
pub struct ValueEdge<'a, M, B: Actor> {
    graph: &'a mut Graph,
    to: Arc<Mutex<Wiring<B>>>,
    mailbox: Arc<Mailbox<B>>,
    kind: PhantomData<fn() -> M>,
}

impl<M: Message, B: Handler<M>> ValueEdge<'_, M, B> {
    /// Readings: the newest counts and overwrites the one before in place. This is the default.
    pub fn latest(self) -> Self {
        self.of_kind(EdgeKind::Latest)
    }

    /// Events: so many are kept, and a newer one displaces the oldest. Each displaced one is counted.
    pub fn keep_newest(self, room: usize) -> Self {
        self.of_kind(EdgeKind::KeepNewest(room))
    }

    /// Events: so many are kept, and a newer one is dropped while there is no room. Each dropped one is counted.
    pub fn keep_oldest(self, room: usize) -> Self {
        self.of_kind(EdgeKind::KeepOldest(room))
    }

    /// Tells the receiver when nothing came for longer than `time`, also if nothing ever came.
    pub fn silence_after(self, time: Duration) -> Self
    where
        B: Handler<Silence<M>>,
    {
        let to = Arc::clone(&self.to);
        let wire = move |after, meta: &Arc<EdgeMeta>| {
            meta.watched.store(true, Ordering::Relaxed);
            let meta = Arc::clone(meta);
            let make: WatchMaker<B> = Box::new(move |since| {
                Box::new(Watch::<B, M>::new(Arc::clone(&meta), after, since))
            });
            lock(&to).watches.push(make);
        };
        let edge = self.graph.last_edge();
        edge.info.silence = Some(time);
        edge.wire_silence = Some(Box::new(wire));
        edge.crossing.tell_silence::<M, B>(&self.mailbox);
        self
    }

    fn of_kind(self, kind: EdgeKind) -> Self {
        self.graph.last_edge().info.kind = kind;
        self
    }
}

impl<M, B: Actor> fmt::Debug for ValueEdge<'_, M, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ValueEdge")
            .field(&self.graph.edges.last().map(|edge| &edge.info))
            .finish()
    }
}

/// An edge of commands, as it is being described.
pub struct CommandEdge<'a, M> {
    graph: &'a mut Graph,
    kind: PhantomData<fn() -> M>,
}

impl<M: Message> CommandEdge<'_, M> {
    /// How long a command may stand after it came along this edge; 250 ms if nothing is said, 1 s at most.
    pub fn lease(self, lease: Duration) -> Self {
        self.graph.last_edge().info.kind = EdgeKind::Command { lease };
        self
    }
}

impl<M> fmt::Debug for CommandEdge<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CommandEdge")
            .field(&self.graph.edges.last().map(|edge| &edge.info))
            .finish()
    }
}
