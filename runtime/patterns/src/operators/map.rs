//! Turns each value into another.

use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Leased, Message};
use std::fmt;
use std::marker::PhantomData;

/// Passes each value on as what its closure makes of it; a command keeps its lease.
///
/// For what speaks another language than its listener: an echo in microseconds that a reflex wants in metres, a
/// stick's deflection that becomes a twist, a twist that a limit holds down. The closure may remember (a ramp, a
/// count); what it remembers begins anew after a restart.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler, Leased};
/// # use sinew_patterns::Map;
/// # #[derive(Clone)] struct Joystick;
/// # impl Actor for Joystick {}
/// # impl Emits<i16> for Joystick {}
/// # #[derive(Clone)] struct Drive;
/// # impl Actor for Drive {}
/// # impl Handler<Leased<f64>> for Drive {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: Leased<f64>, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let joystick = graph.add("joystick", Joystick);
/// # let drive = graph.add("drive", Drive);
/// let speed = graph.add("speed", Map::new(|stick: i16| f64::from(stick) / 32_767.0));
/// graph.command(&joystick, &speed);
/// graph.command(&speed, &drive);
/// # assert!(graph.findings().is_empty());
/// ```
pub struct Map<M, N, F> {
    change: F,
    kind: PhantomData<fn(M) -> N>,
}

impl<M, N, F> Map<M, N, F>
where
    M: Message,
    N: Message,
    F: FnMut(M) -> N + 'static,
{
    /// Changes each value by this closure.
    #[must_use]
    pub const fn new(change: F) -> Self {
        Self {
            change,
            kind: PhantomData,
        }
    }
}

impl<M, N, F: Clone> Clone for Map<M, N, F> {
    fn clone(&self) -> Self {
        Self {
            change: self.change.clone(),
            kind: PhantomData,
        }
    }
}

impl<M: Message, N: Message, F: FnMut(M) -> N + 'static> Actor for Map<M, N, F> {}
impl<M: Message, N: Message, F: FnMut(M) -> N + 'static> Emits<N> for Map<M, N, F> {}

impl<M: Message, N: Message, F: FnMut(M) -> N + 'static> Handler<M> for Map<M, N, F> {
    type Reply = ();
    async fn handle(&mut self, value: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish::<N>((self.change)(value));
        Ok(())
    }
}

impl<M: Message, N: Message, F: FnMut(M) -> N + 'static> Handler<Leased<M>> for Map<M, N, F> {
    type Reply = ();
    async fn handle(&mut self, it: Leased<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish::<N>(it.map(&mut self.change));
        Ok(())
    }
}

impl<M, N, F> fmt::Debug for Map<M, N, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Map")
    }
}
