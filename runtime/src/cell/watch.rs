//! The watch over an edge's silence.

use super::held::Held;
use super::service::{Service, service};
use super::source::{LocalSource, Readiness};
use crate::edge::{EdgeMeta, count};
use crate::hub::Hub;
use crate::{Failure, Handler, Silence, Time};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Turns nothing on an edge into a [`Silence`]. It looks at when the last value was published, so a value that
/// still stands unhandled withdraws the silence.
pub(crate) struct Watch<A: Handler<Silence<M>>, M: 'static> {
    edge: Arc<EdgeMeta>,
    after: Duration,
    /// From here on silence counts while no value ever came.
    since: Time,
    /// The arrival (or start) whose silence was reported already.
    reported: Option<Time>,
    service: Box<dyn Service<A, Silence<M>, <A as Handler<Silence<M>>>::Reply>>,
}

impl<A: Handler<Silence<M>>, M: 'static> Watch<A, M> {
    pub(crate) fn new(edge: Arc<EdgeMeta>, after: Duration, since: Time) -> Self {
        Self {
            edge,
            after,
            since,
            reported: None,
            service: Box::new(service()),
        }
    }

    /// When the silence that may be going on began.
    fn began(&self) -> Time {
        self.edge
            .last_arrival()
            .map_or(self.since, |last| last.max(self.since))
    }
}

impl<A: Handler<Silence<M>>, M: 'static> LocalSource<A> for Watch<A, M> {
    fn id(&self) -> u64 {
        u64::MAX
    }

    fn ready(&mut self, hub: &Hub, _: &mut Context<'_>) -> Readiness {
        match self.deadline() {
            Some(deadline) if deadline <= hub.seen() => Readiness::Ready,
            _ => Readiness::Waiting,
        }
    }

    fn begin(&mut self, held: Held<A>, _: &Hub) {
        let began = self.began();
        self.reported = Some(began);
        count(&self.edge.silences);
        self.service.begin(held, Silence::new(began));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.service.poll(cx).map(|(_, result)| result.map(drop))
    }

    fn cancel(&mut self) {
        self.service.cancel();
    }

    fn deadline(&self) -> Option<Time> {
        let began = self.began();
        (self.reported != Some(began)).then(|| began + self.after)
    }

    fn is_foreign(&self) -> bool {
        false
    }
}
