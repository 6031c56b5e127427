//! How an arbiter, its sources and its locks are added to a graph.

use super::contender::Contender;
use super::{Arbiter, Contest, Lock};
use sinew_runtime::{Actor, CommandEdge, Factory, Graph, Message, Node, Source, Thread, ValueEdge};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An [`Arbiter`] as it was added to a graph; the edge of what it commands begins here.
pub struct ArbiterNode<M: Message> {
    node: Node<Arbiter<M>>,
    contest: Arc<Mutex<Contest>>,
    thread: Option<Thread>,
}

impl<M: Message> Arbiter<M> {
    /// Adds an arbiter; say next whom it obeys, and what locks it.
    #[track_caller]
    pub fn add_to(graph: &mut Graph, name: &str) -> ArbiterNode<M> {
        let contest = Arc::<Mutex<Contest>>::default();
        let known = Arc::clone(&contest);
        let node = graph.add(
            name,
            Factory::new(move || Ok(Self::new(lock(&known).clone()))),
        );
        ArbiterNode {
            node,
            contest,
            thread: None,
        }
    }
}

impl<M: Message> ArbiterNode<M> {
    /// Places the arbiter, and the nodes of the sources and locks that follow, on this thread: that of the output.
    #[must_use]
    pub fn on(mut self, graph: &mut Graph, thread: &Thread) -> Self {
        graph.place(&self.node, thread);
        self.thread = Some(thread.clone());
        self
    }

    /// Lets the arbiter obey a source while none of a higher priority lives. A source lives until it was silent for
    /// `time_out`. The edge that comes back is the source's.
    #[track_caller]
    pub fn obey<'a, S>(
        &self,
        graph: &'a mut Graph,
        source: S,
        priority: u8,
        time_out: Duration,
    ) -> CommandEdge<'a, M>
    where
        S: Source<M>,
    {
        let name = source.node().name();
        let place = lock(&self.contest).add_source(name, priority, time_out);
        let contender = graph.add(&self.name_for(name), Contender::at(place));
        self.place(graph, &contender);
        graph.connect(&contender, &self.node);
        graph.command(source, &contender)
    }

    /// Refuses all sources below `priority` while `is_locked` says so of the newest message of `source`, and until
    /// its first. Let its edge, which comes back, be told of silence, and it is locked then as well.
    #[track_caller]
    pub fn lock<'a, N, S>(
        &self,
        graph: &'a mut Graph,
        source: S,
        priority: u8,
        is_locked: fn(&N) -> bool,
    ) -> ValueEdge<'a, N, Lock<N>>
    where
        N: Message,
        S: Source<N>,
    {
        let name = self.name_for(source.node().name()) + ".lock";
        let place = lock(&self.contest).next_lock();
        let node = graph.add(&name, Lock::at(place, is_locked));
        self.place(graph, &node);
        lock(&self.contest).add_lock(priority, node.address().recipient());
        graph.connect(&node, &self.node);
        graph.connect(source, &node)
    }

    /// The node of the arbiter.
    #[must_use]
    pub fn node(&self) -> &Node<Arbiter<M>> {
        &self.node
    }

    fn place<A: Actor>(&self, graph: &mut Graph, node: &Node<A>) {
        if let Some(thread) = &self.thread {
            graph.place(node, thread);
        }
    }

    fn name_for(&self, source: &str) -> String {
        format!("{}.{source}", self.node.name())
    }
}

/// Locks. Nobody panics under the lock, so poison is no news.
fn lock(contest: &Mutex<Contest>) -> MutexGuard<'_, Contest> {
    contest.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<M: Message> Source<M> for &ArbiterNode<M> {
    type Actor = Arbiter<M>;
    fn node(&self) -> &Node<Arbiter<M>> {
        &self.node
    }
}

impl<M: Message> fmt::Debug for ArbiterNode<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArbiterNode({})", self.node.name())
    }
}
