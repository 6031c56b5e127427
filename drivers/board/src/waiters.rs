//! Several that wait for the edges of one line, which itself knows only the one that asked last.

use std::task::{Context, Waker};

/// More are never kept: who is woken in vain asks again.
const MOST: usize = 8;

/// Who waits.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    /// Whom the line knows.
    last: Option<Waker>,
    others: Vec<Waker>,
}

impl Waiters {
    /// The line knows this one from now on.
    pub(crate) fn wait(&mut self, cx: &Context<'_>) {
        match &mut self.last {
            Some(last) if last.will_wake(cx.waker()) => {}
            Some(last) => {
                let before = std::mem::replace(last, cx.waker().clone());
                if self.others.len() == MOST {
                    self.others.remove(0).wake();
                }
                self.others.push(before);
            }
            none => *none = Some(cx.waker().clone()),
        }
    }

    /// Has all but the last ask again: it got an edge, or waits no more.
    pub(crate) fn wake_others(&mut self) {
        for other in self.others.drain(..) {
            other.wake();
        }
    }
}
