//! The end of an actor's children, one after the other, the last started first.

use super::{Family, Kin};
use crate::Time;
use crate::mailbox::Order;
use std::sync::Arc;
use std::time::Duration;

/// How long a child may take to react to its stop: two seconds for its last word, and one for those before it in its
/// thread.
const REACTION: Duration = Duration::from_secs(3);
/// How much later than itself its relatives give an actor up: it is the first to notice what keeps it.
const PATIENCE: Duration = Duration::from_secs(1);

/// When an actor that was told to stop at `asked` is given up. One that reacts says itself until when its end may
/// take, and so do its children, however deep.
pub(crate) fn given_up_at(kin: &dyn Kin, asked: Time) -> Time {
    (asked + REACTION).max(kin.record().ends_by() + PATIENCE)
}

/// Gives up an actor that does not end in time: says so, tells it to drop what it does, and waits no longer.
pub(crate) fn give_up(kin: &dyn Kin) {
    tracing::error!(node = %kin.name(), "unresponsive: it did not end in time and is not waited for");
    kin.record().set_unresponsive();
    kin.post(Order::Abort);
}

/// Children that have yet to end, each before the next is told to.
#[derive(Debug, Default)]
pub(crate) struct Farewell {
    left: Vec<Arc<dyn Kin>>,
    /// When the last of them was told to stop.
    asked: Option<Time>,
}

impl Farewell {
    /// That of a family, if there is one.
    pub(crate) fn of(family: Option<Family>) -> Self {
        Self {
            left: family.map_or(Vec::new(), Family::break_up),
            asked: None,
        }
    }

    /// Whether there is nobody left.
    pub(crate) fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// Goes on. The moment at which to look again, if no child's end is heard of before; `None` once all have ended.
    pub(crate) fn go_on(&mut self, now: Time) -> Option<Time> {
        while let Some(child) = self.left.last() {
            if !child.record().has_ended() {
                let asked = *self.asked.get_or_insert_with(|| {
                    child.post(Order::Stop);
                    now
                });
                let until = given_up_at(child.as_ref(), asked);
                if now < until {
                    return Some(until);
                }
                if now >= until + PATIENCE {
                    // Whoever looks as late as that was kept from looking, and maybe the child with it.
                    self.asked = Some(now);
                    continue;
                }
                give_up(child.as_ref());
            }
            self.left.pop();
            self.asked = None;
        }
        None
    }

    /// Ends all that are left at once.
    pub(crate) fn abort(&self) {
        let children = self.left.iter().rev();
        children.for_each(|child| child.post(Order::Abort));
    }
}
