//! The state of an actor that is now one thing, now another.

use sinew_runtime::{Actor, Context, Failure, Handler, Time, TimerId};
use std::time::Duration;

/// A state, when it was entered, and the timers that end with it.
///
/// See [`Stateful`] for what it is good for.
#[derive(Debug)]
pub struct Machine<S> {
    state: S,
    since: Time,
    changes: u64,
    deadline: Option<TimerId>,
    ticker: Option<TimerId>,
}

impl<S> Machine<S> {
    /// A machine that will begin in this state.
    #[must_use]
    pub const fn new(first: S) -> Self {
        Self {
            state: first,
            since: Time::ZERO,
            changes: 0,
            deadline: None,
            ticker: None,
        }
    }

    /// The state it is in.
    pub const fn state(&self) -> &S {
        &self.state
    }

    /// The state it is in, to change what it holds; to become another one call [`Stateful::becomes`].
    pub const fn state_mut(&mut self) -> &mut S {
        &mut self.state
    }

    /// When it entered this state.
    #[must_use]
    pub const fn since(&self) -> Time {
        self.since
    }

    /// How often it became another.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Sends the actor `message` if it is still in this state after `delay`. A state has one deadline: another one
    /// takes its place.
    pub fn deadline<A, M>(&mut self, delay: Duration, message: M, ctx: &mut Context<A>)
    where
        M: Send + 'static,
        A: Handler<M>,
    {
        let timer = ctx.after(delay, message);
        replace(&mut self.deadline, Some(timer), ctx);
    }

    /// Sends the actor `message` at the end of each period while it is in this state. A state has one such tick:
    /// another one takes its place.
    pub fn tick<A, M>(&mut self, period: Duration, message: M, ctx: &mut Context<A>)
    where
        M: Clone + Send + 'static,
        A: Handler<M>,
    {
        let timer = ctx.every(period, message);
        replace(&mut self.ticker, Some(timer), ctx);
    }

    /// Ends the timers of this state.
    fn end_timers<A: Actor>(&mut self, ctx: &mut Context<A>) {
        replace(&mut self.deadline, None, ctx);
        replace(&mut self.ticker, None, ctx);
    }
}

fn replace<A: Actor>(place: &mut Option<TimerId>, by: Option<TimerId>, ctx: &mut Context<A>) {
    if let Some(ended) = std::mem::replace(place, by) {
        ctx.cancel(ended);
    }
}

/// A clone is what a restart begins with: the same state, entered by nobody yet.
impl<S: Clone> Clone for Machine<S> {
    fn clone(&self) -> Self {
        Self::new(self.state.clone())
    }
}

/// An actor with states that are values, and that does something when it enters and leaves them.
///
/// For what must not be in two minds: a gripper that opens, closes, holds or has failed, a docking that approaches,
/// touches and charges. What belongs to a state ends with it, so that no deadline of a state that was left long ago
/// stops a motion: its timers never tick after the change, not even those that were due already.
///
/// ```
/// use sinew_patterns::{Machine, Stateful};
/// # use sinew_runtime::{Actor, Context, Failure, Handler};
/// # use std::time::Duration;
///
/// #[derive(Clone, Debug, PartialEq)]
/// enum Grip { Open, Closing { force: f64 }, Holding { force: f64 }, Failed }
///
/// #[derive(Clone)]
/// struct Gripper { grip: Machine<Grip> }
///
/// #[derive(Clone)]
/// struct Late;
/// struct Close(f64);
/// struct Touched;
///
/// impl Stateful for Gripper {
///     type State = Grip;
///     fn machine(&mut self) -> &mut Machine<Grip> { &mut self.grip }
///
///     fn entered(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         if let Grip::Closing { .. } = self.grip.state() {
///             self.grip.deadline(Duration::from_secs(2), Late, ctx);
///         }
///         Ok(())
///     }
/// }
///
/// impl Handler<Close> for Gripper {
///     type Reply = ();
///     async fn handle(&mut self, Close(force): Close, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         self.becomes(Grip::Closing { force }, ctx)
///     }
/// }
///
/// impl Handler<Touched> for Gripper {
///     type Reply = ();
///     async fn handle(&mut self, _: Touched, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         match *self.grip.state() {
///             Grip::Closing { force } => self.becomes(Grip::Holding { force }, ctx),
///             _ => Ok(()),
///         }
///     }
/// }
///
/// impl Handler<Late> for Gripper {
///     type Reply = ();
///     async fn handle(&mut self, _: Late, ctx: &mut Context<Self>) -> Result<(), Failure> {
///         self.becomes(Grip::Failed, ctx)
///     }
/// }
/// # impl Actor for Gripper {}
/// ```
pub trait Stateful: Actor {
    /// Its states.
    type State: 'static;

    /// Where its state is kept.
    fn machine(&mut self) -> &mut Machine<Self::State>;

    /// Runs when a state was entered. It may already become another.
    ///
    /// # Errors
    ///
    /// A [`Failure`] ends the actor.
    fn entered(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let _ = ctx;
        Ok(())
    }

    /// Runs when a state is about to be left: what was switched on in it is switched off here.
    ///
    /// # Errors
    ///
    /// A [`Failure`] ends the actor, still in this state.
    fn leaving(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let _ = ctx;
        Ok(())
    }

    /// Enters the first state: call it in `started`.
    ///
    /// # Errors
    ///
    /// What [`entered`](Self::entered) returns.
    fn begins(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.machine().since = ctx.now();
        self.entered(ctx)
    }

    /// Leaves the state it is in and enters another, which may be an equal one: its timers begin anew.
    ///
    /// # Errors
    ///
    /// What [`leaving`](Self::leaving) and [`entered`](Self::entered) return.
    fn becomes(&mut self, next: Self::State, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.leaving(ctx)?;
        let machine = self.machine();
        machine.end_timers(ctx);
        machine.state = next;
        machine.since = ctx.now();
        machine.changes += 1;
        self.entered(ctx)
    }
}
