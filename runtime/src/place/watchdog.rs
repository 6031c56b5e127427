//! The watchdog: it names the actor that holds its thread too long.
//!
//! A scheduler says whose turn begins, and that it sleeps, with one relaxed store each, and reads no clock for it. The
//! watchdog looks twenty times a second: a turn that it meets again and again has lasted since it met it first.

use crate::clock::RealClock;
use crate::directory::Directory;
use crate::sched::here::NOBODY;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long an actor may hold its thread: ten periods of a 100 Hz loop.
pub(crate) const HOLD_LIMIT: Duration = Duration::from_millis(100);
/// How often the watchdog looks; a hold is noticed at most this much late.
const LOOK: Duration = Duration::from_millis(50);
/// How many bits of a turn's number say whose it is: enough for a trillion actors, one after the other.
const ACTOR_BITS: u32 = 40;
/// The last bits of a turn's number. In the others sixteen million turns are told apart: as many as no thread takes
/// between two looks.
const ACTOR: u64 = (1 << ACTOR_BITS) - 1;

/// What the scheduler of one thread publishes. Written by that thread only, read by the watchdog.
pub(crate) struct Holder {
    thread: Arc<str>,
    /// The number of the turn, and in its last bits the actor's number, or [`NOBODY`] while it sleeps.
    turn: AtomicU64,
}

impl Holder {
    /// Of the thread with this name.
    pub(crate) fn of_thread(name: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            thread: name.into(),
            turn: AtomicU64::new(NOBODY),
        })
    }

    /// A turn of the actor with this number begins, and with it ends the one before. Called by the thread itself.
    pub(crate) fn begins(&self, actor: u64) {
        self.publish(actor & ACTOR);
    }

    /// The thread is about to sleep. Called by the thread itself.
    pub(crate) fn sleeps(&self) {
        self.publish(NOBODY);
    }

    /// Only one thread writes, so that the number needs no addition that several may do at once.
    fn publish(&self, actor: u64) {
        let number = (self.turn.load(Ordering::Relaxed) >> ACTOR_BITS).wrapping_add(1);
        self.turn
            .store(number << ACTOR_BITS | actor, Ordering::Relaxed);
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holder(thread {})", self.thread)
    }
}

/// What the watchdog knows of one thread.
struct Watched {
    holder: Arc<Holder>,
    /// Who the actors are.
    directory: Arc<Directory>,
    /// The turn of the last look.
    turn: u64,
    /// How long it has been met.
    held: Duration,
}

/// A turn that came to the limit, or one that did and is over.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Holds(Arc<str>),
    LetGo(Duration),
}

impl Watched {
    fn new(holder: Arc<Holder>, directory: Arc<Directory>) -> Self {
        Self {
            holder,
            directory,
            turn: NOBODY,
            held: Duration::ZERO,
        }
    }

    /// Looks once, so long after the last look. What kept the watchdog itself, a machine that stood still, may have
    /// kept the thread as well: a late look counts as two at most.
    fn look(&mut self, passed: Duration, limit: Duration) -> Option<Found> {
        let turn = self.holder.turn.load(Ordering::Relaxed);
        let before = self.held;
        if turn != self.turn {
            self.turn = turn;
            self.held = Duration::ZERO;
            return (before >= limit).then_some(Found::LetGo(before));
        }
        if turn & ACTOR == NOBODY {
            return None;
        }
        self.held += passed.min(2 * LOOK);
        (before < limit && self.held >= limit).then(|| Found::Holds(self.count()))
    }

    /// Counts the hold; says whose it is.
    fn count(&self) -> Arc<str> {
        match self.directory.numbered(self.turn & ACTOR) {
            Some(actor) => {
                actor.record().add_trouble(|it| &it.held_too_long, 1);
                Arc::clone(actor.name())
            }
            None => Arc::from("an actor that ended meanwhile"),
        }
    }

    fn tell(&self, found: &Found) {
        let thread = &self.holder.thread;
        match found {
            Found::Holds(node) => tracing::warn!(
                %node,
                %thread,
                held_ms = self.held.as_millis() as u64,
                "holds its thread: let its handler await, or give it a thread of its own"
            ),
            Found::LetGo(held) => tracing::info!(
                %thread,
                held_ms = held.as_millis() as u64,
                "goes on after a long turn"
            ),
        }
    }
}

/// Watches over threads on the real clock until it is dropped; a thread of its own.
#[derive(Debug)]
pub(crate) struct Watchdog {
    /// Nothing is sent: that it is gone ends the watch.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Begins to watch over these threads.
    ///
    /// # Errors
    ///
    /// If the operating system denies a thread.
    pub(crate) fn over(
        holders: Vec<Arc<Holder>>,
        directory: &Arc<Directory>,
        limit: Duration,
    ) -> io::Result<Self> {
        let (alive, ended) = channel();
        let watched = |holder| Watched::new(holder, Arc::clone(directory));
        let mut watched: Vec<_> = holders.into_iter().map(watched).collect();
        let watch = move || {
            let clock = RealClock::absolute();
            let mut last = clock.now();
            while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let now = clock.now();
                for one in &mut watched {
                    if let Some(found) = one.look(now.since(last), limit) {
                        one.tell(&found);
                    }
                }
                last = now;
            }
        };
        let thread = thread::Builder::new().name("sinew-watchdog".into());
        Ok(Self {
            alive: Some(alive),
            thread: Some(thread.spawn(watch)?),
        })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.alive = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the watchdog panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Actor;
    use crate::kin::Kin;
    use crate::mailbox::Mailbox;

    struct Quiet;
    impl Actor for Quiet {}

    /// Actors with the numbers 1, 2, and so on.
    fn named(names: &[&str]) -> (Arc<Holder>, Arc<Directory>, Vec<Arc<dyn Kin>>) {
        let shared = Arc::default();
        let kin = |name: &&str| Arc::new(Mailbox::<Quiet>::new(*name, Arc::clone(&shared))) as _;
        let actors: Vec<Arc<dyn Kin>> = names.iter().map(kin).collect();
        let directory = Directory::of(actors.clone(), Arc::default());
        (Holder::of_thread("main"), Arc::new(directory), actors)
    }

    fn counts(actors: &[Arc<dyn Kin>]) -> Vec<u64> {
        let count = |actor: &Arc<dyn Kin>| actor.record().trouble(|it| &it.held_too_long);
        actors.iter().map(count).collect()
    }

    #[test]
    fn a_turn_that_is_met_until_the_limit_is_told_and_counted_once() {
        let (holder, directory, counters) = named(&["a", "b"]);
        let mut watched = Watched::new(Arc::clone(&holder), directory);
        holder.begins(2);
        let mut look = || watched.look(LOOK, HOLD_LIMIT);
        assert_eq!([look(), look()], [None, None], "first met, then 50 ms");
        assert_eq!(look(), Some(Found::Holds("b".into())), "100 ms");
        assert!((0..100).all(|_| look().is_none()), "once");
        assert_eq!(counts(&counters), [0, 1]);
        holder.begins(2);
        let all = LOOK * 102;
        assert_eq!(look(), Some(Found::LetGo(all)), "the next turn is another");
        assert_eq!([look(), look()], [None, Some(Found::Holds("b".into()))]);
        assert_eq!(counts(&counters), [0, 2]);
    }

    #[test]
    fn a_thread_that_works_or_sleeps_is_never_blamed() {
        let (holder, directory, counters) = named(&["a"]);
        let mut watched = Watched::new(Arc::clone(&holder), directory);
        for _ in 0..50 {
            holder.begins(1);
            assert_eq!(watched.look(LOOK, HOLD_LIMIT), None);
        }
        holder.sleeps();
        assert!((0..50).all(|_| watched.look(LOOK, HOLD_LIMIT).is_none()));
        for _ in 0..50 {
            holder.begins(1);
            holder.sleeps();
            holder.begins(1);
            assert_eq!(watched.look(LOOK, HOLD_LIMIT), None);
        }
        assert_eq!(counts(&counters), [0]);
    }

    #[test]
    fn a_machine_that_stood_still_is_nobodys_hold() {
        let (holder, directory, _) = named(&["a"]);
        let mut watched = Watched::new(Arc::clone(&holder), directory);
        let limit = Duration::from_secs(1);
        holder.begins(1);
        assert_eq!(watched.look(LOOK, limit), None);
        assert_eq!(watched.look(Duration::from_secs(3_600), limit), None);
        assert_eq!(watched.held, 2 * LOOK);
    }

    #[test]
    fn one_that_ended_meanwhile_has_no_name_any_more() {
        let (holder, directory, counters) = named(&["a"]);
        let mut watched = Watched::new(Arc::clone(&holder), directory);
        holder.begins(2);
        watched.look(LOOK, LOOK);
        let nobody = "an actor that ended meanwhile".into();
        assert_eq!(watched.look(LOOK, LOOK), Some(Found::Holds(nobody)));
        assert_eq!(counts(&counters), [0]);
    }

    #[test]
    fn turns_are_told_apart_beyond_the_last_number() {
        let (holder, ..) = named(&["a"]);
        holder.turn.store(u64::MAX, Ordering::Relaxed);
        holder.begins(1);
        assert_eq!(holder.turn.load(Ordering::Relaxed), 1);
        holder.begins(1);
        assert_eq!(holder.turn.load(Ordering::Relaxed), 1 << ACTOR_BITS | 1);
    }

    #[test]
    fn the_watchdog_finds_a_hold_by_itself_and_ends_when_it_is_dropped() {
        let (holder, directory, counters) = named(&["a", "b"]);
        let watchdog = Watchdog::over(vec![Arc::clone(&holder)], &directory, HOLD_LIMIT).unwrap();
        holder.begins(2);
        while counts(&counters) == [0, 0] {
            thread::yield_now();
        }
        drop(watchdog);
        assert_eq!(counts(&counters), [0, 1]);
        assert_eq!(Arc::strong_count(&holder), 1, "its thread is gone");
    }
}
