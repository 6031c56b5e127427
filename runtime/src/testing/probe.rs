//! An actor that a test puts where others send to.

use super::record::Record;
use super::{Received, Trial};
use crate::{Actor, Address, Context, Ended, Failure, Handler, Progress, Time};
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How far a run on the real clock goes before the probe is looked at again.
const REAL_STEP: Duration = Duration::from_millis(1);

/// An actor that a test puts where others send to: it records what comes, when, and from whom, and the test says what
/// it expects. A clone of it goes into the graph, or is spawned; what one clone gets, all know of.
///
/// It takes every message that is or converts into an `M`: told by address or [`Recipient`](crate::Recipient), along an
/// edge, as a command (`Probe<Leased<Twist>>`), as the end of another ([`watching`](Self::watching)) or as a
/// [`DeadLetter`](crate::DeadLetter) ([`read_dead_letters`](crate::SystemHandle::read_dead_letters)). With an enum that
/// has a `From` for each of several types, one probe takes all of them, in their order.
///
/// ```
/// use sinew_runtime::testing::{Probe, Trial};
/// use sinew_runtime::{DeadLetter, Graph};
/// use std::time::Duration;
///
/// let mut graph = Graph::new("letters");
/// let letters = Probe::<DeadLetter>::new();
/// let reader = graph.add("reader", letters.clone());
/// let gone = graph.add("gone", Probe::<u8>::new());
/// let mut trial = Trial::of(graph);
/// trial.handle().read_dead_letters(reader.address().recipient());
/// gone.address().try_tell(7).unwrap();
/// gone.address().stop();
/// let letter = letters.expect(&mut trial, Duration::from_millis(1)).message;
/// assert_eq!((&*letter.to, letter.message), ("gone", "u8"));
/// ```
pub struct Probe<M> {
    record: Arc<Mutex<Record<M>>>,
    watching: Vec<Arc<dyn Watch<M>>>,
}

impl<M: Debug + Send + 'static> Probe<M> {
    /// A probe that was sent nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            record: Arc::default(),
            watching: Vec::new(),
        }
    }

    /// A probe that hears of the end of this actor as well.
    #[must_use]
    pub fn watching<B: Actor>(mut self, whom: &Address<B>) -> Self
    where
        Ended: Into<M>,
    {
        self.watching.push(Arc::new(whom.clone()));
        self
    }

    /// Runs the system until the next message comes, unless one came before that no expectation took, and takes it. In
    /// virtual time the system then stands at the very turn in which it came.
    ///
    /// # Panics
    ///
    /// If none comes within this time, or if an actor failed that may not.
    #[track_caller]
    pub fn expect(&self, trial: &mut Trial, within: Duration) -> Received<M> {
        self.expect_where(trial, within, "a message", |_| true)
    }

    /// As [`expect`](Self::expect), for the next message of which `is_it` holds; those before it are passed over. `what`
    /// names it where it does not come: "a stop".
    ///
    /// # Panics
    ///
    /// If none comes within this time, or if an actor failed that may not.
    #[track_caller]
    pub fn expect_where(
        &self,
        trial: &mut Trial,
        within: Duration,
        what: &str,
        mut is_it: impl FnMut(&M) -> bool,
    ) -> Received<M> {
        let until = trial.now() + within;
        let mut end = None;
        loop {
            while let Some(received) = self.next() {
                if is_it(&received) {
                    trial.check();
                    return received;
                }
            }
            if let Some(end) = end {
                let expected = format!("expected {what} within {within:?}");
                let came = format!("none came by {}{end}", trial.now());
                self.fail(trial, &format!("{expected}, and {came}"));
            }
            end = self.run(trial, until);
        }
    }

    /// Runs the system for this time, and nothing may come, nor have come that no expectation took.
    ///
    /// # Panics
    ///
    /// If anything came, or if an actor failed that may not.
    #[track_caller]
    pub fn expect_silence(&self, trial: &mut Trial, time: Duration) {
        let until = trial.now() + time;
        trial.run_until(until);
        if let Some(first) = self.next() {
            self.fail(
                trial,
                &format!("expected silence for {time:?}, and got {first}"),
            );
        }
        trial.check();
    }

    /// Takes all that came and that no expectation took.
    #[must_use]
    pub fn take(&self) -> Vec<Received<M>> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// Runs until the next message comes. `Some`: none did; how the run ended, in words.
    fn run(&self, trial: &mut Trial, until: Time) -> Option<String> {
        let step = if trial.is_virtual() {
            until
        } else {
            until.min(trial.now() + REAL_STEP)
        };
        self.lock().is_awaited = true;
        let (progress, is_paused) = trial.run_until_paused(step);
        self.lock().is_awaited = false;
        match progress {
            _ if is_paused => None,
            Progress::Ended(why) => Some(format!(": the system has ended, {why}")),
            Progress::Reached if trial.now() >= until => Some(String::new()),
            Progress::Reached => None,
        }
    }

    fn next(&self) -> Option<Received<M>> {
        self.lock().next()
    }

    /// Fails the test, with all that the probe got, and with what failed meanwhile: the cause, more often than not.
    #[track_caller]
    fn fail(&self, trial: &Trial, why: &str) -> ! {
        let (name, got) = self.lock().in_words();
        let seed = trial.seed();
        let trouble = match trial.take_trouble() {
            Some(trouble) => format!("\n  meanwhile {trouble}"),
            None => format!("\n  with seed {seed}"),
        };
        panic!("`{name}` {why}\n  all that it got: {got}{trouble}");
    }
}

impl<M> Probe<M> {
    fn lock(&self) -> MutexGuard<'_, Record<M>> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Debug + Send + 'static> Default for Probe<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> Clone for Probe<M> {
    fn clone(&self) -> Self {
        Self {
            record: Arc::clone(&self.record),
            watching: self.watching.clone(),
        }
    }
}

impl<M> Debug for Probe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Probe<{}>", std::any::type_name::<M>())
    }
}

impl<M: Debug + Send + 'static> Actor for Probe<M> {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.lock().name = Some(Arc::from(ctx.name()));
        self.watching.iter().for_each(|whom| whom.watch(ctx));
        Ok(())
    }
}

impl<M, N> Handler<N> for Probe<M>
where
    M: Debug + Send + 'static,
    N: Into<M> + Send + 'static,
{
    type Reply = ();

    async fn handle(&mut self, message: N, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let sender = ctx.sender();
        let received = Received {
            message: message.into(),
            at: ctx.now(),
            sender,
            from: sender.and_then(|sender| ctx.name_of(sender)),
        };
        let mut record = self.lock();
        record.add(received);
        if record.is_awaited {
            ctx.pause_virtual_time();
        }
        Ok(())
    }
}

/// One whose end a probe hears of, without its type.
trait Watch<M>: Send + Sync {
    fn watch(&self, ctx: &mut Context<Probe<M>>)
    where
        M: Debug + Send + 'static;
}

impl<M, B: Actor> Watch<M> for Address<B>
where
    Ended: Into<M>,
{
    fn watch(&self, ctx: &mut Context<Probe<M>>)
    where
        M: Debug + Send + 'static,
    {
        ctx.watch(self);
    }
}
