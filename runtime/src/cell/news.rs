//! What an actor hears of others, one piece of news at a time.

use super::{Busy, Cell, Held, Hook};
use crate::kin::{ChildEnd, News, Next};
use crate::{Actor, ChildStopped, Ended, Failure};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};

/// News that wait to be heard, and the hook that hears one.
#[derive(Default)]
pub(super) struct Tidings {
    waiting: VecDeque<News>,
    hook: Option<Hook>,
    /// Why the actor fails once it has heard.
    escalates: Option<String>,
}

impl<A: Actor> Cell<A> {
    /// Keeps news until the actor has a moment.
    pub(super) fn keep_news(&mut self, news: Vec<News>) {
        if !news.is_empty() {
            let tidings = self.tidings.get_or_insert_default();
            tidings.waiting.extend(news);
        }
    }

    /// Begins with the next piece of news that concerns this incarnation; the failure of an actor that it is linked to
    /// is its own.
    pub(super) fn look_at_news(&mut self) -> Result<Option<Busy>, Failure> {
        while let Some(news) = self.next_news() {
            let begun = match news {
                News::Child(end) => self.begin_child_stopped(end),
                News::Watched { watch, ended } => self.begin_ended(watch, ended),
                News::Linked { incarnation, ended } if incarnation == self.incarnation() => {
                    let Ended { name, reason } = ended;
                    return Err(Failure::new(format!(
                        "it is linked to `{name}`, which {reason}"
                    )));
                }
                News::Linked { .. } => None,
            };
            if begun.is_some() {
                self.overtakers += 1;
                return Ok(begun);
            }
        }
        Ok(None)
    }

    fn next_news(&mut self) -> Option<News> {
        self.tidings.as_mut()?.waiting.pop_front()
    }

    /// How often it had been restarted when the present incarnation began.
    pub(super) fn incarnation(&self) -> u64 {
        self.parts.mailbox.record.restarts()
    }

    fn begin_ended(&mut self, watch: u64, ended: Ended) -> Option<Busy> {
        let mut held = Held::take(&self.home)?;
        let relatives = held.state().ctx.relatives.as_mut()?;
        let watching = relatives.take_watch(watch)?;
        let tidings = self.tidings.as_mut()?;
        tidings.hook = Some((watching.hear)(held, ended));
        Some(Busy::News)
    }

    fn begin_child_stopped(&mut self, end: ChildEnd) -> Option<Busy> {
        if end.incarnation != self.incarnation() {
            return None;
        }
        let mut held = Held::take(&self.home)?;
        if end.next != Next::Restart
            && let Some(relatives) = &mut held.state().ctx.relatives
            && let Some(family) = &mut relatives.family
        {
            family.remove(end.child.as_ref());
        }
        let child = ChildStopped {
            name: Arc::clone(end.child.name()),
            reason: end.reason,
            restarts: end.next == Next::Restart,
        };
        let tidings = self.tidings.as_mut()?;
        tidings.escalates = (end.next == Next::Escalate).then(|| {
            let ChildStopped { name, reason, .. } = &child;
            format!("its child `{name}` {reason}; the child's restart limit is exceeded")
        });
        tidings.hook = Some(Box::pin(async move {
            let state = held.state();
            state.begins_with::<ChildStopped>();
            state.actor.child_stopped(&child, &mut state.ctx).await
        }));
        Some(Busy::News)
    }

    /// Goes on with the piece of news in hand.
    pub(super) fn poll_news(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), Failure>> {
        let Some(tidings) = self.tidings.as_mut() else {
            return Poll::Ready(Ok(()));
        };
        if let Some(hook) = &mut tidings.hook {
            let heard = ready!(hook.as_mut().poll(cx));
            tidings.hook = None;
            heard?;
        }
        Poll::Ready(
            tidings
                .escalates
                .take()
                .map_or(Ok(()), |why| Err(Failure::new(why))),
        )
    }

    /// Gives up the piece of news in hand.
    pub(super) fn cancel_news(&mut self) {
        if let Some(tidings) = &mut self.tidings {
            tidings.hook = None;
        }
    }
}
