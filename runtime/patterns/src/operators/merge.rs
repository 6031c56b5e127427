//! Makes one flow of several.

use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Message};
use std::marker::PhantomData;

/// Passes on what comes from any of several sources, in the order in which it arrives.
///
/// For what is one thing to whoever listens: bumpers all around that are "a bump", a sonar and an infrared sensor that
/// both say how far the wall is. Behind it there is one edge, with one policy and one silence: that of all of them
/// together. Values only: commands of several sources need an [`Arbiter`](crate::Arbiter), which knows who counts.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Silence};
/// # use sinew_patterns::Merge;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Sonar;
/// # impl Actor for Sonar {}
/// # impl Emits<f64> for Sonar {}
/// # #[derive(Clone)] struct Reflex;
/// # impl Actor for Reflex {}
/// # impl Handler<f64> for Reflex {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # impl Handler<Silence<f64>> for Reflex {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: Silence<f64>, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let left = graph.add("left", Sonar);
/// # let right = graph.add("right", Sonar);
/// # let reflex = graph.add("reflex", Reflex);
/// let ahead = graph.add("ahead", Merge::new());
/// graph.connect(&left, &ahead);
/// graph.connect(&right, &ahead);
/// graph.connect(&ahead, &reflex).silence_after(Duration::from_millis(200));
/// # assert!(graph.findings().is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Merge<M>(PhantomData<fn() -> M>);

impl<M: Message> Merge<M> {
    /// Passes on all that comes.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M: Message> Default for Merge<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Message> Actor for Merge<M> {}
impl<M: Message> Emits<M> for Merge<M> {}

impl<M: Message> Handler<M> for Merge<M> {
    type Reply = ();
    async fn handle(&mut self, value: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(value);
        Ok(())
    }
}
