//! The proxy: what stands in a graph for an actor that lives in a process of its own.

use super::child::{Came, NodeProcess, Program};
use super::frame::{self, FrameError, FromNode, Stamp, ToNode};
use super::line::LineError;
use crate::edge::EdgeMeta;
use crate::{
    Actor, Context, Emits, EndActor, Failure, Handler, Leased, Message, Reason, Silence, Time,
};
use futures_core::Stream;
use std::any::TypeId;
use std::cell::{RefCell, RefMut};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, ready};
use std::time::Duration;

/// How long a process may take until its node stands in its graph: a program of many megabytes on a slow card.
const START_LIMIT: Duration = Duration::from_secs(10);
/// How long a process may take to end in order before it is killed: within what a stopped actor has.
const STOP_LIMIT: Duration = Duration::from_millis(1_800);

/// What is wrong if both processes do not number their edges alike.
const OTHER_GRAPH: &str =
    "its process built another graph: let both build it from the same arguments and files";

/// What the proxy of a node knows of its edges. Both processes have the same graph, and so the same numbers.
#[derive(Clone, Default)]
pub(super) struct Edges {
    /// By which edge what arrives is named: what the proxy handles, be it a message, a command or a silence.
    pub(super) takes: Vec<(TypeId, u32)>,
    /// What becomes of a message that was published.
    pub(super) emits: Vec<Emitted>,
    /// By which both processes know that they have the same graph.
    pub(super) hash: u64,
}

/// One type of message that the node publishes.
#[derive(Clone)]
pub(super) struct Emitted {
    pub(super) edge: u32,
    pub(super) meta: Arc<EdgeMeta>,
    pub(super) publish: Publish,
}

/// Publishes a message out of its bytes.
type Publish = fn(&[u8], Option<Time>, &mut Context<Proxy>) -> Result<(), FrameError>;

/// Publishes a message of this type.
pub(super) fn publish<M: Message>(
    bytes: &[u8],
    valid_until: Option<Time>,
    ctx: &mut Context<Proxy>,
) -> Result<(), FrameError> {
    let value: M = frame::message(bytes)?;
    match valid_until {
        Some(moment) => ctx.publish::<M>(Leased::new(value, moment)),
        None => ctx.publish::<M>(value),
    }
    Ok(())
}

/// Stands for an actor in another process: starts it, hands it what arrives, one message at a time, publishes what
/// it publishes, and fails when it does. To all others it is that actor: busy while it is busy, gone when it is.
pub(crate) struct Proxy {
    program: Program,
    edges: Edges,
    process: Option<Shared>,
}

/// The process, which an input and the handler in hand share.
type Shared = Rc<RefCell<NodeProcess>>;

/// Something came from the process while nothing was handled.
#[derive(Debug)]
pub(crate) struct FromProcess;

/// What a frame means to who waits for the node.
#[derive(Debug)]
enum Outcome {
    /// Nothing: wait on.
    More,
    /// It has handled what arrived.
    Handled,
    /// It has ended; its process is about to.
    Over(Failure),
}

impl Proxy {
    pub(super) fn new(program: Program, edges: Edges) -> Self {
        Self {
            program,
            edges,
            process: None,
        }
    }

    fn process(&self) -> Result<&Shared, Failure> {
        let process = self.process.as_ref();
        process.ok_or_else(|| Failure::new("its process was never started"))
    }

    /// Waits until something comes from the process.
    async fn came(&self) -> Result<Came, Failure> {
        let process = self.process()?;
        let came = poll_fn(|cx| process.borrow_mut().poll(cx)).await;
        came.map_err(damaged)
    }

    /// What came from the process, if anything has.
    async fn came_already(&self) -> Result<Option<Came>, Failure> {
        let process = self.process()?;
        let came = poll_fn(|cx| match process.borrow_mut().poll(cx) {
            Poll::Ready(came) => Poll::Ready(came.map(Some)),
            Poll::Pending => Poll::Ready(Ok(None)),
        });
        came.await.map_err(damaged)
    }

    /// Hands a message over and waits until the node has handled it, publishing meanwhile what it publishes.
    async fn hand_over<M: Message>(
        &mut self,
        kind: TypeId,
        stamp: Stamp,
        message: Option<M>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let edge = self.edges.takes.iter().find(|(known, _)| *known == kind);
        let (_, edge) = *edge.ok_or_else(|| Failure::new("no edge brings such a message"))?;
        let header = ToNode::Arrived { edge, stamp };
        self.process()?.borrow().send(|buffer| match &message {
            Some(message) => frame::write(&header, message, buffer),
            None => frame::write_header(&header, buffer),
        })?;
        while !self.obey(ctx).await? {}
        Ok(())
    }

    /// Waits for the next thing that comes from the process, and does what it asks. `true`: what was handed over is
    /// handled.
    async fn obey(&mut self, ctx: &mut Context<Self>) -> Result<bool, Failure> {
        let came = self.came().await?;
        self.obey_what_came(came, ctx).await
    }

    async fn obey_what_came(
        &mut self,
        came: Came,
        ctx: &mut Context<Self>,
    ) -> Result<bool, Failure> {
        if came == Came::End {
            return Err(self.death().await);
        }
        match self.obey_frame(ctx)? {
            Outcome::More => Ok(false),
            Outcome::Handled => Ok(true),
            Outcome::Over(failure) => {
                self.death().await;
                Err(failure)
            }
        }
    }

    /// Does what the frame asks that stands first.
    fn obey_frame(&self, ctx: &mut Context<Self>) -> Result<Outcome, Failure> {
        let mut process = self.process()?.borrow_mut();
        let (header, bytes) = process.frame().map_err(damaged)?;
        let outcome = match header {
            FromNode::Hello { edges } if edges == self.edges.hash => Outcome::More,
            FromNode::Hello { .. } => return Err(Failure::new(OTHER_GRAPH)),
            FromNode::Handled => Outcome::Handled,
            FromNode::Finished => Outcome::Over(EndActor.into()),
            FromNode::Failed { why } => {
                Outcome::Over(Failure::new(format!("in its process: {why}")))
            }
            FromNode::Published {
                edge,
                valid_until,
                lost,
            } => {
                let valid_until = valid_until.map(Time::from_nanos);
                self.edges.publish(edge, lost, bytes, valid_until, ctx)?;
                Outcome::More
            }
        };
        process.consume();
        Ok(outcome)
    }

    /// Waits until the process is gone, and says how it went.
    #[allow(
        clippy::await_holding_refcell_ref,
        reason = "only one handler or hook runs at a time, and the input is not polled meanwhile"
    )]
    async fn death(&mut self) -> Failure {
        let Some(process) = self.process.take() else {
            return Failure::new("its process is gone");
        };
        match process.borrow_mut().farewell().await {
            Ok(status) => Failure::new(format!("its process ended: {status}")),
            Err(error) => Failure::new(format!("its process is gone, nobody knows how: {error}")),
        }
    }

    /// Asks the process to end in order, and publishes its last words.
    async fn end(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let stop = |buffer: &mut Vec<u8>| frame::write_header(&ToNode::Stop, buffer);
        self.process()?.borrow().send(stop)?;
        loop {
            match self.obey(ctx).await {
                Ok(_) => {}
                Err(failure) if failure.is_end() => return Ok(()),
                Err(failure) => return Err(failure),
            }
        }
    }
}

impl Edges {
    fn publish(
        &self,
        edge: u32,
        lost: u32,
        bytes: &[u8],
        valid_until: Option<Time>,
        ctx: &mut Context<Proxy>,
    ) -> Result<(), Failure> {
        let emitted = self.emits.iter().find(|emitted| emitted.edge == edge);
        let emitted = emitted.ok_or_else(|| {
            Failure::new(format!(
                "its process published along edge {edge}, which is not its own"
            ))
        })?;
        if lost > 0 {
            let lost = u64::from(lost);
            emitted.meta.published.fetch_add(lost, Ordering::Relaxed);
            emitted.meta.dropped.fetch_add(lost, Ordering::Relaxed);
        }
        (emitted.publish)(bytes, valid_until, ctx).map_err(damaged)
    }
}

/// What came from a process cannot be believed any more: the process goes with the proxy.
fn damaged(error: impl Into<LineError>) -> Failure {
    Failure::from(error.into())
}

impl Actor for Proxy {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let process = NodeProcess::start(&self.program)
            .map_err(|error| Failure::new(format!("its process cannot be started: {error}")))?;
        let process = Rc::new(RefCell::new(process));
        self.process = Some(Rc::clone(&process));
        match tokio::time::timeout(START_LIMIT, self.obey(ctx)).await {
            Ok(hello) => drop(hello?),
            Err(_) => {
                return Err(Failure::new(format!(
                    "its process did not come to its graph within {} s: it must build the graph `{}` and run it \
                     with `System::real`, as this one does",
                    START_LIMIT.as_secs(),
                    self.program.graph,
                )));
            }
        }
        ctx.try_input("process", Arrivals(process));
        Ok(())
    }

    async fn stopped(&mut self, _: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let ended = match self.process {
            Some(_) => tokio::time::timeout(STOP_LIMIT, self.end(ctx)).await,
            None => Ok(Ok(())),
        };
        // Whatever became of it: from here on it is gone.
        self.process = None;
        ended.unwrap_or_else(|_| {
            Err(Failure::new(format!(
                "its process did not end within {} ms and was killed",
                STOP_LIMIT.as_millis()
            )))
        })
    }
}

impl Handler<FromProcess> for Proxy {
    type Reply = ();
    async fn handle(&mut self, _: FromProcess, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match self.came_already().await? {
            Some(came) => self.obey_what_came(came, ctx).await.map(drop),
            // A message was handled in between, and with it what had come.
            None => Ok(()),
        }
    }
}

impl<M: Message> Handler<M> for Proxy {
    type Reply = ();
    async fn handle(&mut self, message: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let kind = TypeId::of::<M>();
        self.hand_over(kind, Stamp::Value, Some(message), ctx).await
    }
}

impl<M: Message> Handler<Leased<M>> for Proxy {
    type Reply = ();
    async fn handle(&mut self, command: Leased<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let stamp = Stamp::Command(command.valid_until().nanos());
        let kind = TypeId::of::<Leased<M>>();
        let command = Some(command.into_value());
        self.hand_over(kind, stamp, command, ctx).await
    }
}

impl<M: Message> Handler<Silence<M>> for Proxy {
    type Reply = ();
    async fn handle(
        &mut self,
        silence: Silence<M>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let stamp = Stamp::Silence(silence.since.nanos());
        let kind = TypeId::of::<Silence<M>>();
        self.hand_over::<M>(kind, stamp, None, ctx).await
    }
}

impl<M: Message> Emits<M> for Proxy {}

/// What comes from the process while nothing is handled. An item leaves the frame where it stands.
struct Arrivals(Shared);

impl Stream for Arrivals {
    type Item = Result<FromProcess, Failure>;

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let mut process: RefMut<'_, _> = self.0.borrow_mut();
        let came = ready!(process.poll(cx));
        Poll::Ready(Some(came.map(|_| FromProcess).map_err(damaged)))
    }
}
