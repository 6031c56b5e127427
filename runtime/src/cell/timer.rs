//! Messages that an actor sends itself, later.

use super::held::Held;
use super::service::{Service, service};
use super::source::{LocalSource, Readiness};
use crate::hub::Hub;
use crate::{Actor, Failure, Handler, Tick, Time};
use std::task::{Context, Poll};
use std::time::Duration;

/// A message once, after a delay.
pub(crate) struct Once<A: Handler<M>, M: Send + 'static> {
    id: u64,
    due: Time,
    message: Option<M>,
    service: Box<dyn Service<A, M, <A as Handler<M>>::Reply>>,
}

impl<A: Handler<M>, M: Send + 'static> Once<A, M> {
    pub(crate) fn new(id: u64, due: Time, message: M) -> Self {
        Self {
            id,
            due,
            message: Some(message),
            service: Box::new(service()),
        }
    }
}

impl<A: Handler<M>, M: Send + 'static> LocalSource<A> for Once<A, M> {
    fn id(&self) -> u64 {
        self.id
    }

    fn ready(&mut self, hub: &Hub, _: &mut Context<'_>) -> Readiness {
        match self.message {
            None => Readiness::Ended,
            Some(_) if self.due <= hub.seen() => Readiness::Ready,
            Some(_) => Readiness::Waiting,
        }
    }

    fn begin(&mut self, held: Held<A>, _: &Hub) {
        if let Some(message) = self.message.take() {
            self.service.begin(held, message);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|(_, result)| result.map(drop))
    }

    fn cancel(&mut self) {
        self.service.cancel();
    }

    fn deadline(&self) -> Option<Time> {
        self.message.is_some().then_some(self.due)
    }

    fn is_foreign(&self) -> bool {
        false
    }
}

/// A message to another actor, after a delay; it is the sender's, and gone with it.
pub(crate) struct Later {
    id: u64,
    due: Time,
    send: Option<Box<dyn FnOnce()>>,
}

impl Later {
    pub(crate) fn new(id: u64, due: Time, send: Box<dyn FnOnce()>) -> Self {
        let send = Some(send);
        Self { id, due, send }
    }
}

impl<A: Actor> LocalSource<A> for Later {
    fn id(&self) -> u64 {
        self.id
    }

    fn ready(&mut self, hub: &Hub, _: &mut Context<'_>) -> Readiness {
        match self.send {
            None => Readiness::Ended,
            Some(_) if self.due <= hub.seen() => Readiness::Ready,
            Some(_) => Readiness::Waiting,
        }
    }

    fn begin(&mut self, _: Held<A>, _: &Hub) {
        if let Some(send) = self.send.take() {
            send();
        }
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn cancel(&mut self) {
        self.send = None;
    }

    fn deadline(&self) -> Option<Time> {
        self.send.is_some().then_some(self.due)
    }

    fn is_foreign(&self) -> bool {
        false
    }
}

/// The shortest period: below it, time would be all ticks.
const SHORTEST_PERIOD: Duration = Duration::from_micros(1);

/// A message at each end of a period, made of the tick. Ticks that were missed are one tick.
pub(crate) struct Every<A: Handler<M>, M: Send + 'static, F> {
    id: u64,
    due: Time,
    period: Duration,
    make: F,
    service: Box<dyn Service<A, M, A::Reply>>,
}

impl<A: Handler<M>, M: Send + 'static, F: FnMut(Tick) -> M> Every<A, M, F> {
    /// The first tick comes one period after `now`.
    pub(crate) fn new(id: u64, now: Time, period: Duration, make: F) -> Self {
        let period = period.max(SHORTEST_PERIOD);
        Self {
            id,
            due: now + period,
            period,
            make,
            service: Box::new(service()),
        }
    }

    /// Takes the tick that is due; the next one is in step.
    fn take_tick(&mut self, now: Time) -> Tick {
        let period = nanos(self.period);
        let missed = nanos(now.since(self.due)) / period;
        let due = self.due + Duration::from_nanos(period.saturating_mul(missed));
        self.due = due + self.period;
        let count = missed.saturating_add(1);
        Tick { due, count }
    }
}

impl<A: Handler<M>, M: Send + 'static, F: FnMut(Tick) -> M> LocalSource<A> for Every<A, M, F> {
    fn id(&self) -> u64 {
        self.id
    }

    fn ready(&mut self, hub: &Hub, _: &mut Context<'_>) -> Readiness {
        if self.due <= hub.seen() {
            Readiness::Ready
        } else {
            Readiness::Waiting
        }
    }

    fn begin(&mut self, held: Held<A>, hub: &Hub) {
        let tick = self.take_tick(hub.now());
        let message = (self.make)(tick);
        self.service.begin(held, message);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|(_, result)| result.map(drop))
    }

    fn cancel(&mut self) {
        self.service.cancel();
    }

    fn deadline(&self) -> Option<Time> {
        Some(self.due)
    }

    fn is_foreign(&self) -> bool {
        false
    }
}

/// Whole nanoseconds, at most what a [`Time`] can count.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
