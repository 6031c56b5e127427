//! How an arbiter, its sources and its locks are added to a graph.

use super::contender::Contender;
use super::{Arbiter, Lock, LockHolder, Source};
use sinew_runtime::{CommandEdge, Factory, Graph, Message, Node, Source as EdgeSource, ValueEdge};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Has a lock publish its state once more.
#[derive(Clone, Copy, Debug)]
pub(super) struct SayAgain;

/// All who want to be heard, in the order in which they were connected.
#[derive(Debug, Default)]
pub(super) struct Contest {
    pub(super) sources: Vec<Source>,
    pub(super) locks: Vec<LockHolder>,
}

/// An [`Arbiter`] as it was added to a graph; an edge of its commands begins here.
pub struct ArbiterNode<M: Message> {
    node: Node<Arbiter<M>>,
    contest: Arc<Mutex<Contest>>,
}

impl<M: Message> Arbiter<M> {
    /// Adds an arbiter; say next whom it obeys, and what locks it.
    #[track_caller]
    pub fn add_to(graph: &mut Graph, name: &str) -> ArbiterNode<M> {
        let contest = Arc::<Mutex<Contest>>::default();
        let known = Arc::clone(&contest);
        let node = graph.add(name, Factory::new(move || Ok(Self::new(&lock(&known)))));
        ArbiterNode { node, contest }
    }
}

impl<M: Message> ArbiterNode<M> {
    /// Lets the arbiter obey a source while none of a higher priority lives: until it was silent for `time_out`.
    /// The edge that comes back is the source's.
    #[track_caller]
    pub fn obey<'a, S>(
        &self,
        graph: &'a mut Graph,
        source: S,
        priority: u8,
        time_out: Duration,
    ) -> CommandEdge<'a, M>
    where
        S: EdgeSource<M>,
    {
        let name = source.node().name().to_owned();
        let contender = self.contest().add_source(&name, priority, time_out);
        let contender = graph.add(&self.name_for(&name), contender);
        graph.connect(&contender, &self.node);
        graph.command(source, &contender)
    }

    /// Refuses all sources below `priority` while the messages of `source` say so, until its first message, and
    /// while its edge, which comes back, is silent.
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
        S: EdgeSource<N>,
    {
        let name = self.name_for(source.node().name()) + ".lock";
        let place = place_after(&self.contest().locks);
        let lock = graph.add(&name, Lock::at(place, is_locked));
        let say_again = lock.address().recipient();
        self.contest()
            .locks
            .push(LockHolder::new(priority, say_again));
        graph.connect(&lock, &self.node);
        graph.connect(source, &lock)
    }

    /// The node of the arbiter.
    #[must_use]
    pub fn node(&self) -> &Node<Arbiter<M>> {
        &self.node
    }

    fn contest(&self) -> MutexGuard<'_, Contest> {
        lock(&self.contest)
    }

    fn name_for(&self, source: &str) -> String {
        format!("{}.{source}", self.node.name())
    }
}

impl Contest {
    fn add_source<M>(&mut self, name: &str, priority: u8, time_out: Duration) -> Contender<M> {
        let contender = Contender::at(place_after(&self.sources));
        self.sources.push(Source::new(name, priority, time_out));
        contender
    }
}

fn place_after<T>(list: &[T]) -> u16 {
    u16::try_from(list.len()).expect("a graph has few nodes")
}

/// Locks. Nobody panics under the lock, so poison is no news.
fn lock(contest: &Mutex<Contest>) -> MutexGuard<'_, Contest> {
    contest.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<M: Message> EdgeSource<M> for &ArbiterNode<M> {
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
