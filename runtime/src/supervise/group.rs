//! Actors that are built anew together.
//!
//! The members may live on different threads. What is to become of each stands here, under a lock; a member is only
//! nudged, and then reads its word itself, so that words never overtake each other.

use super::Strategy;
use crate::Time;
use crate::kin::Kin;
use crate::mailbox::Order;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A group with one strategy.
pub(crate) struct Group {
    strategy: Strategy,
    inner: Mutex<Inner>,
}

struct Inner {
    /// In the order in which they were started.
    members: Vec<Member>,
    /// Nobody is opened before this moment.
    due: Time,
    dissolved: bool,
}

struct Member {
    kin: Arc<dyn Kin>,
    state: State,
}

/// What a member is doing for its group.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// It lives its own life.
    Up,
    /// It has to leave when its turn comes, because this one failed.
    Doomed(Arc<str>),
    /// It was told to leave.
    Leaving(Arc<str>),
    /// Its incarnation is wholly gone.
    Gone,
    /// It was told to open, and has not started yet.
    Opening,
}

/// What a member has to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Stop, because this one failed.
    Leave(Arc<str>),
    /// Open again at this moment.
    Open(Time),
}

impl Group {
    /// An empty group.
    pub(crate) fn new(strategy: Strategy) -> Self {
        let inner = Inner {
            members: Vec::new(),
            due: Time::ZERO,
            dissolved: false,
        };
        Self {
            strategy,
            inner: Mutex::new(inner),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a member that was started after all others. `false`: the others are being built anew, and it opens with
    /// them, when it is told to.
    pub(crate) fn join(&self, kin: Arc<dyn Kin>) -> bool {
        let mut inner = self.lock();
        let calm = inner.members.iter().all(|member| member.state == State::Up);
        let state = if calm { State::Up } else { State::Gone };
        inner.members.push(Member { kin, state });
        calm
    }

    /// From here on nobody is told anything: all are about to end.
    pub(crate) fn dissolve(&self) {
        self.lock().dissolved = true;
    }

    /// A member has failed and is gone; it may be opened at `due`, and those that its strategy names have to leave.
    pub(crate) fn failed(&self, kin: &dyn Kin, due: Time) {
        let mut inner = self.lock();
        inner.due = inner.due.max(due);
        let Some(place) = inner.place(kin.id()) else {
            return;
        };
        inner.members[place].state = State::Gone;
        let affected = match self.strategy {
            Strategy::OneForOne => inner.members.len(),
            Strategy::RestForOne => place,
            Strategy::OneForAll => 0,
        };
        for member in inner.members.iter_mut().skip(affected) {
            if matches!(member.state, State::Up | State::Opening) {
                member.state = State::Doomed(Arc::clone(kin.name()));
            }
        }
        Self::go_on(inner);
    }

    /// A member has left as it was told to.
    pub(crate) fn gone(&self, id: u64) {
        self.note(id, |member| member.state = State::Gone);
    }

    /// A member has started.
    pub(crate) fn started(&self, id: u64) {
        self.note(id, |member| {
            if member.state == State::Opening {
                member.state = State::Up;
            }
        });
    }

    /// A member has ended for good.
    pub(crate) fn ended(&self, id: u64) {
        let mut inner = self.lock();
        if let Some(place) = inner.place(id) {
            inner.members.remove(place);
        }
        Self::go_on(inner);
    }

    /// What a member has to do now.
    pub(crate) fn word(&self, id: u64) -> Option<Word> {
        let inner = self.lock();
        let member = inner.place(id).filter(|_| !inner.dissolved)?;
        match &inner.members[member].state {
            State::Leaving(because) => Some(Word::Leave(Arc::clone(because))),
            State::Opening => Some(Word::Open(inner.due)),
            State::Up | State::Doomed(_) | State::Gone => None,
        }
    }

    /// Whether a member has to leave, or has left: it must not open before it is told to.
    pub(crate) fn holds_back(&self, id: u64) -> bool {
        let inner = self.lock();
        let is_up = |place: usize| matches!(inner.members[place].state, State::Up | State::Opening);
        inner.place(id).is_some_and(|place| !is_up(place))
    }

    fn note(&self, id: u64, what: impl FnOnce(&mut Member)) {
        let mut inner = self.lock();
        if let Some(place) = inner.place(id) {
            what(&mut inner.members[place]);
        }
        Self::go_on(inner);
    }

    /// Tells the next member what it has to do, if it is time for it; unlocks first.
    fn go_on(mut inner: MutexGuard<'_, Inner>) {
        let next = inner.next();
        drop(inner);
        if let Some(kin) = next {
            kin.post(Order::Group);
        }
    }
}

impl Inner {
    fn place(&self, id: u64) -> Option<usize> {
        let known = |member: &Member| member.kin.id();
        self.members.binary_search_by_key(&id, known).ok()
    }

    /// Whom to tell: one after the other has to leave, the last first; then one after the other has to open.
    fn next(&mut self) -> Option<Arc<dyn Kin>> {
        if self.dissolved || self.any(|state| matches!(state, State::Leaving(_))) {
            return None;
        }
        for member in self.members.iter_mut().rev() {
            if let State::Doomed(because) = &member.state {
                member.state = State::Leaving(Arc::clone(because));
                return Some(Arc::clone(&member.kin));
            }
        }
        if self.any(|state| *state == State::Opening) {
            return None;
        }
        let mut members = self.members.iter_mut();
        let first = members.find(|member| member.state == State::Gone)?;
        first.state = State::Opening;
        Some(Arc::clone(&first.kin))
    }

    fn any(&self, is: impl Fn(&State) -> bool) -> bool {
        self.members.iter().any(|member| is(&member.state))
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Group({:?})", self.strategy)
    }
}
