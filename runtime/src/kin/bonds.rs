//! Who is to hear of an actor's end: those that wait for it, watch it, or are linked to it.

use super::Kin;
use crate::Reason;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// The bonds of one actor, and its end when it has come. Most actors have none, so they are made at first use.
#[derive(Debug, Default)]
pub(crate) struct Bonds(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner(Option<Box<Ties>>);

/// All who are to hear of an end, and the end.
#[derive(Debug, Default)]
pub(crate) struct Ties {
    end: Option<Reason>,
    pub(crate) waiting: Vec<(u64, Waker)>,
    next_waiter: u64,
    pub(crate) watchers: Vec<Watcher>,
    pub(crate) links: Vec<Link>,
    /// Who lives in its place and has all its bonds: it lives in another process.
    stand_in: Option<Arc<dyn Kin>>,
}

/// One that watches, and by which number it knows that it does.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) kin: Arc<dyn Kin>,
    pub(crate) watch: u64,
}

/// One whose failure is this actor's, and the other way round.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) peer: Arc<dyn Kin>,
    /// The incarnation of it that is linked: how often it had been restarted.
    pub(crate) incarnation: u64,
}

impl Bonds {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has another, who lives in this actor's place, take over all bonds, for ever.
    #[cfg(unix)]
    pub(crate) fn hand_over(&self, kin: &Arc<dyn Kin>) {
        let mut inner = self.lock();
        let stands_in = Ties {
            stand_in: Some(Arc::clone(kin)),
            ..Ties::default()
        };
        let ties = inner.0.replace(Box::new(stands_in));
        kin.record().bonds.lock().0 = ties;
    }

    /// Who has all bonds instead, if anyone.
    pub(crate) fn stand_in(&self) -> Option<Arc<dyn Kin>> {
        self.lock().stand_in()
    }

    /// Adds one that watches; or says why the actor has ended.
    pub(crate) fn watch(&self, watcher: Watcher) -> Result<(), Reason> {
        if let Some(kin) = self.stand_in() {
            return kin.record().bonds.watch(watcher);
        }
        let mut inner = self.lock();
        inner.unless_ended()?.watchers.push(watcher);
        Ok(())
    }

    /// Takes out one that watches.
    pub(crate) fn unwatch(&self, kin: u64, watch: u64) {
        if let Some(stand_in) = self.stand_in() {
            return stand_in.record().bonds.unwatch(kin, watch);
        }
        if let Some(ties) = &mut self.lock().0 {
            let it = |watcher: &Watcher| watcher.kin.id() == kin && watcher.watch == watch;
            ties.watchers.retain(|watcher| !it(watcher));
        }
    }

    /// Adds a link, unless the two are linked already; or says why the actor has ended. `count` is read while nobody
    /// can end the incarnation unseen: it is the one that is linked.
    pub(crate) fn link(&self, link: Link, count: impl FnOnce() -> u64) -> Result<u64, Reason> {
        if let Some(kin) = self.stand_in() {
            let record = kin.record();
            // Not this closure once more, which would have another closure as its type, and that another.
            let restarts: &dyn Fn() -> u64 = &|| record.restarts();
            return record.bonds.link(link, restarts);
        }
        let mut inner = self.lock();
        let links = &mut inner.unless_ended()?.links;
        let known = links
            .iter_mut()
            .find(|known| known.peer.id() == link.peer.id());
        match known {
            Some(known) => *known = link,
            None => links.push(link),
        }
        Ok(count())
    }

    /// Takes out the link to one incarnation of another actor.
    pub(crate) fn unlink(&self, kin: u64, incarnation: u64) {
        if let Some(stand_in) = self.stand_in() {
            return stand_in.record().bonds.unlink(kin, incarnation);
        }
        if let Some(ties) = &mut self.lock().0 {
            let it = |link: &Link| link.peer.id() == kin && link.incarnation == incarnation;
            ties.links.retain(|link| !it(link));
        }
    }

    /// The links of an incarnation that has ended.
    pub(crate) fn take_links(&self) -> Vec<Link> {
        let mut inner = self.lock();
        let ties = inner.0.as_mut();
        ties.map_or(Vec::new(), |ties| std::mem::take(&mut ties.links))
    }

    /// Notes the end, for good; who is to hear of it.
    pub(crate) fn end(&self, why: Reason) -> Ties {
        let mut inner = self.lock();
        let ties = inner.0.get_or_insert_default();
        let end = Some(why);
        std::mem::replace(
            ties.as_mut(),
            Ties {
                end,
                ..Ties::default()
            },
        )
    }

    /// The end, if it has come.
    pub(crate) fn ended(&self) -> Option<Reason> {
        self.lock().0.as_ref()?.end.clone()
    }

    /// The end, if it has come; else the waker is woken by it. `waiter` is the place of the one that asks.
    pub(crate) fn poll_end(&self, waiter: &mut Option<u64>, waker: &Waker) -> Poll<Reason> {
        let mut inner = self.lock();
        if let Some(kin) = inner.stand_in() {
            drop(inner);
            return kin.record().bonds.poll_end(waiter, waker);
        }
        let ties = match inner.unless_ended() {
            Ok(ties) => ties,
            Err(why) => return Poll::Ready(why),
        };
        let known = ties.waiting.iter_mut().find(|(id, _)| Some(*id) == *waiter);
        if let Some((_, known)) = known {
            known.clone_from(waker);
        } else {
            *waiter = Some(ties.next_waiter);
            if ties.waiting.is_empty() {
                // Few ends are waited for by more than one.
                ties.waiting.reserve_exact(1);
            }
            ties.waiting.push((ties.next_waiter, waker.clone()));
            ties.next_waiter += 1;
        }
        Poll::Pending
    }

    /// One that waited for the end does so no more.
    pub(crate) fn give_up(&self, waiter: u64) {
        let mut inner = self.lock();
        if let Some(kin) = inner.stand_in() {
            drop(inner);
            return kin.record().bonds.give_up(waiter);
        }
        if let Some(ties) = &mut inner.0 {
            let place = ties.waiting.iter().position(|(id, _)| *id == waiter);
            let gone = place.map(|place| ties.waiting.swap_remove(place));
            drop(inner);
            // Its waker is the code of others.
            drop(gone);
        }
    }
}

impl Inner {
    fn stand_in(&self) -> Option<Arc<dyn Kin>> {
        self.0.as_ref()?.stand_in.clone()
    }

    fn unless_ended(&mut self) -> Result<&mut Ties, Reason> {
        let ties = self.0.get_or_insert_default();
        match &ties.end {
            Some(why) => Err(why.clone()),
            None => Ok(ties),
        }
    }
}
