//! Makes a noisy value calm.

use sinew_runtime::{Actor, Context, Emits, Failure, Handler, Message, Time};
use std::fmt;
use std::time::Duration;

/// Follows its values with a time constant: after that time it has gone 63 % of a step, however often and however
/// irregularly values come. The first value passes unchanged.
///
/// For what shakes: the battery's voltage under the motors, a compass beside them, a sonar's distance on a lawn. The
/// closure goes a share of the way, from 0 to 1, from the last output to the new value; the share is dt / (tau + dt),
/// the backward Euler form, which is stable for every step of time. It takes readings and no commands, which the
/// compiler sees to: a smoothed stop is none. (A ramp, which stops at once, goes into a [`Map`](crate::Map).)
///
/// ```
/// # use sinew_runtime::{Actor, Context, Emits, Failure, Graph, Handler};
/// # use sinew_patterns::Smooth;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Battery;
/// # impl Actor for Battery {}
/// # impl Emits<f64> for Battery {}
/// # #[derive(Clone)] struct Gauge;
/// # impl Actor for Gauge {}
/// # impl Handler<f64> for Gauge {
/// #     type Reply = ();
/// #     async fn handle(&mut self, _: f64, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let mut graph = Graph::new("robot");
/// # let battery = graph.add("battery", Battery);
/// # let gauge = graph.add("gauge", Gauge);
/// let towards = |last: f64, new: f64, share: f64| last + (new - last) * share;
/// let calm = graph.add("calm", Smooth::over(Duration::from_secs(2), towards));
/// graph.connect(&battery, &calm);
/// graph.connect(&calm, &gauge);
/// # assert!(graph.findings().is_empty());
/// ```
///
/// ```compile_fail,E0277
/// # use sinew_runtime::{Actor, Emits, Graph};
/// # use sinew_patterns::Smooth;
/// # use std::time::Duration;
/// # #[derive(Clone)] struct Pilot;
/// # impl Actor for Pilot {}
/// # impl Emits<f64> for Pilot {}
/// # let mut graph = Graph::new("robot");
/// # let pilot = graph.add("pilot", Pilot);
/// let towards = |last: f64, new: f64, share: f64| last + (new - last) * share;
/// let calm = graph.add("calm", Smooth::<f64, _>::over(Duration::from_secs(2), towards));
/// graph.command(&pilot, &calm);
/// ```
#[derive(Clone)]
pub struct Smooth<M, F> {
    time_constant: Duration,
    towards: F,
    last: Option<(M, Time)>,
}

impl<M: Message, F: FnMut(M, M, f64) -> M + 'static> Smooth<M, F> {
    /// Goes from the last output towards each new value by `towards(last, new, share)`. A time constant of zero lets
    /// all pass.
    #[must_use]
    pub const fn over(time_constant: Duration, towards: F) -> Self {
        Self {
            time_constant,
            towards,
            last: None,
        }
    }

    fn follow(&mut self, new: M, now: Time) -> M {
        let value = match self.last.take() {
            None => new,
            Some((last, at)) => {
                let share = self.share(now.since(at));
                (self.towards)(last, new, share)
            }
        };
        self.last = Some((value.clone(), now));
        value
    }

    fn share(&self, elapsed: Duration) -> f64 {
        if self.time_constant.is_zero() {
            return 1.0;
        }
        let (tau, step) = (self.time_constant.as_secs_f64(), elapsed.as_secs_f64());
        step / (tau + step)
    }
}

impl<M: Message, F: FnMut(M, M, f64) -> M + 'static> Actor for Smooth<M, F> {}
impl<M: Message, F: FnMut(M, M, f64) -> M + 'static> Emits<M> for Smooth<M, F> {}

impl<M: Message, F: FnMut(M, M, f64) -> M + 'static> Handler<M> for Smooth<M, F> {
    type Reply = ();
    async fn handle(&mut self, value: M, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let calm = self.follow(value, ctx.now());
        ctx.publish::<M>(calm);
        Ok(())
    }
}

impl<M, F> fmt::Debug for Smooth<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smooth(over {:?})", self.time_constant)
    }
}
