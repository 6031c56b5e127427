//! Lets only some values through.

use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Leased, Message};
use std::fmt;
use std::marker::PhantomData;

/// Passes the values that its closure accepts, unchanged.
///
/// For what would do harm further on: a range of zero that means "no echo", a fix without satellites, a voltage that
/// is no number before a [`Smooth`](crate::Smooth) that would keep it for ever. Of a command that is kept back
/// nothing arrives: the one before it stands until its lease ends, so keep back no stop.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
/// # use sinew_patterns::Filter;
/// # #[derive(Clone)] struct Sonar;
/// # impl Actor for Sonar {}
/// # impl Emits<f64> for Sonar {}
/// # #[derive(Clone)] struct Reflex;
/// # impl Actor for Reflex {}
/// # impl Handler<f64> for Reflex {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let sonar = graph.add("sonar", Sonar);
/// # let reflex = graph.add("reflex", Reflex);
/// let echoes = graph.add("echoes", Filter::new(|range: &f64| *range > 0.02));
/// graph.connect(&sonar, &echoes);
/// graph.connect(&echoes, &reflex);
/// # assert!(graph.findings().is_empty());
/// ```
pub struct Filter<M, F> {
    accepts: F,
    kind: PhantomData<fn(&M)>,
}

impl<M: Message, F: FnMut(&M) -> bool + 'static> Filter<M, F> {
    /// Passes what this closure accepts.
    #[must_use]
    pub const fn new(accepts: F) -> Self {
        Self {
            accepts,
            kind: PhantomData,
        }
    }
}

impl<M, F: Clone> Clone for Filter<M, F> {
    fn clone(&self) -> Self {
        Self {
            accepts: self.accepts.clone(),
            kind: PhantomData,
        }
    }
}

impl<M: Message, F: FnMut(&M) -> bool + 'static> Actor for Filter<M, F> {}
impl<M: Message, F: FnMut(&M) -> bool + 'static> Emits<M> for Filter<M, F> {}

impl<M: Message, F: FnMut(&M) -> bool + 'static> Handler<M> for Filter<M, F> {
    type Reply = ();
    async fn handle(&mut self, value: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if (self.accepts)(&value) {
            ctx.publish(value);
        }
        Ok(())
    }
}

impl<M: Message, F: FnMut(&M) -> bool + 'static> Handler<Leased<M>> for Filter<M, F> {
    type Reply = ();
    async fn handle(&mut self, it: Leased<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if (self.accepts)(it.value()) {
            ctx.publish(it);
        }
        Ok(())
    }
}

impl<M, F> fmt::Debug for Filter<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter")
    }
}
