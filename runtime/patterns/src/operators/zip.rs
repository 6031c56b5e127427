//! Makes one value of two that belong together.

use super::Map;
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Message, Node, Source, Thread, Time,
};
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// Joins each value of one source with one of another. Each is used once: of those that wait for a partner the newest
/// counts, and one that waited longer than it may is forgotten.
///
/// For what means something only together: a picture and the pose at which it was taken, the distances of the left
/// and of the right wheel, a voltage and a current. The two may have the same type: each source has a small node of
/// its own before the operator, `sighting.first` and `sighting.second` for an operator called `sighting`. What finds
/// no partner is the difference between what the edges there delivered and what the operator published.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
/// # use sinew_patterns::Zip;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Encoder;
/// # impl Actor for Encoder {}
/// # impl Emits<f64> for Encoder {}
/// # #[derive(Clone)] struct Odometer;
/// # impl Actor for Odometer {}
/// # impl Handler<(f64, f64)> for Odometer {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: (f64, f64), _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let left = graph.add("left", Encoder);
/// # let right = graph.add("right", Encoder);
/// # let odometer = graph.add("odometer", Odometer);
/// let wheels = Zip::of(|left: f64, right: f64| (left, right))
///     .within(Duration::from_millis(5))
///     .add_to(&mut graph, "wheels", &left, &right);
/// graph.connect(&wheels, &odometer);
/// # assert!(graph.findings().is_empty());
/// ```
#[derive(Clone)]
pub struct Zip<A, B, N, F> {
    join: F,
    within: Duration,
    thread: Option<Thread>,
    waiting: Option<(Waiting<A, B>, Time)>,
    joined: PhantomData<fn() -> N>,
}

/// A value that waits for its partner.
#[derive(Clone)]
enum Waiting<A, B> {
    First(A),
    Second(B),
}

/// A value of the first source.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct First<A>(A);

/// A value of the second source.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Second<B>(B);

impl<A, B, N, F> Zip<A, B, N, F>
where
    A: Message,
    B: Message,
    N: Message,
    F: FnMut(A, B) -> N + Clone + Send + 'static,
{
    /// Joins two values by this closure.
    #[must_use]
    pub const fn of(join: F) -> Self {
        Self {
            join,
            within: Duration::MAX,
            thread: None,
            waiting: None,
            joined: PhantomData,
        }
    }

    /// Joins only what arrived within this time of each other; however far apart if nothing is said.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    /// Places the operator, and the nodes before it, on this thread.
    #[must_use]
    pub fn on(mut self, thread: &Thread) -> Self {
        self.thread = Some(thread.clone());
        self
    }

    /// Adds the operator to a graph, and the nodes that tell its two sources apart.
    #[track_caller]
    pub fn add_to(
        self,
        graph: &mut Graph,
        name: &str,
        first: impl Source<A>,
        second: impl Source<B>,
    ) -> Node<Self> {
        let thread = self.thread.clone();
        let zip = graph.add(name, self);
        let of_first = graph.add(&format!("{name}.first"), Map::new(First));
        graph.connect(first, &of_first);
        graph.connect(&of_first, &zip);
        let of_second = graph.add(&format!("{name}.second"), Map::new(Second));
        graph.connect(second, &of_second);
        graph.connect(&of_second, &zip);
        if let Some(thread) = thread {
            graph.place(&zip, &thread);
            graph.place(&of_first, &thread);
            graph.place(&of_second, &thread);
        }
        zip
    }

    /// What waits, if it has not waited for too long.
    fn partner(&mut self, now: Time) -> Option<Waiting<A, B>> {
        let (waiting, since) = self.waiting.take()?;
        (now.since(since) <= self.within).then_some(waiting)
    }
}

impl<A, B, N, F> Actor for Zip<A, B, N, F>
where
    A: Message,
    B: Message,
    N: Message,
    F: FnMut(A, B) -> N + 'static,
{
}

impl<A, B, N, F> Emits<N> for Zip<A, B, N, F>
where
    A: Message,
    B: Message,
    N: Message,
    F: FnMut(A, B) -> N + 'static,
{
}

impl<A, B, N, F> Handler<First<A>> for Zip<A, B, N, F>
where
    A: Message,
    B: Message,
    N: Message,
    F: FnMut(A, B) -> N + Clone + Send + 'static,
{
    type Reply = ();
    async fn handle(&mut self, first: First<A>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match self.partner(ctx.now()) {
            Some(Waiting::Second(second)) => ctx.publish::<N>((self.join)(first.0, second)),
            _ => self.waiting = Some((Waiting::First(first.0), ctx.now())),
        }
        Ok(())
    }
}

impl<A, B, N, F> Handler<Second<B>> for Zip<A, B, N, F>
where
    A: Message,
    B: Message,
    N: Message,
    F: FnMut(A, B) -> N + Clone + Send + 'static,
{
    type Reply = ();
    async fn handle(&mut self, second: Second<B>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match self.partner(ctx.now()) {
            Some(Waiting::First(first)) => ctx.publish::<N>((self.join)(first, second.0)),
            _ => self.waiting = Some((Waiting::Second(second.0), ctx.now())),
        }
        Ok(())
    }
}

impl<A, B, N, F> fmt::Debug for Zip<A, B, N, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zip(within {:?})", self.within)
    }
}
