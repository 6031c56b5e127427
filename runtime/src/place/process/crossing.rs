//! What an edge needs to begin or end in another process: its message type, known here for the last time.

use super::frame::{self, FrameError, FromNode, Stamp};
use super::line::Outgoing;
use super::proxy::{Edges, Emitted, Proxy, publish};
use crate::cell::Watch;
use crate::edge::{EdgeMeta, Sink, count};
use crate::graph::{EdgeInfo, Wiring, command_sink, lock, value_sink};
use crate::hub::Hub;
use crate::mailbox::Mailbox;
use crate::{Actor, Address, Handler, Leased, Message, Node, Silence, Time};
use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Wires one edge of which an end lies in another process.
pub(crate) struct Crossing(Box<dyn Cross + Send>);

impl Crossing {
    /// For an edge of readings or events.
    pub(crate) fn of_values<M: Message, A: Actor, B: Handler<M>>(
        from: &Node<A>,
        to: &Node<B>,
    ) -> Self {
        Self(Box::new(Values::<M, A, B>(Typed::new(from, to), None)))
    }

    /// For an edge of commands.
    pub(crate) fn of_commands<M: Message, A: Actor, B: Handler<Leased<M>>>(
        from: &Node<A>,
        to: &Node<B>,
    ) -> Self {
        Self(Box::new(Commands::<M, A, B>(Typed::new(from, to))))
    }

    /// Its receiver is told of silence.
    pub(crate) fn tell_silence<M: Message, B: Handler<Silence<M>>>(
        &mut self,
        to: &Arc<Mailbox<B>>,
    ) {
        let to = Address {
            mailbox: Arc::clone(to),
        };
        let told = move |stamp, _: &[u8]| match stamp {
            Stamp::Silence(since) => {
                let silence = Silence::<M>::new(Time::from_nanos(since));
                Ok(answer(to.clone(), silence))
            }
            _ => Err(FrameError::Kind),
        };
        self.0.set_silence(Box::new(told));
    }

    pub(super) fn wire_graph(&self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, ends: &Proxies<'_>) {
        self.0.wire_graph(edge, meta, ends);
    }

    pub(super) fn wire_node(&mut self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, served: &mut Served) {
        self.0.wire_node(edge, meta, served);
    }
}

impl fmt::Debug for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Crossing")
    }
}

/// A proxy as it is wired.
pub(super) struct ProxyNode {
    pub(super) node: Node<Proxy>,
    pub(super) edges: Arc<Mutex<Edges>>,
}

impl ProxyNode {
    fn takes<H: 'static>(&self, meta: &EdgeMeta) {
        let mut edges = self.edges.lock().unwrap_or_else(PoisonError::into_inner);
        edges.takes.push((TypeId::of::<H>(), meta.number));
    }

    fn emits<M: Message>(&self, meta: &Arc<EdgeMeta>, sink: Arc<dyn Sink<M>>) {
        let mut edges = self.edges.lock().unwrap_or_else(PoisonError::into_inner);
        edges.emits.push(Emitted {
            edge: meta.number,
            meta: Arc::clone(meta),
            publish: publish::<M>,
        });
        lock(self.node.wiring()).outs.add(sink);
    }
}

/// In the graph's process: which ends of an edge a proxy stands at.
pub(super) struct Proxies<'a> {
    pub(super) from: Option<&'a ProxyNode>,
    pub(super) to: Option<&'a ProxyNode>,
}

/// In a node's process: the node, and what its edges come to.
pub(super) struct Served {
    pub(super) node: String,
    pub(super) takes: Vec<Taken>,
    pub(super) outgoing: Arc<Outgoing>,
}

/// What hands one kind of message to the node.
pub(super) struct Taken {
    pub(super) edge: u32,
    pub(super) silence: bool,
    pub(super) hand: Hand,
}

/// Hands a message to the node, out of its stamp and its bytes.
type Hand = Box<dyn Fn(Stamp, &[u8]) -> Result<Answer, FrameError> + Send>;
/// Ready when the node is done with the message: with `true` if it has handled it.
pub(super) type Answer = Pin<Box<dyn Future<Output = bool>>>;

fn answer<B: Handler<H>, H: Send + 'static>(to: Address<B>, message: H) -> Answer {
    Box::pin(async move { to.ask(message).within(Duration::MAX).await.is_ok() })
}

/// A crossing without its types.
trait Cross {
    fn set_silence(&mut self, hand: Hand);
    fn wire_graph(&self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, ends: &Proxies<'_>);
    fn wire_node(&mut self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, served: &mut Served);
}

/// Both ends of an edge with their types.
struct Typed<M, A: Actor, B: Actor> {
    from: Arc<Mutex<Wiring<A>>>,
    to: Address<B>,
    message: PhantomData<fn() -> M>,
}

impl<M: Message, A: Actor, B: Actor> Typed<M, A, B> {
    fn new(from: &Node<A>, to: &Node<B>) -> Self {
        Self {
            from: Arc::clone(from.wiring()),
            to: to.address(),
            message: PhantomData,
        }
    }

    fn attach(&self, meta: &Arc<EdgeMeta>, sink: Arc<dyn Sink<M>>, from: Option<&ProxyNode>) {
        match from {
            Some(proxy) => proxy.emits(meta, sink),
            None => lock(&self.from).outs.add(sink),
        }
    }

    /// One sink for all edges of this type: the graph's process multiplies.
    fn send_home(&self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, served: &Served) {
        let mut wiring = lock(&self.from);
        if edge.from == served.node && wiring.outs.of::<M>().is_empty() {
            let sink: Arc<dyn Sink<M>> = Arc::new(HomeSink {
                meta: Arc::clone(meta),
                outgoing: Arc::clone(&served.outgoing),
            });
            wiring.outs.add(sink);
        }
    }
}

/// Readings or events, and what hands a silence over.
struct Values<M, A: Actor, B: Actor>(Typed<M, A, B>, Option<Hand>);

impl<M: Message, A: Actor, B: Handler<M>> Cross for Values<M, A, B> {
    fn set_silence(&mut self, hand: Hand) {
        self.1 = Some(hand);
    }

    fn wire_graph(&self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, ends: &Proxies<'_>) {
        let sink = match ends.to {
            None => value_sink::<M, B>(&self.0.to.mailbox, edge.kind, meta),
            Some(proxy) => {
                proxy.takes::<M>(meta);
                if let Some(after) = edge.silence {
                    proxy.takes::<Silence<M>>(meta);
                    watch::<M>(proxy, meta, after);
                }
                value_sink::<M, Proxy>(proxy.node.mailbox(), edge.kind, meta)
            }
        };
        self.0.attach(meta, sink, ends.from);
    }

    fn wire_node(&mut self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, served: &mut Served) {
        self.0.send_home(edge, meta, served);
        if edge.to != served.node {
            return;
        }
        let to = self.0.to.clone();
        let hand = move |stamp, bytes: &[u8]| match stamp {
            Stamp::Value => Ok(answer(to.clone(), frame::message::<M>(bytes)?)),
            _ => Err(FrameError::Kind),
        };
        let edge = meta.number;
        let taken = |silence, hand| Taken {
            edge,
            silence,
            hand,
        };
        served.takes.push(taken(false, Box::new(hand)));
        served
            .takes
            .extend(self.1.take().map(|hand| taken(true, hand)));
    }
}

/// Has the proxy told of silence.
fn watch<M: Message>(proxy: &ProxyNode, meta: &Arc<EdgeMeta>, after: Duration) {
    meta.watched.store(true, Ordering::Relaxed);
    let meta = Arc::clone(meta);
    let make = move |since| {
        let watch = Watch::<Proxy, M>::new(Arc::clone(&meta), after, since);
        Box::new(watch) as Box<dyn crate::cell::LocalSource<Proxy>>
    };
    lock(proxy.node.wiring()).watches.push(Box::new(make));
}

/// Commands.
struct Commands<M, A: Actor, B: Actor>(Typed<M, A, B>);

impl<M: Message, A: Actor, B: Handler<Leased<M>>> Cross for Commands<M, A, B> {
    fn set_silence(&mut self, _: Hand) {}

    fn wire_graph(&self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, ends: &Proxies<'_>) {
        let sink = match ends.to {
            None => command_sink::<M, B>(&self.0.to.mailbox, edge.kind, meta),
            Some(proxy) => {
                proxy.takes::<Leased<M>>(meta);
                command_sink::<M, Proxy>(proxy.node.mailbox(), edge.kind, meta)
            }
        };
        if let Some(sink) = sink {
            self.0.attach(meta, sink, ends.from);
        }
    }

    fn wire_node(&mut self, edge: &EdgeInfo, meta: &Arc<EdgeMeta>, served: &mut Served) {
        self.0.send_home(edge, meta, served);
        if edge.to != served.node {
            return;
        }
        let to = self.0.to.clone();
        let hand = move |stamp, bytes: &[u8]| match stamp {
            Stamp::Command(until) => {
                let command = Leased::new(frame::message::<M>(bytes)?, Time::from_nanos(until));
                Ok(answer(to.clone(), command))
            }
            _ => Err(FrameError::Kind),
        };
        served.takes.push(Taken {
            edge: meta.number,
            silence: false,
            hand: Box::new(hand),
        });
    }
}

/// Sends what the node publishes to its graph.
struct HomeSink {
    meta: Arc<EdgeMeta>,
    outgoing: Arc<Outgoing>,
}

impl<M: Message> Sink<M> for HomeSink {
    fn offer(&self, value: M, valid_until: Option<Time>, _: &Hub) {
        let edge = self.meta.number;
        let added = self.outgoing.add_or_lose(|lost, buffer| {
            frame::write(
                &FromNode::published(edge, valid_until, lost),
                &value,
                buffer,
            )
        });
        match added {
            Ok(true) => drop(count(&self.meta.delivered)),
            Ok(false) => drop(count(&self.meta.dropped)),
            Err(error) => {
                count(&self.meta.dropped);
                tracing::error!(%error, "a message was not sent to its graph");
            }
        }
    }

    fn meta(&self) -> &EdgeMeta {
        &self.meta
    }
}
