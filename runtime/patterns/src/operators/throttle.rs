//! Lets through at most one value in a period.

use super::Carried;
use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Leased, Message, Time};
use std::time::Duration;

/// Passes at most one value in a period: the first at once, and at the end of the period the newest of those that
/// came in it. So what was said last always arrives, a stop as well, at most one period late.
///
/// For what listens slower than its source speaks: a radio link that gets ten poses a second of a hundred, a
/// display, a servo whose bus takes twenty commands a second. A command that it holds runs on towards the end of its
/// lease and is forgotten there.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
/// # use sinew_patterns::Throttle;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Odometer;
/// # impl Actor for Odometer {}
/// # impl Emits<f64> for Odometer {}
/// # #[derive(Clone)] struct Radio;
/// # impl Actor for Radio {}
/// # impl Handler<f64> for Radio {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let odometer = graph.add("odometer", Odometer);
/// # let radio = graph.add("radio", Radio);
/// let seldom = graph.add("seldom", Throttle::every(Duration::from_millis(100)));
/// graph.connect(&odometer, &seldom);
/// graph.connect(&seldom, &radio);
/// # assert!(graph.findings().is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Throttle<M> {
    period: Duration,
    /// The newest value of this period that is not the first.
    held: Option<Carried<M>>,
    /// The end of this period.
    free_at: Time,
}

/// A period in which a value was held has ended.
struct PeriodEnded;

impl<M: Message> Throttle<M> {
    /// Passes at most one value in each `period`. A period of zero lets all pass.
    #[must_use]
    pub const fn every(period: Duration) -> Self {
        Self {
            period,
            held: None,
            free_at: Time::ZERO,
        }
    }

    fn take(&mut self, carried: Carried<M>, ctx: &mut Context<Self>) {
        if self.held.is_none() && ctx.now() >= self.free_at {
            self.pass(carried, ctx);
        } else if self.held.replace(carried).is_none() {
            ctx.after(self.free_at.since(ctx.now()), PeriodEnded);
        }
    }

    fn pass(&mut self, carried: Carried<M>, ctx: &mut Context<Self>) {
        self.free_at = ctx.now() + self.period;
        carried.publish(ctx);
    }
}

impl<M: Message> Actor for Throttle<M> {}
impl<M: Message> Emits<M> for Throttle<M> {}

impl<M: Message> Handler<M> for Throttle<M> {
    type Reply = ();
    async fn handle(&mut self, value: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.take(Carried::Value(value), ctx);
        Ok(())
    }
}

impl<M: Message> Handler<Leased<M>> for Throttle<M> {
    type Reply = ();
    async fn handle(&mut self, it: Leased<M>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.take(Carried::Command(it), ctx);
        Ok(())
    }
}

impl<M: Message> Handler<PeriodEnded> for Throttle<M> {
    type Reply = ();
    async fn handle(&mut self, _: PeriodEnded, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(held) = self.held.take() {
            self.pass(held, ctx);
        }
        Ok(())
    }
}
