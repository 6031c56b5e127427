//! Waits until a value has settled.

use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Message, Time};
use std::time::Duration;

/// Passes a value once no newer one came for a while.
///
/// For what flickers before it settles: the contact of a bumper, a battery whose voltage dips below its limit at each
/// start of a motor, a person who turns a knob. It takes readings and events and no commands, which the compiler sees
/// to: a source that never rests would never be obeyed, and a stop would come late.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
/// # use sinew_patterns::Debounce;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Knob;
/// # impl Actor for Knob {}
/// # impl Emits<f64> for Knob {}
/// # #[derive(Clone)] struct Lamp;
/// # impl Actor for Lamp {}
/// # impl Handler<f64> for Lamp {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let knob = graph.add("knob", Knob);
/// # let lamp = graph.add("lamp", Lamp);
/// let settled = graph.add("settled", Debounce::rested(Duration::from_millis(20)));
/// graph.connect(&knob, &settled);
/// graph.connect(&settled, &lamp);
/// # assert!(graph.findings().is_empty());
/// ```
///
/// ```compile_fail,E0277
/// # use sinew_runtime::{Actor, Emits, Graph};
/// # use sinew_patterns::Debounce;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Pilot;
/// # impl Actor for Pilot {}
/// # impl Emits<f64> for Pilot {}
/// # let mut graph = Graph::new("robot");
/// # let pilot = graph.add("pilot", Pilot);
/// let settled = graph.add("settled", Debounce::<f64>::rested(Duration::from_millis(20)));
/// graph.command(&pilot, &settled);
/// ```
#[derive(Clone, Debug)]
pub struct Debounce<M> {
    rest: Duration,
    held: Option<M>,
    settles_at: Time,
    /// Whether a timer runs that looks whether the value has settled.
    watching: bool,
}

/// Has the operator look whether its value has settled.
struct LookAgain;

impl<M: Message> Debounce<M> {
    /// Passes a value once no newer one came for `rest`.
    #[must_use]
    pub const fn rested(rest: Duration) -> Self {
        Self {
            rest,
            held: None,
            settles_at: Time::ZERO,
            watching: false,
        }
    }

    /// One timer at a time looks, however often a newer value puts the moment off.
    fn watch(&mut self, ctx: &mut Context<Self>) {
        if !self.watching {
            self.watching = true;
            ctx.after(self.settles_at.since(ctx.now()), LookAgain);
        }
    }
}

impl<M: Message> Actor for Debounce<M> {}
impl<M: Message> Emits<M> for Debounce<M> {}

impl<M: Message> Handler<M> for Debounce<M> {
    type Reply = ();
    async fn handle(&mut self, value: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.held = Some(value);
        self.settles_at = ctx.now() + self.rest;
        self.watch(ctx);
        Ok(())
    }
}

impl<M: Message> Handler<LookAgain> for Debounce<M> {
    type Reply = ();
    async fn handle(&mut self, _: LookAgain, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.watching = false;
        if ctx.now() < self.settles_at {
            self.watch(ctx);
        } else if let Some(settled) = self.held.take() {
            ctx.publish(settled);
        }
        Ok(())
    }
}
