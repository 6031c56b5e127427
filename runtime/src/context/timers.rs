//! What an actor does by the clock.

use super::{Context, Request, TimerId};
use crate::cell::{Every, Later, Once};
use crate::dead_letters::Undelivered;
use crate::{Actor, Address, Handler, Tick};
use std::time::Duration;

impl<A: Actor> Context<A> {
    /// Sends this actor `message` at the end of each period, the first time one period from now. A tick that
    /// comes late is one tick, however many periods passed; use [`ticks`](Self::ticks) to be told how many. A period
    /// below a microsecond counts as one.
    pub fn every<M>(&mut self, period: Duration, message: M) -> TimerId
    where
        M: Clone + Send + 'static,
        A: Handler<M>,
    {
        self.ticks(period, move |_| message.clone())
    }

    /// As [`every`](Self::every), with a message that is made of each [`Tick`], which knows when it was due and how
    /// many periods it stands for: what integrates over time, or counts, is right also after a handler that took long.
    ///
    /// ```
    /// # use sinew_runtime::{Actor, Context, Failure, Handler, Tick};
    /// # use std::time::Duration;
    /// # struct Wheel { angle: f64, speed: f64 }
    /// # impl Actor for Wheel {
    /// # async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
    /// ctx.ticks(Duration::from_millis(10), |tick| tick);
    /// # Ok(())
    /// # }
    /// # }
    /// impl Handler<Tick> for Wheel {
    ///     type Reply = ();
    ///     async fn handle(&mut self, tick: Tick, _: &mut Context<Self>) -> Result<(), Failure> {
    ///         self.angle += self.speed * 0.010 * tick.count as f64;
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn ticks<M>(&mut self, period: Duration, make: impl FnMut(Tick) -> M + 'static) -> TimerId
    where
        M: Send + 'static,
        A: Handler<M>,
    {
        let id = self.take_id();
        let timer = Every::new(id, self.now(), period, make);
        self.requests.push(Request::Timer(Box::new(timer)));
        TimerId(id)
    }

    /// Sends this actor `message` once, after `delay`.
    pub fn after<M>(&mut self, delay: Duration, message: M) -> TimerId
    where
        M: Send + 'static,
        A: Handler<M>,
    {
        let id = self.take_id();
        let timer = Once::new(id, self.now() + delay, message);
        self.requests.push(Request::Timer(Box::new(timer)));
        TimerId(id)
    }

    /// Sends another actor `message` after `delay`, unless this actor ends or [cancels](Self::cancel) it before. What
    /// finds no room then, or nobody, becomes a [`DeadLetter`](crate::DeadLetter).
    pub fn tell_after<B, M>(&mut self, delay: Duration, to: &Address<B>, message: M) -> TimerId
    where
        M: Send + 'static,
        B: Handler<M>,
    {
        let id = self.take_id();
        let (to, now) = (to.clone(), self.now());
        let send = Box::new(move || {
            if let Err(error) = to.try_tell(message) {
                let why = if error.is_closed() {
                    Undelivered::Ended
                } else {
                    Undelivered::Full
                };
                let letters = &to.mailbox.shared.dead_letters;
                let name = std::any::type_name::<M>();
                letters.post(&to.mailbox.name, name, why, 1, to.mailbox.shared.now());
            }
        });
        let timer = Later::new(id, now + delay, send);
        self.requests.push(Request::Timer(Box::new(timer)));
        TimerId(id)
    }

    /// Ends a timer; one that has ended already is no error.
    pub fn cancel(&mut self, timer: TimerId) {
        self.requests.push(Request::Cancel(timer.0));
    }
}
